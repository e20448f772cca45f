"""What shoppers were promised, phase by phase: response times from the due time, goodput, payment success."""

from collections.abc import Callable, Collection, Iterator, Sequence
from functools import partial
from math import isfinite
from typing import Any

import polars as pl
from msgspec.structs import replace

from capacity.coverage import absent_of, judge_coverage, seen_of
from capacity.latency import minimum_samples, percentile
from capacity.paths import paths_of
from capacity.samples import payments_of, requests_of, response_ms
from capacity.starvation import Starved, is_clear
from rehearsal.model.history import NOT_ALLOWED
from rehearsal.model.percent import percent
from rehearsal.model.plan import Phase, PhaseKind, Plan
from rehearsal.model.plan_capacity import Slo
from rehearsal.model.timeline import Timeline
from rehearsal.model.verdict import Finding, Status

#: So many kinds of bad answers are named in the evidence, the commonest first.
_NAMED = 5

#: Kinds of phases whose SLO is not of all requests: `limit` and `shed` judge them.
APART = (PhaseKind.LIMIT, PhaseKind.SHED)


def judge_slos(
    frame: pl.DataFrame,
    plan: Plan,
    timeline: Timeline,
    starved: Starved,
    offers: Collection[str] | None = None,
) -> tuple[Finding, ...]:
    """Return five findings for each phase whose kind has an SLO, in the order of the phases.

    Four of a closed model, which tells no payment from another request. The first, slo.coverage, says whether
    there was something to measure; `coverage` says what becomes of the others if a step was absent.
    """
    requests = requests_of(frame)
    if plan.traffic.is_closed:
        # Held back by us, so the shop has no part in them; generator.hosts tells of them.
        requests = requests.filter(pl.col("error") != NOT_ALLOWED)
    absent = absent_of(requests, logged=plan.traffic.is_logged)
    reached = absent.without(requests)
    pairs = ((requests, reached), (payments_of(requests), payments_of(reached)))
    seen, paths = seen_of(frame, requests), paths_of(plan, offers)
    findings: list[Finding] = []
    for phase, window in zip(timeline.phases, timeline.windows, strict=True):
        if (slo := plan.slo.get(phase.kind)) is None or phase.kind in APART:
            continue
        due = requests.filter(pl.col("phase") == phase.name)
        findings.append(judge_coverage(frame, due, seen, phase=phase.name, absent=absent, paths=paths))
        for judge, rows, met in _checks(phase, slo, pairs):
            finding = _in_its_own_words(starved.judged(judge, met, window), judge, met)
            findings.append(finding if met.height == rows.height else absent.temper(finding))
    return tuple(findings)


def _in_its_own_words(
    finding: Finding, judge: Callable[[pl.DataFrame], Finding], rows: pl.DataFrame
) -> Finding:
    """Let a FAIL of payments stand, whatever the machine did, that declined cards alone come to."""
    if finding.status is not Status.INVALID or "declined" not in rows.columns:
        return finding
    if not is_clear(judge(rows.with_columns((~pl.col("declined")).alias("ok")))):
        return finding
    count = int(rows["declined"].sum())
    words = f"{judge(rows).summary}; the shop itself declined {count}, which no starved machine explains"
    return replace(finding, status=Status.FAIL, summary=words)


