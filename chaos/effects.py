"""Was each fault felt by shoppers, and was it healed? Judged from the history alone. Pure."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import polars as pl

from rehearsal.model.clock import seconds
from rehearsal.model.history import REFUSALS, Kind, Outcome, Step
from rehearsal.model.plan import FaultKind
from rehearsal.model.timeline import PlacedFault, Timeline
from rehearsal.model.verdict import Finding, Status

_SERVER_ERROR = 500


@dataclass(frozen=True, slots=True)
class Track:
    """One fault's rows by step ("inject", "effect", "heal", "healed"); a step not reached has no row."""

    rows: dict[str, dict[str, object]]

    def ok(self, step: str) -> bool:
        """Tell whether a step was reached and went well."""
        return step in self.rows and self.rows[step]["outcome"] == Outcome.OK

    def saw(self, step: str) -> str:
        """Return what a step saw, in words."""
        if step not in self.rows:
            return f"the step {step!r} was never reached"
        return str(self.rows[step]["note"]).partition(": ")[2]

    def at_ns(self, step: str, column: str) -> int:
        """Return a step's sent_ns or done_ns; KeyError if it was not reached."""
        return int(str(self.rows[step][column]))


def fault_findings(frame: pl.DataFrame, timeline: Timeline, *, by_step: bool = True) -> tuple[Finding, ...]:
    """Return for every placed fault the checks `fault.<kind>.effect` and `fault.<kind>.healed`.

    The effect passes if the canary proved it *and* shoppers felt it while it was held: at the steps it
    breaks, or in any request if nobody knows which those are. A healing that went well and was not proven
    says in its evidence when the proof was tried. `frame` has the columns of
    rehearsal.rundir.history_file.SCHEMA.
    """
    findings: list[Finding] = []
    for placed, track in zip(timeline.faults, _tracks(frame, timeline.faults), strict=True):
        felt = _FELT[placed.fault.kind] if by_step else _felt_anyhow
        findings += [_effect(frame, placed, track, felt), _healed(placed, track)]
    return tuple(findings)


def _tracks(frame: pl.DataFrame, faults: Sequence[PlacedFault]) -> list[Track]:
    """Return each fault's rows. The nemesis walks in order: the n-th inject of a kind is its n-th fault."""
    seen: dict[str, list[dict[str, dict[str, object]]]] = {}
    for row in frame.filter(pl.col("kind") == Kind.FAULT).sort("done_ns").iter_rows(named=True):
        step = str(row["note"]).partition(":")[0]
        turns = seen.setdefault(row["f"], [])
        if step == "inject":
            turns.append({})
        if turns:
            turns[-1][step] = row
    iterators = {kind: iter(turns) for kind, turns in seen.items()}
    return [Track(next(iterators.get(placed.fault.kind, iter(())), {})) for placed in faults]


def _effect(frame: pl.DataFrame, placed: PlacedFault, track: Track, judge: "Felt") -> Finding:
    check, subject = f"fault.{placed.fault.kind}.effect", placed.fault.phase
    if not track.ok("effect"):
        summary = f"The fault was not proven: {track.saw('effect')}."
        return Finding(check=check, status=Status.INCONCLUSIVE, summary=summary, subject=subject)
    start_ns = track.at_ns("inject", "done_ns")
    end_ns = track.at_ns("heal", "sent_ns") if "heal" in track.rows else placed.window.end_ns
    felt, words = judge(frame.filter(pl.col("kind") == Kind.OP), placed, (start_ns, end_ns))
    return Finding(
        check=check,
        status=Status.PASS if felt else Status.INCONCLUSIVE,
        summary=f"The canary proved it ({track.saw('effect')}); {words}.",
        subject=subject,
        evidence={"canary": track.saw("effect"), "start_s": seconds(start_ns), "end_s": seconds(end_ns)},
    )


