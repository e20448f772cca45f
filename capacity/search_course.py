"""A search for capacity under way: what is searched for, the trials so far, and what may still be spent."""

import math
from collections.abc import Generator
from dataclasses import dataclass, field

from capacity.found import Bounds, bounds_of, bracket_of
from rehearsal.model.capacity import Purpose, Trial, Wanted

#: Part of the budget that is not planned for: how many requests will come is known only roughly.
_SLACK = 0.01
#: After a rate that cannot be believed so many more in a row may be none either; then the search makes do.
_ENDURED = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Goal:
    """What is searched for, and how; the fields are those of the plan's `[capacity]`.

    `start_per_s` is the first rate, `ceiling_per_s` the highest that the generator can offer. No trial's
    steady state is shorter than `least_s`. `known` are trials of the same scene, made for another SLO set,
    that this one need not make again; those that say nothing of it are passed over.
    """

    slo_set: str
    start_per_s: float
    scene: str = ""
    trial_requests: int = 1000
    confirm_requests: int = 10000
    most_requests: int = 45000
    most_s: float = 1800.0
    width: float = 0.05
    back_off: float = 0.975
    ceiling_per_s: float | None = None
    least_s: float = 0.0
    known: tuple[Trial, ...] = ()


class Ended(Exception):
    """The search cannot go on; the words say why."""


class Unbelievable(Ended):
    """A trial cannot be believed, twice."""


@dataclass(slots=True)
class Course:
    """A search under way: the trials that can be believed, what they cost, and the rate accepted last."""

    goal: Goal
    trials: list[Trial] = field(default_factory=list)
    spent: float = 0.0
    spent_s: float = 0.0
    accepted: tuple[Trial, ...] = ()
    said: list[str] = field(default_factory=list)
    limit: Unbelievable | None = None
    spoilt: int = 0

    def __post_init__(self) -> None:
        slo_set = self.goal.slo_set
        self.trials.extend(trial for trial in self.goal.known if not trial.invalid and trial.of(slo_set))

    @property
    def bounds(self) -> Bounds | None:
        """Return where all trials so far see the crossing."""
        return bounds_of(self.trials, self.goal.slo_set)

    @property
    def crossing_per_s(self) -> float:
        """Return where the set breaks: the crossing, or the middle of the bracket while there is none."""
        if bounds := self.bounds:
            return bounds.value
        low, high = bracket_of(self.trials, self.goal.slo_set)
        return math.sqrt((low or self.goal.start_per_s) * (high or self.goal.start_per_s))

    @property
    def low_per_s(self) -> float:
        """Return the lower bound by all trials so far; infinite while there is none."""
        return bounds.low if (bounds := self.bounds) else math.inf

    @property
    def left(self) -> float:
        """Return how many requests may still be made."""
        return (1 - _SLACK) * self.goal.most_requests - self.spent

    def try_at(self, purpose: Purpose, rate_per_s: float, requests: int) -> Generator[Wanted, Trial, Trial]:
        """Ask for a trial, twice if it cannot be believed; Ended if it still cannot, or costs too much."""
        goal = self.goal
        wanted = Wanted(
            purpose=purpose,
            rate_per_s=rate_per_s,
            requests=requests,
            scene=goal.scene,
            slo_set=goal.slo_set,
        )
        for _ in range(2):
            self._afford(rate_per_s, requests)
            trial = yield wanted
            seconds = trial.end_s - trial.start_s
            self.spent += trial.requests * seconds / max(trial.end_s - trial.steady_s, seconds / 100)
            self.spent_s += seconds
            if not trial.invalid:
                self.spoilt = 0
                self.trials.append(trial)
                return trial
        self.spoilt += 1
        raise Unbelievable(f"the generator, not the shop, was the limit: {trial.invalid}")

    def holds(self, trial: Trial) -> bool:
        """Tell whether the set was kept in a trial, as measured."""
        return trial.holds(self.goal.slo_set)

    def fitting(self, rate_per_s: float) -> int:
        """Return a confirmation's requests, down to half as many if the budget has no more."""
        most = self.goal.confirm_requests
        beside, _ = self.costs(rate_per_s, 0)
        return max(most // 2, min(most, math.floor(self.left - beside)))

    def costs(self, rate_per_s: float, requests: int) -> tuple[float, float]:
        """Return the requests, warm-up included, and the seconds of a trial, judged by the last one."""
        if not self.trials:
            return requests, 0.0
        last = self.trials[-1]
        per_s = rate_per_s * last.requests / max(last.end_s - last.steady_s, 1e-9) / last.wanted.rate_per_s
        warm_up_s = last.steady_s - last.start_s
        requests = max(requests, math.ceil(self.goal.least_s * per_s))
        return requests + warm_up_s * per_s, warm_up_s + requests / max(per_s, 1e-9)

    def can_go_on(self, rate_per_s: float, low_per_s: float) -> bool:
        """Tell whether the budget suffices for a short trial at a rate and a confirmation of a lower one."""
        goal = self.goal
        pairs = ((rate_per_s, goal.trial_requests), (low_per_s, goal.confirm_requests))
        costs, costs_s = map(sum, zip(*(self.costs(*pair) for pair in pairs), strict=True))
        return costs <= self.left and self.spent_s + costs_s <= goal.most_s

    def can_endure(self, rate_per_s: float, low_per_s: float) -> bool:
        """Tell whether one more rate may be tried beside one that cannot be believed."""
        return self.spoilt <= _ENDURED and self.can_go_on(rate_per_s, low_per_s)

    def _afford(self, rate_per_s: float, requests: int) -> None:
        costs, costs_s = self.costs(rate_per_s, requests)
        if costs > self.left:
            raise Ended(f"the budget of {self.goal.most_requests} requests was spent")
        if self.spent_s + costs_s > self.goal.most_s:
            raise Ended(f"the budget of {self.goal.most_s:g} s was spent")
