"""A synthetic run over a real plan: some 10,000 rows that look like a drill, good or bad, from a seed."""

import tomllib
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import msgspec
import polars as pl

from rehearsal.model.clock import NS_PER_MS, NS_PER_S
from rehearsal.model.faults import FaultKind
from rehearsal.model.history import Kind, Row
from rehearsal.model.plan import Plan
from rehearsal.model.readings import ChargeReading, FinalReadings, OrderLine, OrderReading, StockReading
from rehearsal.model.timeline import PlacedFault, Timeline, timeline_of
from rehearsal.model.verdict import Finding, Status, verdict_of
from rehearsal.rundir import folder
from rehearsal.rundir.histogram_file import SCHEMA
from rehearsal.rundir.history_file import frame_of
from rehearsal.rundir.record import RunRecord, verdict_record
from tests.reports.promises import PROMISES, PROOF

PLAN = Path(__file__).with_name("flash_sale.toml")
SHOP_DIGEST = "5d" * 32
_SCHEDULE = {"schema": 1, "seed": 618, "sha256": "00" * 32, "planned": {}, "due_ns": [], "kind": []}
_STEPS = ("route", "product", "product", "cart_add", "order", "pay", "logistics")
_EFFECTS = {
    FaultKind.PAYMENT_UNREACHABLE: "5 of 5 connections to the provider were refused",
    FaultKind.ANSWER_LOST_AFTER_CAPTURE: "3 captures in the ledger whose answers never came",
    FaultKind.REGION_KILLED: "region a does not answer, its 2 processes are gone",
}


def plan_of(**changes: Any) -> Plan:
    """Return the plan, with some top-level tables changed."""
    table = {**tomllib.loads(PLAN.read_text()), **changes}
    return Plan.model_validate_json(msgspec.json.encode(table))


def rows_of(timeline: Timeline, seed: int = 1, *, bad: bool = False) -> list[Row]:
    """Return a history: visits with steps, drops, faults, stock and health. `bad` hurts the burst."""
    random = Random(seed)
    rows = [*_load(timeline, random, bad=bad), *_stock(timeline), *_health(timeline)]
    for placed in timeline.faults:
        rows += _fault(placed)
    return rows


def findings_of(timeline: Timeline, *, bad: bool = False) -> tuple[Finding, ...]:
    """Return findings of every family, as the judges write them; some fail if `bad`."""
    return (*_slos(timeline, bad=bad), *_faults(timeline), *_invariants(bad=bad), _headroom(), *_harness())


def record_of(**changes: Any) -> RunRecord:
    """Return a run's record."""
    values: dict[str, Any] = {
        "schema": folder.SCHEMA,
        "run_id": "2026-11-21T20-35-25Z-618",
        "harness_version": "0.1.0",
        "started_at": "2026-11-21T20:35:25+00:00",
        "origin_ns": 1,
        "seed": 618,
        "defects": (),
        "versions": {"locust": "2.43.1", "python": "3.11.7", "toxiproxy": "2.12.0"},
        "machine": {"cpus": "2", "memory_gib": "7.8", "system": "Linux-6.1-x86_64"},
        "shop_digest": SHOP_DIGEST,
    }
    return RunRecord(**{**values, **changes})


def readings_of() -> FinalReadings:
    """Return final readings in which everything balances."""
    return FinalReadings(
        stock=(StockReading(sku="flash", initial=150, available=0, reserved=0, sold=150),),
        orders=tuple(
            OrderReading(
                order_id=f"o{number}",
                shopper=f"s618-{number}",
                intent=f"buy:s618-{number}",
                status="paid" if number % 5 else "confirmed",
                channel="card" if number % 5 else "pay_later",
                total_cents=19900,
                region="ab"[number % 2],
                lines=(OrderLine(sku="flash", qty=1, price_cents=19900),),
                payment_id=f"p{number}" if number % 5 else "",
            )
            for number in range(150)
        ),
        charges=tuple(
            ChargeReading(
                entry_id=f"e{number}",
                kind="capture",
                payment_id=f"p{number}",
                order_id=f"o{number}",
                amount_cents=19900,
                idempotency_key=f"k{number}",
            )
            for number in range(150)
            if number % 5
        ),
    )


