"""What single drills of the selftest ask for besides the template: keys of the fault, changes to the plan."""

from typing import Any

import msgspec

from rehearsal.model.faults import FaultKind

Table = dict[str, Any]

#: Drills that no kind of fault has. No fault: what a crowd does to a shop is enough.
CALM = "no_fault"
#: The sale ends before it is sold out.
SALE_ENDS = "sale_ends"
#: A region dies, and many who bought there try for their limit once more where they are sent then.
COME_AGAIN = "come_again"
#: A third of the captures arrive when their orders have expired.
TOO_LATE = "capture_too_late"
#: More come than can be served.
SHED = "too_many"
#: Answers are lost, and shoppers leave when they wait too long: what is never given back runs out.
IMPATIENT = "impatient"


class Own(msgspec.Struct, frozen=True, kw_only=True):
    """What a kind of fault asks for: keys of its table, and changes to the plan."""

    fault: Table = {}
    plan: Table = {}


class Extra(msgspec.Struct, frozen=True, kw_only=True):
    """A drill that is not a kind's own: its fault if it has one, keys of that, and changes to the plan."""

    kind: FaultKind | None = None
    fault: Table = {}
    plan: Table = {}


def _ask(method: str, path: str) -> str:
    """Return a shell command that asks region A and fails unless the answer is good."""
    body = "b'{}'" if method == "PUT" else "None"
    asked = f"r.Request(os.environ['REHEARSAL_REGION_A'] + '{path}', method='{method}', data={body})"
    return f'python3 -c "import os, urllib.request as r; r.urlopen({asked})"'


OWN: dict[FaultKind, Own] = {
    FaultKind.PAYMENT_BLACK_HOLE: Own(
        fault={"hold_s": 7.0},
        plan={
            "phases": {"sale": {"duration_s": 8.0}},
            "slo": {"fault": {"p95_ms": 4000.0, "p99_ms": 4500.0}},
        },
    ),
    FaultKind.REGION_KILLED: Own(fault={"hold_s": 3.5}),
    # Whose attempt got lost is taken up again when its lease of 3 s is over: before the order expires.
    FaultKind.COMMIT_ANSWER_LOST: Own(plan={"store": {"reservation_s": 5.0}}),
    # A third of the captures never arrive: the others' callbacks cannot tell what became of them.
    FaultKind.TOXIC: Own(
        fault={
            "listener": "pay_capture",
            "toxic": {"type": "timeout", "stream": "upstream", "attributes": {"timeout": 0}},
        },
    ),
    FaultKind.COMMAND: Own(
        fault={
            "command": {
                "inject": _ask("PUT", "/__fault/database_down"),
                "undo": _ask("DELETE", "/__fault/database_down"),
                "prove": f"! {_ask('GET', '/health')}",
                "prove_healed": _ask("GET", "/health"),
                "timeout_s": 5.0,
            },
            "hold_s": 6.0,
            # The other region carries all: who asks again is served there.
            "promise": {"cart": "works", "flash_sale": "works"},
        },
        plan={"phases": {"sale": {"duration_s": 7.0}}, "behaviour": {"attempts": 4}},
    ),
}

EXTRA: dict[str, Extra] = {
    CALM: Extra(),
    SALE_ENDS: Extra(plan={"sale": {"stock": 400, "closes_with": "after"}}),
    COME_AGAIN: Extra(
        kind=FaultKind.REGION_KILLED,
        fault={"hold_s": 3.5},
        plan={"sale": {"stock": 200}, "behaviour": {"come_again": 0.6}},
    ),
    TOO_LATE: Extra(
        kind=FaultKind.TOXIC,
        fault={
            "listener": "pay_capture",
            "toxic": {"type": "latency", "stream": "upstream", "attributes": {"latency": 3000}},
        },
        plan={"store": {"reservation_s": 1.5}},
    ),
    SHED: Extra(
        plan={
            "store": {"servers": 1, "service_ms": 20.0, "queue": 12},
            "traffic": {"normal_per_s": 6.0},
            "phases": {"sale": {"kind": "shed", "rate": 4.5}},
            "slo": {"shed": {"p95_ms": 800.0, "p99_ms": 1500.0, "goodput": 0.8, "payment_success": 0.0}},
        }
    ),
    IMPATIENT: Extra(
        kind=FaultKind.ANSWER_LOST_AFTER_CAPTURE,
        plan={"store": {"servers": 24}, "behaviour": {"patience_s": 5.0}},
    ),
}
