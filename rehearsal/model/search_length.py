"""How long a phase of kind capacity lasts, where a plan leaves that out as it should. Pure."""

from typing import Any

from rehearsal.model.plan import PhaseKind
from rehearsal.model.plan_capacity import Capacity


def with_search(raw: Any) -> Any:
    """Return a plan's raw tables in which a phase of kind capacity without a length has `capacity.most_s`.

    What is not of the right shape is returned as it came: the model says what is wrong with it.
    """
    phases = raw.get("phases") if isinstance(raw, dict) else None
    if not isinstance(phases, list):
        return raw
    table = raw.get("capacity")
    most_s = Capacity.model_fields["most_s"].default
    if isinstance(table, dict):
        most_s = table.get("most_s", most_s)
    return {**raw, "phases": [_lasting(phase, most_s) for phase in phases]}


def _lasting(phase: Any, most_s: Any) -> Any:
    if not isinstance(phase, dict) or phase.get("kind") != PhaseKind.CAPACITY or "duration_s" in phase:
        return phase
    return {**phase, "duration_s": most_s}
