"""The mock shop's capacity, measured by the real load, against what queueing theory says it is.

Each of the shop's two regions is an M/M/c station and visits choose theirs at random, so the truth is twice
that of one station. What the wire and Python add to each answer is part of the shop, and lowers the truth by
about one percent.
"""

from pathlib import Path

import msgspec

from capacity.headroom import MOCK_REGIONS
from capacity.queueing import slo_capacity_per_s
from rehearsal.model.capacity import Band, CapacityRecord
from rehearsal.model.clock import Clock
from rehearsal.model.errors import RehearsalError
from rehearsal.model.plan_check import check_plan
from rehearsal.model.verdict import Finding, Status
from rehearsal.pipeline.capacity.record_file import read_record
from rehearsal.pipeline.capacity_run import run_capacity
from rehearsal.pipeline.halt import Halt
from rehearsal.pipeline.selftest.toml_text import toml_text
from rehearsal.pipeline.watcher import Watcher
from rehearsal.rundir import folder

#: How far the lower bound and the middle may lie from the truth, as a part of it.
WITHIN = 0.10
#: Mean service time, and the promise: 99 % within so many of them.
SERVICE_MS, LIMIT_S = 50.0, 6.0
#: The finding on the headroom.
HEADROOM = "headroom.capacity"
#: Requests of a browsing visit: two or three, at random.
PER_VISIT = 2.5


class LiveCase(msgspec.Struct, frozen=True, kw_only=True):
    """A shop of known capacity: stations of `servers`, and the forecast as capacity over `factor`."""

    servers: int
    factor: float = 1.45
    seed: int = 1

    @property
    def truth_per_s(self) -> float:
        """Return the shop's capacity in visits a second."""
        region = slo_capacity_per_s(0.99, LIMIT_S * SERVICE_MS, servers=self.servers, service_ms=SERVICE_MS)
        return MOCK_REGIONS * region / PER_VISIT

    @property
    def forecast_per_s(self) -> float:
        """Return the peak that the shop carries `factor` times."""
        return self.truth_per_s / self.factor


class LiveTried(msgspec.Struct, frozen=True, kw_only=True):
    """What was measured of a case. `headroom` is the status of the finding on it; `invalid` names why."""

    case: LiveCase
    truth_per_s: float
    low_per_s: float | None
    value_per_s: float | None
    high_per_s: float | None
    requests: int
    trials: int
    headroom: Status
    invalid: str = ""

    @property
    def holds(self) -> bool:
        """Tell whether bound and middle are near the truth, or the generator was named as the limit."""
        if self.invalid:
            return True
        known = [each for each in (self.low_per_s, self.value_per_s) if each is not None]
        return bool(known) and all(abs(each / self.truth_per_s - 1) <= WITHIN for each in known)


def try_live(case: LiveCase, room: Path, *, clock: Clock, halt: Halt, watcher: Watcher) -> LiveTried:
    """Search for a case's capacity and return what came of it; the run's folder goes below `room`."""
    plan = check_plan(plan_of(case), source="selftest", curves=())
    outcome = run_capacity(plan, out=room, clock=clock, halt=halt, watcher=watcher)
    record = read_record(outcome.run)
    if record is None:
        raise RehearsalError(f"The search left no {folder.CAPACITY} in {outcome.run}.")
    findings = folder.read_json(outcome.run / folder.FINDINGS, tuple[Finding, ...])
    return tried(case, record, findings)


def tried(case: LiveCase, record: CapacityRecord, findings: tuple[Finding, ...]) -> LiveTried:
    """Return the figures of a record and its findings."""
    found = next(iter(record.found), None)
    band = found.capacity if found else Band()
    unbelievable = [trial.invalid for trial in record.trials if trial.invalid]
    return LiveTried(
        case=case,
        truth_per_s=case.truth_per_s,
        low_per_s=band.low,
        value_per_s=band.value,
        high_per_s=band.high,
        requests=sum(trial.requests for trial in record.trials),
        trials=len(record.trials),
        headroom=next((each.status for each in findings if each.check == HEADROOM), Status.INCONCLUSIVE),
        invalid=unbelievable[-1] if unbelievable and (found is None or found.why) else "",
    )


def plan_of(case: LiveCase) -> str:
    """Return the plan of a case, in which shoppers only look."""
    limit_ms = LIMIT_S * SERVICE_MS
    plan = {
        "name": f"capacity of {case.servers}",
        "seed": case.seed,
        "store": {"servers": case.servers, "service_ms": SERVICE_MS, "queue": 0},
        "traffic": {
            "normal_per_s": case.forecast_per_s / 5,
            "multiplier": 5.0,
            "pool": 1000,
            "think_s": 0.2,
            "mix": {"browse": 1.0, "cart": 0.0, "flash_sale": 0.0},
        },
        "forecast": {"peak_per_s": case.forecast_per_s},
        "phases": [
            {"name": "warm-up", "kind": "warmup", "duration_s": 5.0, "rate": 1.0},
            {"name": "capacity", "kind": "capacity"},
        ],
        "slo": {},
        "capacity": {"slo": {"six services": {"p95_ms": limit_ms, "p99_ms": limit_ms, "goodput": 0.99}}},
        "limits": {"quiesce_s": 1.0},
    }
    return toml_text(plan)
