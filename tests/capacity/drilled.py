"""A history with one fault in it: injected at 12 s, healed at 20 s, watched until 40 s. Times in seconds."""

from collections.abc import Iterable
from typing import Any

from capacity.fault_windows import Drill, placed_drills
from capacity.samples import requests_of
from rehearsal.model.faults import FaultKind
from rehearsal.model.history import Row
from rehearsal.model.plan import Fault, PhaseKind, Plan
from tests.capacity.conftest import fault_step, op, phase, plan_of, told

INJECTED_S, HEALED_S, END_S = 12, 20, 40
HELD = range(INJECTED_S, HEALED_S)
PHASES = (
    phase("calm"),
    phase("down", kind=PhaseKind.FAULT),
    phase("back", kind=PhaseKind.RECOVERY, duration_s=20.0),
)


def fault_of(kind: FaultKind, **changes: Any) -> Fault:
    """Return a fault held from 12 s to 20 s, with five seconds to recover in."""
    usual = {"phase": "down", "after_s": 2.0, "hold_s": 8.0, "recover_within_s": 5.0}
    return Fault(kind=kind, **{**usual, **changes})


def steps(fault: Fault) -> list[Row]:
    """Return what the nemesis says of a fault."""
    notes = ((12, "inject"), (13, "effect"), (20, "heal"), (21, "healed"))
    return [fault_step(at_s, fault.kind, note) for at_s, note in notes]


def drilled(fault: Fault, rows: Iterable[Row], *, plan: Plan | None = None) -> tuple[Any, Drill]:
    """Return the requests of a history with a fault, and what became of the fault."""
    frame, timeline = told(plan or plan_of(*PHASES, faults=(fault,)), *steps(fault), *rows)
    (_, drill), *_ = placed_drills(frame, timeline)
    assert drill is not None
    return requests_of(frame), drill


def each_second(seconds: Iterable[float], f: str, *, per_s: int = 10, **rest: Any) -> list[Row]:
    """Return requests spread over seconds, each a visit of its own."""
    return [
        op(second + i / per_s, f=f, visit=round(1000 * second) + i, intent=f"{f}:{second}/{i}", **rest)
        for second in seconds
        for i in range(per_s)
    ]


def cards(seconds: Iterable[float], **rest: Any) -> list[Row]:
    """Return card payments."""
    return each_second(seconds, "pay", **{"channel": "card", **rest})


#: Answers by what they mean to a shopper; a refusal takes 20 ms.
OK: dict[str, Any] = {"outcome": "ok", "status": 200}
REFUSED: dict[str, Any] = {"outcome": "fail", "error": "payment_unavailable", "status": 503}
NO_ANSWER: dict[str, Any] = {"outcome": "info", "error": "timeout", "took_ms": 5000.0}
UNREACHED: dict[str, Any] = {"outcome": "fail", "error": "connect_refused"}
