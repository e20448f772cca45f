"""The resiliency matrix: what shoppers were promised under each fault, and what they met.

After Shopify (Eskildsen, Building and Testing Resilient Ruby on Rails Applications, 2015): for each thing
that may break and each thing that people do, what may they expect? Filled in from the history, an ask at a
time (`asks`), and compared with the promise (`promises`): resilience.<fault>.<function>.

Judged are the asks due while the fault held, but for its first third, three seconds at most: a shop must
first notice (`detect` judges how long it takes). "As without the fault" is what worked outside all faults and
their recoveries in the same run.

A promise is broken only beyond doubt (`share.falls_short`), and kept if the share is reached; between the two
it is INCONCLUSIVE. Five asks are enough: five of five failed refute even "most are served". Of fewer there is
no finding, for a function is not asked for where the plan has no such visits, or where the step before it is
rightly refused; but if none of the functions that a fault hits could be judged, each is INCONCLUSIVE.
Refusals as many as a p99 needs (299) must have one within a second; fewer are judged by the share alone.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import polars as pl

from capacity.asks import FAST_MS
from capacity.fault_windows import Drill, hits_of, name_of, promises_of
from capacity.latency import minimum_samples, percentile
from capacity.promises import ANSWERED, MOST, kept_of, target_of
from capacity.recovery import HEALTHY, RECOVERED
from capacity.share import due_in, falls_short, share_of
from rehearsal.model.clock import nanoseconds
from rehearsal.model.faults import Function, Promise
from rehearsal.model.percent import percent
from rehearsal.model.timeline import Window
from rehearsal.model.verdict import Finding, Status

#: A shop has this long to notice a fault, but no more than a third of the time that it is held.
NOTICE_S = 3.0
#: Fewer asks say nothing.
FEW = 5
#: What was seen when it was neither works, nor degraded, nor refused fast.
BROKEN = "broken"
_P = 0.99


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One fault and one function: the promise and what was seen (a Promise, or `BROKEN`).

    `before` is the share that works without a fault, `during` the share to which the promise was kept, of
    `asks`; `p99_ms` is of the refusals if it was refused, else of all. None where nothing was asked.
    """

    drill: Drill
    function: Function
    promised: Promise
    seen: str
    asks: int
    kept: int
    before: float
    during: float | None
    p99_ms: float | None

    @property
    def target(self) -> float:
        """Return the share of asks to which the promise must be kept."""
        return target_of(self.promised, self.before)


def cells_of(asks: pl.DataFrame, drill: Drill, usual: Mapping[str, float]) -> tuple[Cell, ...]:
    """Return a fault's row of the matrix, in the order of `Function`."""
    return tuple(cell_of(asks, drill, function, usual[function]) for function in Function)


def judge_function(
    asks: pl.DataFrame, *, drill: Drill, function: Function, usual: Mapping[str, float]
) -> Finding:
    """Judge one cell; `usual` is of `asks.usual_shares`."""
    return judge_cell(cell_of(asks, drill, function, usual[function]))


def judged_window(drill: Drill) -> Window:
    """Return the part of a fault in which promises count: after the shop had time to notice."""
    notice_s = min(NOTICE_S, drill.held_s / 3)
    return Window(drill.inject_ns + nanoseconds(notice_s), drill.released_ns)


def judge_cell(cell: Cell) -> Finding:
    """Compare what was seen with the promise."""
    words = f"{cell.kept} of {cell.asks} as promised ({percent(cell.target)} asked)"
    status = Status.INCONCLUSIVE
    if cell.during is None:
        words = "nobody came to it while the fault held"
    elif cell.asks < FEW:
        words = f"only {cell.asks} came to it while the fault held"
    elif cell.promised is Promise.WORKS and cell.before < HEALTHY:
        words = f"only {percent(cell.before, 0)} worked even without a fault"
    elif falls_short(cell.kept, cell.asks, cell.target) or _refused_slowly(cell):
        status = Status.FAIL
    elif cell.during >= cell.target:
        status = Status.PASS
    else:
        words += ", which may be chance"
    took = "" if cell.p99_ms is None else f", the slowest hundredth from {cell.p99_ms:.0f} ms"
    fault = cell.drill.fault
    return Finding(
        check=f"resilience.{fault.kind}.{cell.function}",
        subject=fault.phase,
        status=status,
        summary=f"{name_of(cell.drill.placed)}: {cell.function.replace('_', ' ')} is promised"
        f" {cell.promised.replace('_', ' ')} and was {cell.seen.replace('_', ' ')}: {words}{took}",
        measured=cell.during,
        limit=cell.target,
        unit="share",
        evidence={
            "promised": cell.promised.value,
            "seen": cell.seen,
            "before": cell.before,
            "during": cell.during,
            "p99_ms": cell.p99_ms,
            "asks": cell.asks,
        },
    )


def judged_cells(cells: Iterable[Cell]) -> tuple[Cell, ...]:
    """Return the cells of a fault's row of which there is something to say."""
    row = tuple(cells)
    told = tuple(cell for cell in row if cell.asks >= FEW)
    hit = [cell for cell in row if cell.function in hits_of(cell.drill.fault.kind)]
    return told if any(cell in told for cell in hit) else (*told, *hit)


def cell_of(asks: pl.DataFrame, drill: Drill, function: Function, before: float) -> Cell:
    """Return a cell of the matrix; `before` is the share that works without a fault."""
    promised = promises_of(drill.fault)[function]
    due = due_in(asks, judged_window(drill)).filter(pl.col("function") == function)
    kept = kept_of(due, promised)["good"]
    seen, refusals = _seen(due, before), due.filter("refused")["refused_ms"]
    times_ms = refusals if seen == Promise.REFUSED else due["took_ms"]
    return Cell(
        drill=drill,
        function=function,
        promised=promised,
        seen=seen,
        asks=due.height,
        kept=int(kept.sum()),
        before=before,
        during=share_of(kept),
        p99_ms=percentile(times_ms.to_numpy(), _P) if times_ms.len() else None,
    )


def _seen(due: pl.DataFrame, usual: float) -> str:
    shares = {promise: share_of(kept_of(due, promise)["good"]) or 0.0 for promise in Promise}
    if shares[Promise.WORKS] >= RECOVERED * max(usual, HEALTHY):
        return Promise.WORKS
    if shares[Promise.DEGRADED] > MOST:
        return Promise.DEGRADED
    return Promise.REFUSED if shares[Promise.REFUSED] >= ANSWERED else BROKEN


def _refused_slowly(cell: Cell) -> bool:
    if cell.promised is not Promise.REFUSED or cell.seen != Promise.REFUSED or cell.p99_ms is None:
        return False
    return cell.asks >= minimum_samples(_P) and cell.p99_ms > FAST_MS