def judge_percentile(requests: pl.DataFrame, *, phase: str, p: float, limit_ms: float) -> Finding:
    """Compare a response-time percentile with its limit.

    With fewer samples than the percentile needs a stricter rule stands in: all of them within the limit
    is a PASS, anything else is INCONCLUSIVE.
    """
    times_ms = response_ms(requests)
    n, need, name = times_ms.size, minimum_samples(p), f"p{100 * p:g}"
    unknown = Finding(
        check=f"slo.response_time.{name}",
        subject=phase,
        status=Status.INCONCLUSIVE,
        summary=f"{phase}: no request was due, so there is no {name}",
        limit=limit_ms,
        unit="ms",
        evidence={"samples": n, "samples_needed": need},
    )
    if n == 0:
        return unknown
    measured = percentile(times_ms, p if n >= need else 1.0)
    known = replace(unknown, measured=measured if isfinite(measured) else None)
    if n >= need:
        summary = f"{phase}: {name} response time {_ms(measured)} over {n} requests, limit {limit_ms:g} ms"
        return replace(known, status=Status.PASS if measured <= limit_ms else Status.FAIL, summary=summary)
    if measured <= limit_ms:
        summary = f"{phase}: all {n} within the limit of {limit_ms:g} ms, the slowest took {_ms(measured)}"
        return replace(known, status=Status.PASS, summary=summary)
    summary = (
        f"{phase}: not enough samples for a {name} ({n} of {need}), and the slowest took {_ms(measured)}"
    )
    return replace(known, summary=f"{summary} (limit {limit_ms:g} ms)")


def judge_goodput(requests: pl.DataFrame, *, phase: str, limit: float) -> Finding:
    """Compare the share of good requests with its limit; the evidence counts what went wrong."""
    bad = requests.filter(~pl.col("good"))
    causes = bad.group_by("f", "outcome", "error").len()
    causes = causes.sort("len", "f", "error", descending=[True, False, False]).head(_NAMED)
    return _judge_share(
        (requests.height - bad.height, requests.height),
        check="slo.goodput",
        phase=phase,
        limit=limit,
        words="requests got a good answer",
        evidence={
            "wrong": {f"{f} {error or outcome}": count for f, outcome, error, count in causes.iter_rows()}
        },
    )


def judge_payment_success(payments: pl.DataFrame, *, phase: str, limit: float) -> Finding:
    """Compare the share of payments that ended paid or confirmed with its limit."""
    return _judge_share(
        (int(payments["ok"].sum()), payments.height),
        check="slo.payment_success",
        phase=phase,
        limit=limit,
        words="payments ended paid or confirmed",
        evidence={"unpaid": payments.filter(~pl.col("ok"))["intent"].head(_NAMED).to_list()},
    )


def _checks(
    phase: Phase, slo: Slo, pairs: Sequence[tuple[pl.DataFrame, pl.DataFrame]]
) -> Iterator[tuple[partial[Finding], pl.DataFrame, pl.DataFrame]]:
    """Give each judge, its rows in the phase, and those of them that reached the shop.

    `pairs`: the requests and the payments, all of them and those that reached it.
    """
    here, name = pl.col("phase") == phase.name, phase.name
    due, paid = ((rows.filter(here), met.filter(here)) for rows, met in pairs)
    yield partial(judge_percentile, phase=name, p=0.95, limit_ms=slo.p95_ms), *due
    yield partial(judge_percentile, phase=name, p=0.99, limit_ms=slo.p99_ms), *due
    yield partial(judge_goodput, phase=name, limit=slo.goodput), *due
    if slo.payment_success is not None:
        yield partial(judge_payment_success, phase=name, limit=slo.payment_success), *paid


def _judge_share(
    counts: tuple[int, int], *, check: str, phase: str, limit: float, words: str, evidence: dict[str, Any]
) -> Finding:
    hits, n = counts
    unknown = Finding(
        check=check,
        subject=phase,
        status=Status.INCONCLUSIVE,
        summary=f"{phase}: 0 of 0 {words}, which proves nothing",
        limit=limit,
        unit="share",
        evidence={"hits": hits, "samples": n, **evidence},
    )
    if n == 0:
        return unknown
    status = Status.PASS if hits / n >= limit else Status.FAIL
    summary = f"{phase}: {hits} of {n} {words} ({percent(hits / n, 2)}, asked {percent(limit, 2)})"
    return replace(unknown, status=status, summary=summary, measured=hits / n)


def _ms(value: float) -> str:
    return f"{value:.0f} ms" if isfinite(value) else "for ever"