def write_run(run: Path, *, bad: bool = False, seed: int = 1) -> Path:
    """Write the files of a finished run, its report and its evidence excepted."""
    plan = plan_of()
    timeline = timeline_of(plan)
    findings = findings_of(timeline, bad=bad)
    run.mkdir(parents=True, exist_ok=True)
    folder.write_bytes(run / folder.PLAN, plan.model_dump_json(indent=2).encode())
    folder.write_json(run / folder.SCHEDULE, _SCHEDULE)
    folder.write_json(run / folder.RUN, record_of(defects=("oversell_race",) if bad else ()))
    frame_of(rows_of(timeline, seed, bad=bad), timeline).write_parquet(run / folder.HISTORY)
    pl.DataFrame(schema=SCHEMA).write_parquet(run / folder.HISTOGRAMS)
    folder.write_json(run / folder.FINAL, readings_of())
    folder.write_json(run / folder.FINDINGS, findings)
    verdict = verdict_record(run.name, verdict_of(findings), findings, folder.SCHEMA)
    folder.write_json(run / folder.VERDICT, verdict)
    return run


def _load(timeline: Timeline, random: Random, *, bad: bool) -> Iterator[Row]:
    visit = 0
    at_s = 0.0
    while (due_ns := int(at_s * NS_PER_S)) < timeline.end_ns:
        yield from _visit(timeline, random, visit, due_ns, bad=bad)
        at_s += random.expovariate(3.0 * _multiple(timeline, due_ns))
        visit += 1


def _multiple(timeline: Timeline, at_ns: int) -> float:
    phase = timeline.phase_at(at_ns)
    if phase.rate is not None:
        return phase.rate
    window = timeline.window_of(phase.name)
    assert phase.start is not None
    assert phase.end is not None
    return phase.start + (phase.end - phase.start) * (at_ns - window.start_ns) / (
        window.end_ns - window.start_ns
    )


def _visit(timeline: Timeline, random: Random, visit: int, due_ns: int, *, bad: bool) -> Iterator[Row]:
    shopper = f"s618-{visit}"
    if visit % 900 == 899:
        yield Row(kind=Kind.DROP, f="pool_exhausted", visit=visit, due_ns=due_ns)
        return
    depth = len(_STEPS) if random.random() < 0.5 else 3
    at_ns, good = due_ns, True
    for step in _STEPS[:depth]:
        row = _op(timeline, random, step, visit, at_ns, bad=bad)
        good = good and row.outcome == "ok"
        at_ns = row.done_ns + int(random.expovariate(1 / 0.3) * NS_PER_S)
        yield row
    yield Row(
        kind=Kind.VISIT,
        f="cart" if depth > 3 else "browse",
        visit=visit,
        shopper=shopper,
        due_ns=due_ns,
        sent_ns=due_ns + int(random.expovariate(1 / 2) * NS_PER_MS),
        done_ns=at_ns,
        outcome="ok" if good else "fail",
    )


def _op(timeline: Timeline, random: Random, step: str, visit: int, due_ns: int, *, bad: bool) -> Row:
    trouble = any(due_ns in placed.window for placed in timeline.faults)
    phase = timeline.phase_at(due_ns)
    painful = bad and phase.kind == "burst"
    mean_ms = 140 if painful else 60 if trouble else 12 + _multiple(timeline, due_ns)
    sent_ns = due_ns + int(random.expovariate(1 / 1.5) * NS_PER_MS)
    done_ns = sent_ns + int((4 + random.expovariate(1 / mean_ms)) * NS_PER_MS)
    lost = random.random() < (0.06 if trouble or painful else 0.0005)
    paying = step == "pay"
    return Row(
        kind=Kind.OP,
        f=step,
        visit=visit,
        intent=f"pay:s618-{visit}" if paying else "",
        shopper=f"s618-{visit}",
        region="ab"[visit % 2],
        due_ns=due_ns,
        sent_ns=sent_ns,
        done_ns=done_ns,
        outcome="info" if lost else "ok",
        error="timeout" if lost else "",
        status=0 if lost else 200,
        order_id=f"o{visit}" if paying else "",
        channel="card" if paying else "",
    )


def _stock(timeline: Timeline) -> Iterator[Row]:
    opens_ns = timeline.window_of("burst").start_ns
    for at_ns in range(0, timeline.end_ns, NS_PER_S):
        sold = max(0.0, (at_ns - opens_ns) / NS_PER_S) * 7.5
        yield Row(kind=Kind.STOCK, f="flash", sent_ns=at_ns, qty=max(0, int(150 - sold)))


def _health(timeline: Timeline) -> Iterator[Row]:
    for at_ns in range(0, timeline.end_ns, NS_PER_S):
        yield Row(kind=Kind.HEALTH, f="cpu", sent_ns=at_ns, value=0.6)


def _fault(placed: PlacedFault) -> Iterator[Row]:
    start_ns, end_ns = placed.window.start_ns, placed.window.end_ns
    notes = (
        (start_ns, "inject: no card can be charged, shoppers need another way to pay"),
        (start_ns + 300 * NS_PER_MS, f"effect: {_EFFECTS[placed.fault.kind]}"),
        (end_ns, "heal: mended"),
        (end_ns + 450 * NS_PER_MS, "healed: the canary was served with 200"),
    )
    for at_ns, note in notes:
        done_ns = at_ns + 40 * NS_PER_MS
        yield Row(
            kind=Kind.FAULT, f=placed.fault.kind, sent_ns=at_ns, done_ns=done_ns, outcome="ok", note=note
        )


