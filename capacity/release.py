"""How well the generator kept the release curve it stated: the waiting room's buys just after T-0."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from capacity.latency import percentile
from capacity.samples import Floats
from rehearsal.model.clock import NS_PER_S
from rehearsal.model.history import Kind, Step
from rehearsal.model.plan import Plan, VisitKind
from rehearsal.model.release import releases_ns
from rehearsal.model.timeline import timeline_of
from rehearsal.model.verdict import Finding, Status

CHECK = "generator.release"
#: Shoppers of the waiting room the generator may fail to start before the curve is no longer the stated one.
MISSING_SHARE = 0.01
_BIN_S = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class Dispersion:
    """The releases of a run, in seconds after T-0: stated by the plan, due, sent and answered.

    `due_s`, `sent_s` and `answered_s` run in parallel, in due order, and hold what was released; `started`
    counts the waiting room's visits that were begun. `strange` are due times the plan does not state.
    """

    stated_s: Floats
    due_s: Floats
    sent_s: Floats
    answered_s: Floats
    started: int
    strange: int

    @property
    def planned(self) -> int:
        """Return how many the plan releases."""
        return self.stated_s.size

    @property
    def released(self) -> int:
        """Return how many were released."""
        return self.sent_s.size

    @property
    def late_ms(self) -> Floats:
        """Return how late each was sent, in ms."""
        return (self.sent_s - self.due_s) * 1e3

    @property
    def distance(self) -> float:
        """Return the Kolmogorov-Smirnov distance between what was sent and the stated curve, 0 to 1."""
        return ks_distance(self.stated_s, self.sent_s)

    @property
    def per_100_ms(self) -> list[int]:
        """Return how many were sent in each tenth of the first second after T-0."""
        return [int(count) for count in np.histogram(self.sent_s, bins=np.arange(11) * _BIN_S)[0]]


def dispersion_of(frame: pl.DataFrame, plan: Plan) -> Dispersion | None:
    """Return the releases of a history; None if the plan has no waiting room."""
    stated_ns = releases_ns(plan)
    if not stated_ns:
        return None
    opens_ns = timeline_of(plan).window_of(plan.sale.opens_with).start_ns
    waited = frame.filter((pl.col("kind") == Kind.VISIT) & (pl.col("f") == VisitKind.WAITING_ROOM))["visit"]
    first = (pl.col("kind") == Kind.OP) & (pl.col("f") == Step.FLASH_BUY) & (pl.col("attempt") == 0)
    buys = frame.filter(first & pl.col("visit").is_in(waited.implode())).sort("due_ns")
    # Who comes again later was released once.
    buys = buys.unique("visit", keep="first", maintain_order=True)
    due, sent, done = (_after_s(buys[name].to_numpy(), opens_ns) for name in ("due_ns", "sent_ns", "done_ns"))
    return Dispersion(
        stated_s=_after_s(np.array(stated_ns), opens_ns),
        due_s=due,
        sent_s=sent,
        answered_s=done,
        started=waited.len(),
        strange=len(set(buys["due_ns"].to_list()) - set(stated_ns)),
    )


def judge_release(frame: pl.DataFrame, plan: Plan) -> tuple[Finding, ...]:
    """Compare what was sent after T-0 with the stated curve; nothing to say without a waiting room.

    INVALID if the generator sent more than 5 % later than `limits.release_ms`, began fewer visits than
    planned, or released anybody when the plan does not say so. That the shop let somebody in too late is not
    the generator's fault.
    """
    dispersion = dispersion_of(frame, plan)
    if dispersion is None:
        return ()
    missing = 1 - dispersion.started / dispersion.planned
    if not dispersion.released:
        words = f"of {dispersion.planned} shoppers in the waiting room none was released"
        status = Status.INVALID if missing > MISSING_SHARE else Status.INCONCLUSIVE
        return (Finding(check=CHECK, subject=plan.sale.opens_with, status=status, summary=words),)
    limit = plan.limits.release_ms
    late_ms = percentile(dispersion.late_ms, 0.95)
    kept = late_ms <= limit and missing <= MISSING_SHARE and not dispersion.strange
    return (
        Finding(
            check=CHECK,
            subject=plan.sale.opens_with,
            status=Status.PASS if kept else Status.INVALID,
            summary=_words(dispersion, late_ms, limit),
            measured=late_ms,
            limit=limit,
            unit="ms",
            evidence=evidence_of(dispersion),
        ),
    )


def evidence_of(dispersion: Dispersion) -> dict[str, object]:
    """Return the figures of a dispersion with at least one release; times are ms after T-0."""
    return {
        "planned": dispersion.planned,
        "started": dispersion.started,
        "released": dispersion.released,
        "not_as_stated": dispersion.strange,
        "stated_ms": _quantiles_ms(dispersion.stated_s),
        "sent_ms": _quantiles_ms(dispersion.sent_s),
        "late_ms_max": round(float(dispersion.late_ms.max()), 3),
        "ks_distance": round(dispersion.distance, 4),
        "sent_per_100_ms": dispersion.per_100_ms,
    }


def ks_distance(one: Floats, other: Floats) -> float:
    """Return the largest difference between two samples' distribution functions (Kolmogorov, Smirnov)."""
    at = np.concatenate([one, other])
    shares = [np.searchsorted(np.sort(sample), at, side="right") / sample.size for sample in (one, other)]
    return float(np.abs(shares[0] - shares[1]).max())


def _words(dispersion: Dispersion, late_ms: float, limit_ms: float) -> str:
    stated_ms, sent_ms = (percentile(times, 0.95) * 1e3 for times in (dispersion.stated_s, dispersion.sent_s))
    words = (
        f"{dispersion.released} of {dispersion.planned} shoppers in the waiting room were released, 95 % of"
        f" them within {sent_ms:.0f} ms of T-0 (stated {stated_ms:.0f} ms); 95 % were sent at most"
        f" {late_ms:.1f} ms late (limit {limit_ms:g} ms)"
    )
    if unbegun := dispersion.planned - dispersion.started:
        words += f"; {unbegun} visits were never begun"
    if shut_out := dispersion.started - dispersion.released:
        words += f"; {shut_out} were not let in by the shop before their release"
    if dispersion.strange:
        words += f"; {dispersion.strange} releases were due when the plan states none"
    return words


def _quantiles_ms(times_s: Floats) -> dict[str, float]:
    return {f"p{100 * p:g}": round(percentile(times_s, p) * 1e3, 3) for p in (0.5, 0.95)}


def _after_s(instants_ns: np.ndarray[tuple[int], np.dtype[np.int64]], opens_ns: int) -> Floats:
    after: Floats = (instants_ns - opens_ns) / NS_PER_S
    return after
