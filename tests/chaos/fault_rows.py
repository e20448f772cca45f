"""Rows of the nemesis and of shoppers, for the checks of faults."""

from typing import Any

from chaos.effects import fault_findings
from rehearsal.model.clock import NS_PER_S
from rehearsal.model.faults import FaultKind
from rehearsal.model.history import Kind, Outcome, Row, Step
from rehearsal.model.plan import Fault, Phase, PhaseKind
from rehearsal.model.timeline import PlacedFault, Timeline, Window
from rehearsal.model.verdict import Finding
from rehearsal.rundir.history_file import frame_of

KILLED, LOST, DOWN = (
    FaultKind.REGION_KILLED,
    FaultKind.ANSWER_LOST_AFTER_CAPTURE,
    FaultKind.PAYMENT_UNREACHABLE,
)


def timeline(*kinds: FaultKind) -> Timeline:
    """Return a run of 100 s with faults at 10-20 s, 30-40 s, ..."""
    phase = Phase(name="burst", kind=PhaseKind.BURST, duration_s=100.0, rate=1.0)
    faults = tuple(
        PlacedFault(
            Fault(kind=kind, phase="burst", hold_s=10.0, recover_within_s=5.0),
            Window((20 * n + 10) * NS_PER_S, (20 * n + 20) * NS_PER_S),
        )
        for n, kind in enumerate(kinds)
    )
    return Timeline((phase,), (Window(0, 100 * NS_PER_S),), faults)


def step(kind: FaultKind, note: str, at_s: float, *, outcome: str = "ok", took_s: float = 0.0) -> Row:
    """Return one row of the nemesis."""
    sent_ns = round(at_s * NS_PER_S)
    return Row(
        kind=Kind.FAULT,
        f=kind,
        sent_ns=sent_ns,
        done_ns=sent_ns + round(took_s * NS_PER_S),
        outcome=outcome,
        note=note,
    )


def steps(kind: FaultKind, start_s: float = 10.0) -> list[Row]:
    """Return the rows of a fault that took effect and was healed in 1.25 s."""
    return [
        step(kind, "inject: It breaks.", start_s),
        step(kind, "effect: it is broken", start_s),
        step(kind, "heal: mended", start_s + 10),
        step(kind, "healed: it: works", start_s + 10, took_s=1.25),
    ]


def op(f: Step, done_s: float, **facts: Any) -> Row:
    """Return one request that took 10 ms."""
    done_ns = round(done_s * NS_PER_S)
    sent_ns = done_ns - NS_PER_S // 100
    return Row(kind=Kind.OP, f=f, due_ns=sent_ns, sent_ns=sent_ns, done_ns=done_ns, **facts)


def judge(rows: list[Row], *kinds: FaultKind) -> list[Finding]:
    """Return the findings on a history."""
    placed = timeline(*kinds)
    return list(fault_findings(frame_of(rows, placed), placed))


OK: dict[str, Any] = {"outcome": Outcome.OK}