def _slos(timeline: Timeline, *, bad: bool) -> Iterator[Finding]:
    for phase in timeline.phases:
        if phase.kind in {"warmup", "recovery", "return"}:
            continue
        failed = bad and phase.name == "burst"
        yield Finding(
            check="slo.response_time.p99",
            subject=phase.name,
            status=Status.FAIL if failed else Status.PASS,
            summary=f"{phase.name}: p99 response time {812 if failed else 118} ms over 1400 requests",
            measured=812.0 if failed else 118.0,
            limit=600.0,
            unit="ms",
            evidence={"samples": 1400, "samples_needed": 299},
        )
        yield Finding(
            check="slo.goodput",
            subject=phase.name,
            status=Status.PASS,
            summary=f"{phase.name}: 1398 of 1400 requests got a good answer (99.86 %, asked 99.00 %)",
            measured=0.9986,
            limit=0.99,
            unit="share",
        )


def _faults(timeline: Timeline) -> Iterator[Finding]:
    for number, placed in enumerate(timeline.faults):
        kind = placed.fault.kind
        yield Finding(
            check=f"fault.{kind}.effect",
            subject=placed.fault.phase,
            status=Status.PASS,
            summary=f"The canary proved it ({_EFFECTS[kind]}); 14 card payments met it.",
            evidence={"canary": _EFFECTS[kind], "start_s": 44.04, "end_s": 52.0},
        )
        yield Finding(
            check=f"fault.{kind}.healed",
            subject=placed.fault.phase,
            status=Status.PASS,
            summary="Healed and proven 0.49 s after the healing began: the canary was served with 200.",
            measured=0.49,
            unit="s",
        )
        yield Finding(
            check=f"recovery.{kind}",
            subject=placed.fault.phase,
            status=Status.PASS,
            summary=f"{kind} in {placed.fault.phase}: recovered {1.5 + number} s after healing",
            measured=1.5 + number,
            limit=placed.fault.recover_within_s,
            unit="s",
        )
        yield Finding(
            check=f"recovery.{kind}.detect",
            subject=placed.fault.phase,
            status=Status.PASS,
            summary=f"{kind} in {placed.fault.phase}: served around it {0.8 + number} s after it began",
            measured=0.8 + number,
            unit="s",
        )
        for function, promised, seen in PROMISES[kind]:
            yield Finding(
                check=f"resilience.{kind}.{function}",
                subject=placed.fault.phase,
                status=Status.PASS if promised == seen else Status.FAIL,
                summary=f"{function} under {kind}: {seen}, {promised} was promised",
                evidence={"promised": promised, "seen": seen},
            )


def _invariants(*, bad: bool) -> Iterator[Finding]:
    yield Finding(
        check="invariant.I1.no_oversell",
        subject="flash",
        status=Status.FAIL if bad else Status.PASS,
        summary="153 units of flash were sold, 150 existed: 3 too many"
        if bad
        else "150 of 150 units of flash sold",
        measured=153.0 if bad else 150.0,
        limit=150.0,
        unit="units",
        ids=("o151", "o152", "o153") if bad else (),
        evidence={"proof": PROOF} if bad else {},
    )
    for name in (
        "I4.no_double_charge",
        "I5.no_lost_paid_order",
        "I12.limit_per_shopper",
        "I21.ledger_balance",
    ):
        yield Finding(
            check=f"invariant.{name}",
            status=Status.PASS,
            summary=f"{name.partition('.')[2].replace('_', ' ')}: 612 orders examined",
        )


def _headroom() -> Finding:
    return Finding(
        check="headroom.proof",
        subject="headroom",
        status=Status.PASS,
        summary="39.2 visits/s offered for 16 s, 1.31 times the forecast peak of 30, and every SLO held",
        measured=1.307,
        limit=1.3,
        unit="times the forecast peak",
        evidence={"offered_per_s": 39.2, "model_capacity_visits_per_s": 92.4},
    )


def _harness() -> Iterator[Finding]:
    yield Finding(
        check="ledger.balance", status=Status.PASS, summary="planned 2712 = started 2709 + dropped 3"
    )
    yield Finding(
        check="generator.send_lag",
        subject="burst",
        status=Status.PASS,
        summary="burst: 99 % of 1400 requests and visits were sent within 7.1 ms of their due time",
        measured=7.1,
        limit=50.0,
        unit="ms",
    )
