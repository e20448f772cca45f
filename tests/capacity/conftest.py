"""Builders of plans and of rows of a history; times are given in seconds of the run's clock."""

from typing import Any

import polars as pl

from rehearsal.model.clock import nanoseconds
from rehearsal.model.history import Kind, Outcome, Row
from rehearsal.model.plan import Fault, Forecast, Mix, Phase, PhaseKind, Plan, Sale, Traffic
from rehearsal.model.plan_capacity import Slo
from rehearsal.model.timeline import Timeline, timeline_of
from rehearsal.rundir.history_file import frame_of

SLO = Slo(p95_ms=100.0, p99_ms=200.0, goodput=0.9, payment_success=0.9)


def phase(name: str = "normal", *, kind: PhaseKind = PhaseKind.NORMAL, duration_s: float = 10.0) -> Phase:
    """Return a phase at normal volume."""
    return Phase(name=name, kind=kind, duration_s=duration_s, rate=1.0)


def plan_of(*phases: Phase, faults: tuple[Fault, ...] = (), **changes: Any) -> Plan:
    """Return a plan of these phases (one normal phase of 10 s if none) with an SLO for every judged kind."""
    kinds = (PhaseKind.NORMAL, PhaseKind.FAULT, PhaseKind.PROOF)
    placed = phases or (phase(),)
    basis: dict[str, Any] = {
        "name": "a plan",
        "traffic": Traffic(normal_per_s=10.0, multiplier=5.0, mix=Mix(browse=1.0, cart=0.0, flash_sale=0.0)),
        "forecast": Forecast(peak_per_s=10.0),
        "sale": Sale(opens_with=placed[0].name),
        "phases": placed,
        "faults": faults,
        "slo": dict.fromkeys(kinds, SLO),
    }
    return Plan(**{**basis, **changes})


def op(
    due_s: float = 1.0, *, f: str = "product", took_ms: float = 20.0, lag_ms: float = 0.0, **rest: Any
) -> Row:
    """Return a request due at `due_s`, sent `lag_ms` and done `took_ms` after that; ok unless told."""
    return _timed(Kind.OP, f, due_s, took_ms, lag_ms=lag_ms, rest=rest)


def visit(due_s: float = 1.0, *, lag_ms: float = 0.0, **rest: Any) -> Row:
    """Return a visit started `lag_ms` after it was due."""
    return _timed(Kind.VISIT, "browse", due_s, 1000.0, lag_ms=lag_ms, rest=rest)


def drop(due_s: float, cause: str) -> Row:
    """Return an arrival that was not started."""
    return Row(kind=Kind.DROP, f=cause, due_ns=nanoseconds(due_s))


def health(at_s: float, f: str, value: float) -> Row:
    """Return one measurement of the machine."""
    return Row(kind=Kind.HEALTH, f=f, sent_ns=nanoseconds(at_s), value=value)


def fault_step(at_s: float, f: str, note: str) -> Row:
    """Return one step of the nemesis, done as soon as it was begun."""
    at_ns = nanoseconds(at_s)
    return Row(kind=Kind.FAULT, f=f, sent_ns=at_ns, done_ns=at_ns, outcome=Outcome.OK, note=note)


def told(plan: Plan, *rows: Row) -> tuple[pl.DataFrame, Timeline]:
    """Return rows as the history of a plan, and the plan's timeline."""
    timeline = timeline_of(plan)
    return frame_of(rows, timeline), timeline


def _timed(kind: Kind, f: str, due_s: float, took_ms: float, *, lag_ms: float, rest: dict[str, Any]) -> Row:
    due_ns = nanoseconds(due_s)
    times = {
        "due_ns": due_ns,
        "sent_ns": due_ns + nanoseconds(lag_ms / 1000),
        "done_ns": due_ns + nanoseconds(took_ms / 1000),
    }
    return Row(**{"kind": kind, "f": f, "outcome": Outcome.OK, **times, **rest})
