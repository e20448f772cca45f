"""What shoppers asked for, an ask a row, however many requests it took; and whether a promise was kept to it.

An **ask** is one page, one cart line, one order, one payment: the attempts that a shopper makes for it count
as one, and so do a payment, its fallback by another channel and the queries after it. That is what a shopper
remembers of a fault; `samples` has the requests, which is what the shop remembers.
"""

from collections.abc import Iterable, Mapping

import polars as pl

from capacity.fault_windows import Drill, unforced
from capacity.share import SAMPLES, share_of
from rehearsal.model.clock import NS_PER_MS
from rehearsal.model.fault_facts import STEPS_OF
from rehearsal.model.faults import Function, Promise
from rehearsal.model.history import PENDING, Outcome
from rehearsal.model.plan import Phase, PhaseKind

#: A refusal is fast within this long from its due time; what works is served within `LATE_MS` from the ask's.
FAST_MS = 1000.0
LATE_MS = 3000.0
#: Too many requests, service unavailable: no, whatever is known of the effect (RFC 6585, RFC 9110).
_NO = (429, 503)

_FUNCTIONS = {step.value: function.value for function, steps in STEPS_OF.items() for step in steps}
_COLUMNS = (
    "function",
    "due_ns",
    "second",
    "phase",
    "served",
    "as_before",
    "smooth",
    "refused",
    "refused_ms",
    "took_ms",
)

_REFUSED_FAST = pl.col("refused") & (pl.col("refused_ms") <= FAST_MS)
#: Whether an ask was met as promised: as before the fault and in time; at all; at all, or told no at once.
KEPT: dict[Promise, pl.Expr] = {
    Promise.WORKS: pl.col("as_before") & (pl.col("took_ms") <= LATE_MS),
    Promise.DEGRADED: pl.col("served"),
    Promise.REFUSED: pl.col("served") | _REFUSED_FAST,
}

#: Phases in which the plan means the shop to bend say nothing of how it is without a fault.
_BENT = (PhaseKind.LIMIT, PhaseKind.SHED)


def asks_of(requests: pl.DataFrame) -> pl.DataFrame:
    """Return the asks in a history's requests (`samples.requests_of`), ordered by when they were due.

    Columns: `function`, `due_ns`, `second`, `phase`; `served` (some attempt was good), `as_before` (by the
    first way tried), `smooth` (each attempt was good, pending, or told no at once), `refused` (the last
    answer said no, after `refused_ms`), `took_ms` from the ask's due time to its good answer, or to its last.
    What a visit that was cut off had open is left out.
    """
    attempts = _attempts(unforced(requests))
    good = pl.col("good")
    asks = attempts.group_by("ask", maintain_order=True).agg(
        pl.col("function", "due_ns", "second", "phase").first(),
        pl.col("aborted").any(),
        good.any().alias("served"),
        # Of two channels at most, the one that came through is the lesser or the greater of those that did.
        (pl.col("channel").first() == pl.col("paid_by").min()).alias("by_least"),
        (pl.col("channel").first() == pl.col("paid_by").max()).alias("by_most"),
        pl.col("smooth").all(),
        pl.col("no").last().alias("refused"),
        pl.col("elapsed_ms").last().alias("refused_ms"),
        pl.coalesce(pl.col("served_ns").min(), pl.col("done_ns").last()).alias("end_ns"),
    )
    whole = asks.filter(pl.col("served") | ~pl.col("aborted")).sort("due_ns", maintain_order=True)
    return whole.with_columns(
        pl.col("refused") & ~pl.col("served"),
        (pl.col("served") & (pl.col("by_least") | pl.col("by_most"))).alias("as_before"),
        ((pl.col("end_ns") - pl.col("due_ns")) / NS_PER_MS).alias("took_ms"),
    ).select(_COLUMNS)


def _attempts(requests: pl.DataFrame) -> pl.DataFrame:
    """Return the attempts whose function is known, those of an ask (`ask`) together and in order of time."""
    no, elapsed_ms, good = _is_refusal(), _elapsed_ms(), pl.col("good")
    code = pl.col("f").replace_strict(_FUNCTIONS, default=None, return_dtype=pl.String)
    pays = pl.col("function") == Function.PAYMENT
    channel = pl.col("channel").rank("dense")
    known = requests.with_columns(code.alias("function")).drop_nulls("function")
    ordered = known.select(
        "visit",
        "f",
        "function",
        "due_ns",
        "done_ns",
        "second",
        "phase",
        "aborted",
        "good",
        "attempt",
        pl.when(pays).then(pl.col("intent").hash()).otherwise(pl.col("f").hash()).alias("what"),
        channel.alias("channel"),
        pl.when(good).then(channel).alias("paid_by"),
        pl.when(good).then("done_ns").alias("served_ns"),
        no.alias("no"),
        elapsed_ms.alias("elapsed_ms"),
        (good | (pl.col("error") == PENDING) | (no & (elapsed_ms <= FAST_MS))).alias("smooth"),
    ).sort("visit", "function", "what", "due_ns", maintain_order=True)
    other = pl.any_horizontal(pl.col(key) != pl.col(key).shift() for key in ("visit", "function", "what"))
    begins = other.fill_null(value=True) | (~pays & (pl.col("attempt") == 0))
    return ordered.with_columns(begins.cum_sum().alias("ask"))


def usual_shares(asks: pl.DataFrame, drills: Iterable[Drill], phases: Iterable[Phase]) -> Mapping[str, float]:
    """Return for each function the share of asks that worked outside faults and their recoveries.

    1 for a function of which too few were asked then: it is held to be as good as it should be.
    """
    names = [phase.name for phase in phases if phase.kind not in _BENT]
    calm = asks.filter(pl.col("phase").is_in(names))
    for drill in drills:
        calm = calm.filter(~pl.col("due_ns").is_between(drill.inject_ns, drill.window.end_ns))
    shares: dict[str, float] = dict.fromkeys(Function, 1.0)
    for function in Function:
        kept = calm.filter(pl.col("function") == function).select(KEPT[Promise.WORKS]).to_series()
        shares[function] = (share_of(kept) or 0.0) if kept.len() >= SAMPLES else 1.0
    return shares


def _is_refusal() -> pl.Expr:
    said = (pl.col("outcome") == Outcome.FAIL) & (pl.col("status") > 0)
    return said | pl.col("status").is_in(_NO)


def _elapsed_ms() -> pl.Expr:
    return (pl.col("done_ns") - pl.col("due_ns")) / NS_PER_MS
