"""The mock shop's capacity, measured by the real load, against what queueing theory says it is.

Each of the shop's two regions is a station and visits choose theirs at random, so the truth is twice that of
one station. What the wire and Python add to each answer is part of the shop, and lowers the truth: by about
one percent where a request is served for 50 ms, by several where it is served for 20. A search overloads
the shop on purpose and is compared with the truth to the percent, so its requests are served slowly. A
verdict on headroom only holds a rate, and takes a hundred thousand requests: there they are served quickly.
"""

from pathlib import Path
from typing import Any

import msgspec

from rehearsal.model.capacity import Band, CapacityRecord
from rehearsal.model.clock import Clock
from rehearsal.model.errors import RehearsalError
from rehearsal.model.plan_check import check_plan
from rehearsal.model.verdict import Finding, Status, Verdict
from rehearsal.pipeline.capacity.record_file import read_record
from rehearsal.pipeline.capacity_run import run_capacity
from rehearsal.pipeline.halt import Halt
from rehearsal.pipeline.selftest.capacity_simulated import WITHIN_S, Law, truth_of
from rehearsal.pipeline.selftest.toml_text import toml_text
from rehearsal.pipeline.shop_links import REGIONS
from rehearsal.pipeline.watcher import Watcher
from rehearsal.rundir import folder

#: How far the middle may lie from the truth, as a part of it, and the lower bound below it.
WITHIN = 0.10
#: Requests of a browsing visit: two or three, at random.
PER_VISIT = 2.5
#: The finding on the headroom.
HEADROOM = "headroom.capacity"
#: An ordinary machine with two processors serves so many requests a second from shop and generator at once:
#: while the shop is overloaded, and while a rate near its capacity is held.
_SEARCHED_PER_S, _HELD_PER_S = 300.0, 600.0
_FASTEST_MS, _FASTEST_HELD_MS, _SLOWEST_MS = 40.0, 20.0, 100.0
_STATIONS = {
    Law.MM1: (1, "exponential"),
    Law.MM4: (4, "exponential"),
    Law.MM8: (8, "exponential"),
    Law.MM16: (16, "exponential"),
    Law.MD8: (8, "deterministic"),
    Law.PS: (1, "sharing"),
}


class LiveCase(msgspec.Struct, frozen=True, kw_only=True):
    """A shop of known capacity; `factor` is capacity over forecast, None: there is no forecast.

    With one, 1.3 times the forecast is held and nothing is searched for.
    """

    law: Law
    factor: float | None = None
    seed: int = 1
    requests: int = 45000

    @property
    def service_ms(self) -> float:
        """Return the mean service time: short, but so that this machine can serve the capacity."""
        most_per_s = _SEARCHED_PER_S if self.factor is None else _HELD_PER_S
        fastest_ms = _FASTEST_MS if self.factor is None else _FASTEST_HELD_MS
        region_ms = 1000 * truth_of(self.law) * len(REGIONS) / most_per_s
        return min(_SLOWEST_MS, max(fastest_ms, float(round(region_ms))))

    @property
    def truth_per_s(self) -> float:
        """Return the shop's capacity in visits a second."""
        return len(REGIONS) * truth_of(self.law) * 1000 / self.service_ms / PER_VISIT

    @property
    def forecast_per_s(self) -> float | None:
        """Return the peak that the shop carries `factor` times."""
        return None if self.factor is None else self.truth_per_s / self.factor


class LiveTried(msgspec.Struct, frozen=True, kw_only=True):
    """What was measured of a case; `headroom` is its finding, `invalid` what was not the shop's fault."""

    case: LiveCase
    truth_per_s: float
    low_per_s: float | None
    value_per_s: float | None
    high_per_s: float | None
    requests: int
    trials: int
    headroom: Status | None
    verdict: Verdict
    invalid: str = ""

    @property
    def holds(self) -> bool:
        """Tell whether middle and lower bound are near the truth, or the generator was named as the limit."""
        if self.invalid:
            return True
        near = self.value_per_s is not None and abs(self.value_per_s / self.truth_per_s - 1) <= WITHIN
        return near and self.low_per_s is not None and self.low_per_s >= (1 - WITHIN) * self.truth_per_s


def try_live(case: LiveCase, room: Path, *, clock: Clock, halt: Halt, watcher: Watcher) -> LiveTried:
    """Search for a case's capacity and return what came of it; the run's folder goes below `room`.

    RehearsalError if the run broke off before anything was found.
    """
    plan = check_plan(plan_of(case), source="selftest", curves=())
    outcome = run_capacity(plan, out=room, clock=clock, halt=halt, watcher=watcher)
    record = read_record(outcome.run)
    if record is None:
        raise RehearsalError(f"The search left no {folder.CAPACITY} in {outcome.run}.")
    findings = folder.read_json(outcome.run / folder.FINDINGS, tuple[Finding, ...])
    return tried(case, record, findings, outcome.verdict)


def tried(
    case: LiveCase, record: CapacityRecord, findings: tuple[Finding, ...], verdict: Verdict
) -> LiveTried:
    """Return the figures of a record, its findings and its verdict."""
    found = next(iter(record.found), None)
    band = found.capacity if found else Band()
    invalid = [trial.invalid for trial in record.trials if trial.invalid]
    spoilt = invalid and (found is None or "generator" in found.why)
    return LiveTried(
        case=case,
        truth_per_s=case.truth_per_s,
        low_per_s=band.low,
        value_per_s=band.value,
        high_per_s=band.high,
        requests=sum(trial.requests for trial in record.trials),
        trials=len(record.trials),
        headroom=next((each.status for each in findings if each.check == HEADROOM), None),
        verdict=verdict,
        invalid=invalid[-1] if spoilt else "",
    )


def plan_of(case: LiveCase) -> str:
    """Return the plan of a case, in which shoppers only look."""
    servers, law = _STATIONS[case.law]
    limit_ms = WITHIN_S * case.service_ms
    plan: dict[str, Any] = {
        "name": f"capacity of {case.law.value}",
        "seed": case.seed,
        "store": {"servers": servers, "service_ms": case.service_ms, "queue": 0, "law": law},
        "traffic": {
            "normal_per_s": case.truth_per_s / 8,
            "multiplier": 5.0,
            "pool": 1000,
            "think_s": 0.2,
            "mix": {"browse": 1.0, "cart": 0.0, "flash_sale": 0.0},
        },
        "phases": [
            {"name": "warm-up", "kind": "warmup", "duration_s": 5.0, "rate": 1.0},
            {"name": "capacity", "kind": "capacity"},
        ],
        "capacity": {
            "start_per_s": case.truth_per_s / 4,
            "most_requests": case.requests,
            "slo": {"six services": {"p95_ms": limit_ms, "p99_ms": limit_ms, "goodput": 0.99}},
        },
        "limits": {"quiesce_s": 1.0},
    }
    if case.forecast_per_s is not None:
        plan["forecast"] = {"peak_per_s": case.forecast_per_s}
        plan["capacity"]["search"] = False
    return toml_text(plan)
