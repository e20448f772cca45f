"""The drills of the selftest: the plan `scenarios/plans/selftest.toml`, a fault, and what that asks for.

Every kind of fault has a drill of its own name. A bug is planted under one of these drills, and the correct
shop goes through all of them: so what catches a bug is known to stay silent without it.
"""

import tomllib
from collections.abc import Mapping
from copy import deepcopy
from importlib.resources import files
from typing import Any

import msgspec

from rehearsal.model.faults import FaultKind
from rehearsal.pipeline.selftest.toml_text import toml_text

Table = dict[str, Any]

#: Drills without a fault: what a crowd does to a shop is enough; or a sale that ends before it is sold out.
CALM, SALE_ENDS = "no_fault", "sale_ends"
#: A region dies, and many who bought there try for their limit once more where they are sent then.
COME_AGAIN = "come_again"


class Drill(msgspec.Struct, frozen=True, kw_only=True):
    """A drill: its faults (tables of a plan) and changes to the template, tables merged, phases by name."""

    name: str
    faults: tuple[Table, ...] = ()
    changes: Table = {}


def plan_text(drill: Drill, seed: int) -> str:
    """Return the plan of a drill as TOML."""
    table = merged(template(), {**drill.changes, "seed": seed, "name": drill.name.replace("_", " ")})
    return toml_text({**table, "faults": list(drill.faults)})


def template() -> Table:
    """Return the template as plain tables."""
    return tomllib.loads((files("scenarios") / "plans" / "selftest.toml").read_text(encoding="utf-8"))


def merged(table: Table, changes: Mapping[str, Any]) -> Table:
    """Return a table with changes: tables are merged, rows with a name found by it, all else replaced."""
    result = deepcopy(table)
    for key, value in changes.items():
        there = result.get(key)
        if isinstance(value, Mapping) and isinstance(there, dict):
            result[key] = merged(there, value)
        elif isinstance(value, Mapping) and isinstance(there, list):
            result[key] = [merged(row, value.get(row["name"], {})) for row in there]
        else:
            result[key] = value
    return result


def fault(kind: FaultKind, **more: Any) -> Table:
    """Return a fault in the middle of the sale."""
    usual = {"phase": "sale", "after_s": 0.5, "hold_s": 4.0, "recover_within_s": 4.0}
    return {"kind": kind.value, **usual, **more}


def _drill_of(kind: FaultKind) -> Drill:
    more, changes = _OWN.get(kind, ({}, {}))
    return Drill(name=kind.value, faults=(fault(kind, **more),), changes=changes)


#: What single kinds ask for besides: keys of the fault, and changes to the plan.
_OWN: dict[FaultKind, tuple[Table, Table]] = {
    FaultKind.REGION_KILLED: ({"hold_s": 3.5}, {}),
    FaultKind.TOXIC: (
        {
            "listener": "pay_capture",
            "toxic": {
                "type": "latency",
                "stream": "downstream",
                "attributes": {"latency": 300, "jitter": 100},
            },
        },
        {},
    ),
    FaultKind.COMMAND: (
        {
            "command": {
                "inject": "true",
                "undo": "true",
                "prove": "true",
                "prove_healed": "true",
                "timeout_s": 5.0,
            }
        },
        {},
    ),
}

_EXTRA: tuple[Drill, ...] = (
    Drill(name=CALM),
    Drill(name=SALE_ENDS, changes={"sale": {"stock": 400, "closes_with": "after"}}),
    Drill(
        name=COME_AGAIN,
        faults=(fault(FaultKind.REGION_KILLED, hold_s=3.5),),
        changes={"sale": {"stock": 200}, "behaviour": {"come_again": 0.6}},
    ),
)

#: Every drill by its name.
DRILLS: dict[str, Drill] = {
    drill.name: drill for drill in (*_EXTRA, *(_drill_of(kind) for kind in FaultKind))
}