def _healed(placed: PlacedFault, track: Track) -> Finding:
    check, subject = f"fault.{placed.fault.kind}.healed", placed.fault.phase
    if not track.rows:
        summary = "The history has no trace of this fault."
        return Finding(check=check, status=Status.INCONCLUSIVE, summary=summary, subject=subject)
    if not track.ok("healed"):
        step = "healed" if track.ok("heal") else "heal"
        summary = f"The fault was not healed: {track.saw(step)}."
        return Finding(
            check=check, status=Status.FAIL, summary=summary, subject=subject, evidence=_unproven(track)
        )
    took_s = seconds(track.at_ns("healed", "done_ns") - track.at_ns("heal", "sent_ns"))
    return Finding(
        check=check,
        status=Status.PASS,
        summary=f"Healed and proven {took_s:.2f} s after the healing began: {track.saw('healed')}.",
        subject=subject,
        measured=round(took_s, 3),
        unit="s",
    )


def _unproven(track: Track) -> dict[str, float]:
    """Return from when to when the proof was tried in vain (`start_s`, `end_s`), if the mending went well."""
    if not track.ok("heal") or "healed" not in track.rows:
        return {}
    return {
        "start_s": seconds(track.at_ns("heal", "done_ns")),
        "end_s": seconds(track.at_ns("healed", "done_ns")),
    }


Felt = Callable[[pl.DataFrame, PlacedFault, tuple[int, int]], tuple[bool, str]]


def _done_in(window: tuple[int, int]) -> pl.Expr:
    return (pl.col("done_ns") >= window[0]) & (pl.col("done_ns") < window[1])


def _pay(frame: pl.DataFrame, window: tuple[int, int]) -> pl.DataFrame:
    return frame.filter((pl.col("f") == Step.PAY) & _done_in(window))


def _felt_anyhow(ops: pl.DataFrame, _: PlacedFault, window: tuple[int, int]) -> tuple[bool, str]:
    """Tell whether any answer was the shop's own failure, whatever a stranger's locustfile made of it."""
    met = (pl.col("outcome") == Outcome.INFO) | (pl.col("status") >= _SERVER_ERROR) | _not_sent()
    felt = ops.filter(_done_in(window) & met).height
    return felt > 0, f"{_counted(felt, 'request')} met it"


def _not_sent() -> pl.Expr:
    return (pl.col("outcome") == Outcome.FAIL) & (pl.col("status") == 0)


def _felt_unreachable(ops: pl.DataFrame, _: PlacedFault, window: tuple[int, int]) -> tuple[bool, str]:
    hit = (pl.col("error") == "payment_unavailable") | (pl.col("outcome") == Outcome.INFO)
    felt = _pay(ops, window).filter((pl.col("channel") == "card") & hit).height
    return felt > 0, f"{_counted(felt, 'card payment')} met it"


def _felt_lost(ops: pl.DataFrame, _: PlacedFault, window: tuple[int, int]) -> tuple[bool, str]:
    felt = _pay(ops, window).filter(pl.col("outcome") == Outcome.INFO).height
    return felt > 0, f"{_counted(felt, 'payment')} left without an answer"


def _felt_killed(ops: pl.DataFrame, placed: PlacedFault, window: tuple[int, int]) -> tuple[bool, str]:
    """Tell whether nobody was served there and somebody noticed: an attempt failed, or a visit moved."""
    region = placed.fault.region
    there, ok = pl.col("region") == region, pl.col("outcome") == Outcome.OK
    inside = ops.filter(_done_in(window))
    # By the time of sending: an answer that was on its way when the region died may be read much later.
    served = inside.filter(there & ok & (pl.col("sent_ns") >= window[0])).height
    if served:
        return False, f"yet region {region} went on serving: {_counted(served, 'request')} there"
    failed = inside.filter(there & ~ok & ~pl.col("error").is_in(list(REFUSALS))).height
    before = ops.filter(there & ok & (pl.col("visit") >= 0) & (pl.col("done_ns") < window[0]))["visit"]
    elsewhere = ~there & (pl.col("region") != "") & pl.col("visit").is_in(before.implode())
    moved = inside.filter(elsewhere & ok)["visit"].n_unique()
    words = f"{_counted(failed, 'request')} failed there and {_counted(moved, 'visit')} moved away"
    return failed + moved > 0, words


def _counted(count: int, noun: str) -> str:
    return f"{count or 'no'} {noun}{'s' if count > 1 else ''}"


_FELT: dict[FaultKind, Felt] = {
    FaultKind.PAYMENT_UNREACHABLE: _felt_unreachable,
    FaultKind.ANSWER_LOST_AFTER_CAPTURE: _felt_lost,
    FaultKind.REGION_KILLED: _felt_killed,
}
