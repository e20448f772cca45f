"""What is known of the shop's capacity, as the report shows it: decided elsewhere, arranged here. Pure.

Rates are visits a second. Whatever is None or empty was not asked for or is not known, and is left out.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from rehearsal.model.capacity import Band, CapacityRecord, Found, Met, Purpose, Swept, Trial
from rehearsal.model.verdict import Status

#: Of each bound of a capacity, one-sided.
CONFIDENCE = 0.95


@dataclass(frozen=True, slots=True, kw_only=True)
class ForecastShown:
    """The peak expected, and how far to trust it.

    `low_per_s` and `high_per_s` hold the real peak with probability `level`, from `n` past promotions; with
    probability `above_required` it exceeds `required` times `peak_per_s`.
    """

    peak_per_s: float
    required: float
    n: int = 0
    low_per_s: float | None = None
    high_per_s: float | None = None
    level: float = 0.9
    above_required: float | None = None

    @property
    def required_per_s(self) -> float:
        """Return the rate that must be carried."""
        return self.peak_per_s * self.required


@dataclass(frozen=True, slots=True, kw_only=True)
class ThreeFigures:
    """One headroom said in three ways, which differ: C / P, (C - P) / C and C / P - 1."""

    factor: float
    spare: float
    slack: float


@dataclass(frozen=True, slots=True, kw_only=True)
class LatencyLimit:
    """A promise of response time that a figure draws a line for: `quantile` is "p95" or "p99"."""

    slo_set: str
    quantile: str
    limit_ms: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelCurve:
    """What a model says of a response time, "p50", "p95", "p99" or "mean", at rising rates."""

    name: str
    rates_per_s: tuple[float, ...]
    ms: tuple[float, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """A law that the shop is known to follow, called `words`: for the mock shop alone there is one."""

    words: str
    curves: tuple[ModelCurve, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Overlap:
    """Where peak and capacity may lie: densities at rising `rates_per_s`.

    `overload` is the part of the peak's density at which the capacity is lower; its area is `chance`. With
    the probability `holds` the capacity is at least the factor asked for times the real peak. If `is_bound`
    the one is at most that, and the other at least.
    """

    rates_per_s: tuple[float, ...]
    forecast: tuple[float, ...]
    capacity: tuple[float, ...]
    overload: tuple[float, ...]
    chance: float
    holds: float
    is_bound: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ResourceRow:
    """What a resource is used at the forecast peak and at the rate asked for, and its ceiling, in `unit`.

    `needed` is how much of it to have at the rate asked for, measured doubt included. `words` say all of
    that in one line, or why it cannot be said.
    """

    name: str
    at_forecast: float
    at_required: float
    limit: float | None
    unit: str = ""
    needed: float | None = None
    words: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SceneRow:
    """What is carried with something gone. `required` is the factor over the forecast that must be left."""

    scene: str
    fault: str
    capacity: Band
    required: float
    status: Status
    broke: str = ""
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Needed:
    """How many instances an aim takes: `more` of them besides those there are; None if it cannot be told."""

    aim: str
    more: int | None
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CapacityPage:
    """All that the section on capacity says; `explained` are sentences, `held` what the proof came to."""

    record: CapacityRecord
    forecast: ForecastShown | None = None
    figures: ThreeFigures | None = None
    limits: tuple[LatencyLimit, ...] = ()
    model: Model | None = None
    overlap: Overlap | None = None
    scenes: tuple[SceneRow, ...] = ()
    resources: tuple[ResourceRow, ...] = ()
    bottleneck: str = ""
    needed: tuple[Needed, ...] = ()
    explained: tuple[str, ...] = ()
    held: Status = Status.INCONCLUSIVE

    @property
    def found(self) -> Found | None:
        """Return what the headroom is judged by: the first SLO set's capacity in the shop as it is."""
        return next((found for found in self.record.found if not found.scene), None)

    @property
    def band(self) -> Band:
        """Return the capacity the headroom is judged by."""
        return Band() if self.found is None else self.found.capacity

    @property
    def slo_sets(self) -> tuple[str, ...]:
        """Return the SLO sets in the order in which they were found, then met."""
        found = [each.slo_set for each in self.record.found]
        met = [each.slo_set for trial in self.record.trials for each in trial.met]
        return tuple(dict.fromkeys([*found, *met]))

    @property
    def judged(self) -> str:
        """Return the SLO set that trials are marked by."""
        return next(iter(self.slo_sets), "")

    @property
    def plain(self) -> tuple[Trial, ...]:
        """Return the trials of the shop as it is: nothing gone, nothing changed."""
        return tuple(trial for trial in self.record.trials if not trial.wanted.scene)

    @property
    def dimensions(self) -> dict[str, tuple[Swept, ...]]:
        """Return the dimensions by name, each with its values in rising order."""
        names = dict.fromkeys(swept.dimension for swept in self.record.dimensions)
        return {name: tuple(sorted(self._swept(name), key=lambda swept: swept.value)) for name in names}

    @property
    def proof_alone(self) -> bool:
        """Tell whether rates were only held, and none was searched for."""
        purposes = {trial.wanted.purpose for trial in self.record.trials}
        return purposes == {Purpose.PROOF}

    @property
    def proof(self) -> Trial | None:
        """Return the trial that held the rate asked for; of several, the last."""
        return next((trial for trial in self.record.trials if trial.number == self.record.proof), None)

    @property
    def proofs(self) -> tuple[Trial, ...]:
        """Return the trials that make up the proof: those that held the rate asked for and are believed."""
        return tuple(t for t in self.plain if t.wanted.purpose is Purpose.PROOF and not t.invalid)

    def status(self, trial: Trial) -> Status:
        """Return how a trial fared by the SLO set that is judged."""
        return trial.status(self.judged)

    def tightest(self, trial: Trial) -> Met | None:
        """Return the promise of the judged SLO set that came nearest to being broken, or was."""
        return tightest_of(trial, self.judged)

    def _swept(self, name: str) -> Iterator[Swept]:
        return (swept for swept in self.record.dimensions if swept.dimension == name)


def tightest_of(trial: Trial, slo_set: str) -> Met | None:
    """Return the promise of an SLO set that came nearest to being broken in a trial, or was."""
    return min(trial.of(slo_set), key=lambda met: (met.holds, _margin(met)), default=None)


def facts_of(record: CapacityRecord | None, peak_per_s: float | None) -> dict[str, float]:
    """Return what a search found as annotations of the signed statement; unknown numbers are left out."""
    found = None if record is None else CapacityPage(record=record).found
    if found is None or found.capacity.low is None:
        return {}
    facts = {"capacityLowPerS": found.capacity.low, "confidence": CONFIDENCE}
    if found.capacity.high is not None:
        facts["capacityHighPerS"] = found.capacity.high
    return facts if peak_per_s is None else {**facts, "headroomLow": found.capacity.low / peak_per_s}


def _margin(met: Met) -> float:
    """Return how far a promise was from being broken, as part of what it allows to miss."""
    share = met.share.low if met.share.low is not None else met.share.value
    return float("inf") if share is None else (share - met.target) / max(1 - met.target, 1e-9)
