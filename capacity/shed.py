"""Does an overloaded shop turn people away at once, and serve those it lets in? shed.<phase>.

In a phase of kind shed more shoppers come than can be served. Those too many must be refused as busy, 99 % of
them within a second; those admitted must be served within the plan's `slo.shed`, all but pages (looking
around may get worse, buying may not). Judged as any SLO (`slo`), so with few requests all of them must be in
time.

If nobody was turned away the load was no overload, and nothing is known of shedding: INCONCLUSIVE. Unless
those admitted were not served as promised: then the shop queues instead of refusing, and that is a FAIL.
"""

import polars as pl
from msgspec.structs import replace

from capacity.asks import FAST_MS
from capacity.samples import payments_of
from capacity.slo import judge_goodput, judge_payment_success, judge_percentile
from rehearsal.model.fault_facts import STEPS_OF
from rehearsal.model.faults import Function
from rehearsal.model.history import BUSY
from rehearsal.model.plan_capacity import Slo
from rehearsal.model.verdict import WORST_FIRST, Finding, Status


def judge_shedding(requests: pl.DataFrame, *, phase: str, slo: Slo | None) -> Finding:
    """Judge the requests due in a shed phase."""
    due = requests.filter(pl.col("phase") == phase)
    busy = pl.col("error") == BUSY
    refused = due.filter(busy)
    admitted = due.filter(~busy & ~pl.col("f").is_in(STEPS_OF[Function.BROWSE]))
    told = Finding(
        check=f"shed.{phase}",
        subject=phase,
        status=Status.INCONCLUSIVE,
        summary=f"{phase}: the plan states no SLO for it, so nothing is promised to those admitted",
        evidence={"refused": refused.height, "admitted": admitted.height},
    )
    if slo is None:
        return told
    served = (
        judge_percentile(admitted, phase="admitted", p=0.99, limit_ms=slo.p99_ms),
        judge_percentile(admitted, phase="admitted", p=0.95, limit_ms=slo.p95_ms),
        judge_goodput(admitted, phase="admitted", limit=slo.goodput),
        *_paid(admitted, slo),
    )
    if refused.is_empty():
        return _nobody_refused(told, phase, served)
    fast = judge_percentile(refused, phase="refused", p=0.99, limit_ms=FAST_MS)
    return _worst(
        told, f"{phase}: {refused.height} of {due.height} requests were turned away", (fast, *served)
    )


def _paid(admitted: pl.DataFrame, slo: Slo) -> tuple[Finding, ...]:
    payments = payments_of(admitted)
    if slo.payment_success is None or payments.is_empty():
        return ()
    return (judge_payment_success(payments, phase="admitted", limit=slo.payment_success),)


def _nobody_refused(told: Finding, phase: str, served: tuple[Finding, ...]) -> Finding:
    if any(part.status is Status.FAIL for part in served):
        return _worst(told, f"{phase}: nobody was turned away, so everybody waited", served)
    words = "nobody was turned away, so the load was no overload and nothing is known of shedding"
    return replace(told, summary=f"{phase}: {words}")


def _worst(told: Finding, words: str, parts: tuple[Finding, ...]) -> Finding:
    worst = min(parts, key=lambda part: WORST_FIRST.index(part.status))
    return replace(
        told,
        status=worst.status,
        summary="; ".join((words, *(part.summary for part in parts))),
        measured=worst.measured,
        limit=worst.limit,
        unit=worst.unit,
        evidence={**told.evidence, "parts": {part.check: part.status for part in parts}},
    )
