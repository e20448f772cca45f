"""Was each fault felt by shoppers, and was it healed? Judged from the history alone. Pure."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import polars as pl

from chaos.felt_on_links import felt_anywhere, felt_at
from chaos.trouble import LATE_NS, broken, counted, done_in, failed, late, waited
from chaos.world import LISTENERS
from rehearsal.model.clock import seconds
from rehearsal.model.fault_facts import FACTS, STEPS_OF
from rehearsal.model.faults import FaultKind, Function, Promise
from rehearsal.model.history import Kind, Outcome
from rehearsal.model.plan import Fault
from rehearsal.model.timeline import PlacedFault, Timeline
from rehearsal.model.verdict import Finding, Status

_EDGE = "edge_"
#: Faults that delay.
_SLOWED = frozenset(
    {
        FaultKind.REGION_SLOW,
        FaultKind.DATABASE_SLOW,
        FaultKind.RETRY_STORM,
        FaultKind.CACHE_COLD_AND_RETRY_STORM,
        FaultKind.TOXIC,
    }
)

#: Whether shoppers felt it, and that in words; None: they saw that it was not what it was to be.
Felt = tuple[bool | None, str]
Judge = Callable[[pl.DataFrame, Fault, tuple[int, int]], Felt]


@dataclass(frozen=True, slots=True)
class Track:
    """One fault's rows by step (inject, effect, felt, heal, healed); a step not reached has no row."""

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


def fault_findings(
    frame: pl.DataFrame, timeline: Timeline, *, by_step: bool = True, on_links: bool = False
) -> tuple[Finding, ...]:
    """Return for every placed fault the checks `fault.<kind>.effect` and `fault.<kind>.healed`.

    The effect passes if the canary proved it *and* somebody felt it while it was held: shoppers, at the steps
    where they are to notice it (in any request if nobody knows which those are), or the shop's own calls and
    counts, as the step "felt" tells. A healing that went well and was not proven says in its evidence when
    the proof was tried. `frame` has the columns of
    rehearsal.rundir.history_file.SCHEMA; `on_links`: faults struck links of somebody's own shop.
    """
    judge = _JUDGES[on_links, by_step]
    findings: list[Finding] = []
    for placed, track in zip(timeline.faults, _tracks(frame, timeline.faults), strict=True):
        findings += [_effect(frame, placed, track, judge)]
        findings += [_healed(placed, track)]
    return tuple(findings)


def _tracks(frame: pl.DataFrame, faults: Sequence[PlacedFault]) -> list[Track]:
    """Return each fault's rows. The nemesis walks in order: the n-th inject of a kind is its n-th fault."""
    seen: dict[str, list[dict[str, dict[str, object]]]] = {}
    for row in (
        frame.filter(pl.col("kind") == Kind.FAULT).sort("done_ns", maintain_order=True).iter_rows(named=True)
    ):
        step = str(row["note"]).partition(":")[0]
        turns = seen.setdefault(row["f"], [])
        if step == "inject":
            turns.append({})
        if turns:
            turns[-1][step] = row
    iterators = {kind: iter(turns) for kind, turns in seen.items()}
    return [Track(next(iterators.get(placed.fault.kind, iter(())), {})) for placed in faults]


