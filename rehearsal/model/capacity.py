"""What a search for capacity came to: trials, what was found, and what is left when things break.

Values only; a run keeps them as `capacity.json`. Rates are visits a second unless said otherwise. A **trial**
offers one constant arrival rate; an **SLO set** is a handful of promises that must hold together; the
**attainment** of a promise is the share of its requests that kept it.
"""

from enum import StrEnum

import msgspec

from rehearsal.model.verdict import Status


class Purpose(StrEnum):
    """Why a trial was made."""

    DOUBLE = "double"
    BISECT = "bisect"
    CONFIRM = "confirm"
    PROOF = "proof"
    AGAIN = "again"


class Band(msgspec.Struct, frozen=True, kw_only=True):
    """A measured value between a lower and an upper bound, each one-sided at 95 %; None: not known."""

    low: float | None = None
    value: float | None = None
    high: float | None = None


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """A trial to make: `rate_per_s` until `requests` have come to be judged, warm-up not counted.

    `scene` names what is broken or changed meanwhile, "" if nothing is; `slo_set` the set whose limit is
    searched for, "" for the first.
    """

    purpose: Purpose
    rate_per_s: float
    requests: int
    scene: str = ""
    slo_set: str = ""


class Met(msgspec.Struct, frozen=True, kw_only=True):
    """How one promise of an SLO set fared in a trial.

    `promise` in words ("p99 <= 300 ms"), `target` the share of requests that must keep it, `share` the
    attainment. `doubt` says why the bounds are not to be believed, "" if they are.
    """

    slo_set: str
    promise: str
    target: float
    share: Band
    samples: int
    doubt: str = ""

    @property
    def status(self) -> Status:
        """Return PASS if the whole interval clears the target, FAIL if all of it misses, else INCONCLUSIVE.

        An interval in doubt fails by its value: a miss as measured is no PASS, whatever the doubt.
        """
        if self.doubt or self.share.low is None or self.share.high is None:
            return Status.INCONCLUSIVE
        if self.share.low >= self.target:
            return Status.PASS
        return Status.FAIL if self.share.high < self.target else Status.INCONCLUSIVE

    @property
    def holds(self) -> bool:
        """Tell whether the promise was kept as measured: what a short trial is judged by."""
        return self.share.value is not None and self.share.value >= self.target


class Trial(msgspec.Struct, frozen=True, kw_only=True):
    """One trial as it was. Seconds count from the run's origin; times are response times from due.

    `steady_s` is where warm-up ends; `requests` came after it. `in_flight` is the mean number of visits
    under way, as the load counted them, and `visit_s` how long one took on average. `broke` names the first
    to break (a step, a region or a resource), "" if nothing did. `used` are resources' readings, their means.
    `invalid` says why the generator cannot be believed, "" if it can. `excused` names seconds in which the
    machine starved: a set that missed counts what they may have spoilt as kept, and missed all the same.
    """

    number: int
    wanted: Wanted
    start_s: float
    steady_s: float
    end_s: float
    visits: int
    requests: int
    offered_per_s: float
    goodput_per_s: float
    p50_ms: Band = Band()
    p95_ms: Band = Band()
    p99_ms: Band = Band()
    mean_ms: float | None = None
    in_flight: float | None = None
    visit_s: float | None = None
    met: tuple[Met, ...] = ()
    broke: str = ""
    used: dict[str, float] = {}
    invalid: str = ""
    excused: str = ""

    def of(self, slo_set: str) -> tuple[Met, ...]:
        """Return how the promises of one SLO set fared."""
        return tuple(met for met in self.met if met.slo_set == slo_set)

    def holds(self, slo_set: str) -> bool:
        """Tell whether an SLO set was kept as measured; not if no promise was put to the test."""
        mets = self.of(slo_set)
        return bool(mets) and all(met.holds for met in mets)

    def status(self, slo_set: str) -> Status:
        """Return INVALID of an unbelievable generator; FAIL if any promise failed; PASS if all passed."""
        if self.invalid:
            return Status.INVALID
        statuses = {met.status for met in self.of(slo_set)}
        if Status.FAIL in statuses:
            return Status.FAIL
        return Status.PASS if statuses == {Status.PASS} else Status.INCONCLUSIVE


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """The capacity of one SLO set in one scene: a one-sided 95 % lower bound, a middle, and an upper bound.

    `broke` is the first to break above it. `trials` are the numbers of those it rests on; `why` says what
    is missing if a bound is.
    """

    slo_set: str
    scene: str = ""
    capacity: Band
    broke: str = ""
    why: str = ""
    trials: tuple[int, ...] = ()
    shoppers: float | None = None


class Survived(msgspec.Struct, frozen=True, kw_only=True):
    """A row of the degradation table: what the shop carries with something gone. `proven`: the fault bit."""

    scene: str
    fault: str
    found: Found | None
    required: float
    proven: bool
    why: str = ""


class Swept(msgspec.Struct, frozen=True, kw_only=True):
    """A cell of the table of dimensions: the capacity at one value of one dimension."""

    dimension: str
    value: float
    found: Found


class CapacityRecord(msgspec.Struct, frozen=True, kw_only=True):
    """`capacity.json`: everything a search for capacity came to, in the order it happened.

    `found` holds one entry an SLO set, the first of which the headroom is judged by. `proof` is the number of
    the trial that held 1.3 times the forecast. `limits` are ceilings of the resources in `Trial.used`;
    `unread` says which of them could not be read, and how often.
    """

    schema: int = 1
    trials: tuple[Trial, ...] = ()
    found: tuple[Found, ...] = ()
    proof: int | None = None
    surviving: tuple[Survived, ...] = ()
    dimensions: tuple[Swept, ...] = ()
    limits: dict[str, float] = {}
    unread: str = ""
    stopped: str = ""
