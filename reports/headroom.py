"""The rule of 1.3 as the approver reads it: what was held, against what is expected."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from rehearsal.model.plan import Plan
from rehearsal.model.verdict import Finding, Status


@dataclass(frozen=True, slots=True, kw_only=True)
class Headroom:
    """All rates in visits a second; None for what is not known.

    `offered_per_s` is what the proof phase really offered; it was held if `status` is PASS.
    """

    forecast_per_s: float
    factor: float
    offered_per_s: float | None
    model_per_s: float | None
    status: Status | None

    @property
    def required_per_s(self) -> float:
        """Return the rate that must be held: forecast peak times the factor asked for."""
        return self.forecast_per_s * self.factor

    @property
    def ratio(self) -> float | None:
        """Return the offered rate over the forecast peak."""
        return None if self.offered_per_s is None else self.offered_per_s / self.forecast_per_s

    @property
    def is_held(self) -> bool:
        """Tell whether every promise was kept at the offered rate."""
        return self.status is Status.PASS


def headroom_of(plan: Plan, findings: Sequence[Finding]) -> Headroom | None:
    """Read headroom from the findings on the proof; what they do not say stays None. None: no forecast."""
    if plan.forecast is None:
        return None
    # What survives is a rule of its own: its PASS holds no rate here. A search makes a proof of its own.
    family = next(
        filter(None, (_of(findings, check) for check in ("headroom.proof", "headroom.capacity"))), []
    )
    family.sort(key=lambda finding: finding.status is not Status.PASS)
    return Headroom(
        forecast_per_s=plan.forecast.peak_per_s,
        factor=plan.forecast.headroom,
        offered_per_s=_number(family, "offered_per_s") or _number(family, "proof_per_s"),
        model_per_s=_number(family, "model_capacity_visits_per_s"),
        status=family[0].status if family else None,
    )


def _of(findings: Sequence[Finding], check: str) -> list[Finding]:
    return [finding for finding in findings if finding.check == check]


def facts_of(headroom: Headroom | None) -> dict[str, Any]:
    """Return headroom as annotations of the signed statement; unknown numbers are left out."""
    if headroom is None:
        return {}
    facts = {
        "forecastPeakPerS": headroom.forecast_per_s,
        "requiredHeadroom": headroom.factor,
        "offeredPerS": headroom.offered_per_s,
        "offeredOverForecast": headroom.ratio,
        "held": headroom.is_held,
    }
    return {name: value for name, value in facts.items() if value is not None}


def _number(findings: Sequence[Finding], name: str) -> float | None:
    found = (finding.evidence.get(name) for finding in findings)
    return next((float(value) for value in found if isinstance(value, int | float)), None)
