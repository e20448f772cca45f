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
from rehearsal.pipeline.selftest.peculiar import EXTRA, OWN, Table
from rehearsal.pipeline.selftest.toml_text import toml_text


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


def fault(kind: FaultKind, more: Table) -> Table:
    """Return a fault in the middle of the sale."""
    usual = {"phase": "sale", "after_s": 0.5, "hold_s": 4.0, "recover_within_s": 4.0}
    return {"kind": kind.value, **usual, **more}


def _drill_of(kind: FaultKind) -> Drill:
    own = OWN.get(kind)
    if own is None:
        return Drill(name=kind.value, faults=(fault(kind, {}),))
    return Drill(name=kind.value, faults=(fault(kind, own.fault),), changes=own.plan)


def _extra() -> tuple[Drill, ...]:
    return tuple(
        Drill(
            name=name, faults=(fault(one.kind, one.fault),) if one.kind is not None else (), changes=one.plan
        )
        for name, one in EXTRA.items()
    )


#: Every drill by its name.
DRILLS: dict[str, Drill] = {drill.name: drill for drill in (*_extra(), *map(_drill_of, FaultKind))}
