"""The rule of 1.3 as the approver reads it: what was held, against what is expected."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from rehearsal.model.plan import Plan
from rehearsal.model.verdict import Finding, Status


@dataclass(frozen=True, slots=True, kw_only=True)
class Headroom:
    """All rates in visits a second. `held_per_s` is None if no rate was shown to be held."""

    forecast_per_s: float
    factor: float
    held_per_s: float | None
    model_per_s: float | None
    status: Status | None

    @property
    def required_per_s(self) -> float:
        """Return the rate that must be held: forecast peak times the factor asked for."""
        return self.forecast_per_s * self.factor

    @property
    def ratio(self) -> float | None:
        """Return held rate over forecast peak."""
        return None if self.held_per_s is None else self.held_per_s / self.forecast_per_s


def headroom_of(plan: Plan, findings: Sequence[Finding]) -> Headroom:
    """Read headroom from the findings of its family; what they do not say stays None."""
    family = [finding for finding in findings if finding.check.split(".")[0] == "headroom"]
    return Headroom(
        forecast_per_s=plan.forecast.peak_per_s,
        factor=plan.forecast.headroom,
        held_per_s=_number(family, "held_per_s"),
        model_per_s=_number(family, "model_capacity_per_s"),
        status=family[0].status if family else None,
    )


def facts_of(headroom: Headroom) -> dict[str, Any]:
    """Return headroom as annotations of the signed statement; unknown numbers are left out."""
    facts = {
        "forecastPeakPerS": headroom.forecast_per_s,
        "requiredHeadroom": headroom.factor,
        "heldPerS": headroom.held_per_s,
        "headroom": headroom.ratio,
    }
    return {name: value for name, value in facts.items() if value is not None}


def _number(findings: Sequence[Finding], name: str) -> float | None:
    found = (finding.evidence.get(name) for finding in findings)
    return next((float(value) for value in found if isinstance(value, int | float)), None)