def _effect(frame: pl.DataFrame, placed: PlacedFault, track: Track, judge: Judge) -> Finding:
    check, subject = f"fault.{placed.fault.kind}.effect", placed.fault.phase
    if not track.ok("effect"):
        summary = f"The fault was not proven: {track.saw('effect')}."
        return Finding(check=check, status=Status.INCONCLUSIVE, summary=summary, subject=subject)
    start_ns = track.at_ns("inject", "done_ns")
    end_ns = track.at_ns("heal", "sent_ns") if "heal" in track.rows else placed.window.end_ns
    felt, words = judge(frame.filter(pl.col("kind") == Kind.OP), placed.fault, (start_ns, end_ns))
    evidence: dict[str, object] = {
        "canary": track.saw("effect"),
        "start_s": seconds(start_ns),
        "end_s": seconds(end_ns),
    }
    if "felt" in track.rows:
        evidence["felt"] = track.saw("felt")
        words = f"{words}; {track.saw('felt')}"
    proven = felt or (felt is not None and track.ok("felt"))
    return Finding(
        check=check,
        status=Status.PASS if proven else Status.INCONCLUSIVE,
        summary=f"The canary proved it ({track.saw('effect')}); {words}.",
        subject=subject,
        evidence=evidence,
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


def _felt_anyhow(ops: pl.DataFrame, _: Fault, window: tuple[int, int]) -> Felt:
    """Tell whether any answer was the shop's own failure, whatever a stranger's locustfile made of it."""
    felt = ops.filter(done_in(window) & failed()).height
    return felt > 0, f"{counted(felt, 'request')} met it"


def _felt(ops: pl.DataFrame, fault: Fault, window: tuple[int, int]) -> Felt:
    """Tell whether shoppers met a fault, at the steps where anything is to be noticed."""
    facts = FACTS[fault.kind]
    inside = ops.filter(done_in(window))
    # Whose way a listener of a team's own Toxiproxy is nobody told us: there, as of a command, any may tell.
    if fault.kind is FaultKind.TOXIC and fault.listener in LISTENERS:
        if not fault.listener.startswith(_EDGE):
            return False, f"{fault.listener} is no way that shoppers take"
        inside = inside.filter(pl.col("region") == fault.listener.removeprefix(_EDGE))
    noticed = [function for function in facts.hits if facts.promise[function] is not Promise.WORKS]
    if not noticed:
        return False, "shoppers are to notice nothing of it"
    if facts.in_region:
        return _felt_there(ops, inside, fault, window)
    steps = [step for function in noticed for step in STEPS_OF[function]]
    by_provider = pl.col("channel") != "pay_later"
    felt = inside.filter(pl.col("f").is_in(steps) & by_provider & _met(fault.kind)).height
    where = "" if len(noticed) == len(Function) else f" of {', '.join(noticed).replace('_', ' ')}"
    return felt > 0, f"{counted(felt, 'request')}{where} met it"


def _felt_there(ops: pl.DataFrame, inside: pl.DataFrame, fault: Fault, window: tuple[int, int]) -> Felt:
    """Tell whether somebody noticed in the region: a request failed or waited till its end, or a visit moved.

    Where nobody can be served, nobody may have been.
    """
    there, ok = pl.col("region") == fault.region, pl.col("outcome") == Outcome.OK
    # By the time of sending: an answer that was on its way when it began may be read much later.
    served = inside.filter(there & ok & (pl.col("sent_ns") >= window[0])).height
    if FACTS[fault.kind].dark and served:
        return None, f"yet region {fault.region} went on serving: {counted(served, 'request')} there"
    failed = inside.filter(there & _met(fault.kind)).height
    before = ops.filter(there & ok & (pl.col("visit") >= 0) & (pl.col("done_ns") < window[0]))["visit"]
    elsewhere = ~there & (pl.col("region") != "") & pl.col("visit").is_in(before.implode())
    moved = inside.filter(elsewhere & ok)["visit"].n_unique()
    if not failed + moved and (waiting := ops.filter(there & waited(window)).height):
        return True, f"{counted(waiting, 'request')} waited there till it was over"
    words = f"{counted(failed, 'request')} failed there and {counted(moved, 'visit')} moved away"
    return failed + moved > 0, words


def _met(kind: FaultKind) -> pl.Expr:
    """Tell of each request whether it met trouble of the shop's; a refusal by its own rules is none."""
    met = broken()
    if kind is FaultKind.PAYMENT_DECLINES:
        met |= pl.col("error") == "declined"
    return met | late(LATE_NS) if kind in _SLOWED else met


#: By whether faults struck links of somebody's own shop, and whether steps are known by their names.
_JUDGES: dict[tuple[bool, bool], Judge] = {
    (False, True): _felt,
    (False, False): _felt_anyhow,
    (True, True): felt_at,
    (True, False): felt_anywhere,
}
