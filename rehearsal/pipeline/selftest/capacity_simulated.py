"""The search and the proof on queues whose capacity is known, many times over: how often they are right."""

from collections.abc import Callable
from enum import StrEnum
from functools import cache
from math import exp, inf

import msgspec
import numpy as np

from capacity import deterministic, queueing, shared_tail
from capacity.bound import judge_bound
from capacity.proof import Hold, hold
from capacity.search import Goal, drive, search
from capacity.simulated import Simulated
from capacity.simulation import Queue, Service
from rehearsal.model.capacity import Found, Trial, Wanted
from rehearsal.model.plan_capacity import Slo
from rehearsal.model.verdict import Verdict, verdict_of

#: The promise in all of this: 99 % within 6 S. S is a second, and so many of them are warm-up.
WITHIN_S, _WARM_UP_S = 6.0, 30.0
_SET = "p99"
_SETS = {_SET: Slo(p95_ms=1000 * WITHIN_S, p99_ms=1000 * WITHIN_S, goodput=0.0)}
#: A search starts at a quarter of the forecast, which is anybody's guess: as a factor, e^±0.35.
_QUARTER, _GUESS = 4.0, 0.35
REQUIRED = 1.3
_DIGITS = 4
FACTORS = (1.25, 1.30, 1.45)
#: What a search may cost, with warm-up.
MOST_REQUESTS = 45000


class Law(StrEnum):
    """A queue whose capacity is known."""

    MM1 = "mm1"
    MM4 = "mm4"
    MM8 = "mm8"
    MM16 = "mm16"
    MD8 = "md8"
    PS = "ps"


_QUEUES = {
    Law.MM1: Queue(1),
    Law.MM4: Queue(4),
    Law.MM8: Queue(8),
    Law.MM16: Queue(16),
    Law.MD8: Queue(8, Service.DETERMINISTIC),
    Law.PS: Queue(1, shared=True),
}

#: What is promised: the least median of lower bound over truth, the least share of lower bounds below the
#: truth, and the largest share of those more than 5 % above it. With one server an idle shop nearly breaks
#: its promise, and misses hardly rise with the rate (by 1.4 % for 1 % of it; on M/M/8 by 16 %): the same
#: number of requests tells less of its capacity.
PROMISED = {
    Law.MM1: (0.80, 0.88, 0.05),
    Law.MM4: (0.92, 0.90, 0.02),
    Law.MM8: (0.95, 0.93, 0.02),
    Law.MM16: (0.94, 0.93, 0.02),
    Law.MD8: (0.94, 0.93, 0.02),
    Law.PS: (0.80, 0.88, 0.05),
}


class Searched(msgspec.Struct, frozen=True, kw_only=True):
    """Runs of the search on one law, rates as multiples of the truth.

    `over_5_percent` and `below_truth` are shares of runs whose lower bound is more than 5 % above the truth,
    and at or below it; `median_ratio` is of the lower bounds. `high_covers`: of upper bounds not below it.
    """

    law: Law
    truth: float
    runs: int
    over_5_percent: float
    median_ratio: float
    below_truth: float
    requests_median: int
    requests_most: int
    value_ratio: float
    high_ratio: float
    high_covers: float

    @property
    def holds(self) -> bool:
        """Tell whether the promise is kept."""
        least_ratio, least_below, most_over = PROMISED[self.law]
        return (
            self.over_5_percent <= most_over
            and self.median_ratio >= least_ratio
            and self.below_truth >= least_below
            and self.requests_most <= MOST_REQUESTS
        )

    @property
    def told(self) -> dict[str, float]:
        """Return the figures that are promised, shares to four digits: that many searches know no more."""
        names = ("runs", "over_5_percent", "median_ratio", "below_truth", "requests_median")
        return {name: round(getattr(self, name), _DIGITS) for name in names}


class Decided(msgspec.Struct, frozen=True, kw_only=True):
    """How often which verdict was given on a shop that carries `factor` times the forecast."""

    factor: float
    verdicts: dict[Verdict, int]

    @property
    def holds(self) -> bool:
        """Tell whether the verdicts are right: one in twenty may not be; what is INVALID is the machine's."""
        repeats = sum(self.verdicts.values()) - self.verdicts[Verdict.INVALID]
        few = repeats // 20
        go, no_go = self.verdicts[Verdict.GO], self.verdicts[Verdict.NO_GO]
        if self.factor < REQUIRED:
            return go == 0 and no_go >= repeats - few
        return go <= few if self.factor == REQUIRED else no_go == 0 and go >= repeats - few


@cache
def truth_of(law: Law) -> float:
    """Return the capacity of a law's queue in erlangs, by its closed form or numerically exact."""
    queue = _QUEUES[law]
    if queue.shared:
        return shared_tail.slo_capacity(0.99, WITHIN_S)
    if queue.service is Service.DETERMINISTIC:
        return deterministic.slo_capacity(0.99, WITHIN_S, queue.servers)
    return queueing.slo_capacity(0.99, WITHIN_S, queue.servers)


def try_search(law: Law, runs: int, seed: int, done: Callable[[], None] = lambda: None) -> Searched:
    """Search `runs` times for a law's capacity; `done` is called after each."""
    truth = truth_of(law)
    rows = []
    for number in range(runs):
        found, requests = _search(law, truth / REQUIRED, np.random.default_rng([seed, number]))
        band = found.capacity
        rows.append((band.low or 0.0, band.value or 0.0, inf if band.high is None else band.high, requests))
        done()
    low, value, high, spent = np.array(rows).T
    return Searched(
        law=law,
        truth=truth,
        runs=runs,
        over_5_percent=float((low > 1.05 * truth).mean()),
        median_ratio=float(np.median(low / truth)),
        below_truth=float((low <= truth).mean()),
        requests_median=int(np.median(spent)),
        requests_most=int(spent.max()),
        value_ratio=float(np.median(value / truth)),
        high_ratio=float(np.median(high / truth)),
        high_covers=float((high >= truth).mean()),
    )


def try_headroom(factor: float, repeats: int, seed: int, done: Callable[[], None] = lambda: None) -> Decided:
    """Search and prove `repeats` times on an M/M/8 that carries `factor` times the forecast."""
    forecast = truth_of(Law.MM8) / factor
    verdicts = dict.fromkeys(Verdict, 0)
    for number in range(repeats):
        rng = np.random.default_rng([seed, round(1000 * factor), number])
        found, _ = _search(Law.MM8, forecast, rng)
        goal = Hold(slo_set=_SET, rate_per_s=REQUIRED * forecast, most_s=inf)
        proof = drive(hold(goal), _measuring(Law.MM8, rng))
        verdicts[verdict_of([judge_bound(found, proof, forecast, REQUIRED)])] += 1
        done()
    return Decided(factor=factor, verdicts=verdicts)


def _search(law: Law, forecast: float, rng: np.random.Generator) -> tuple[Found, int]:
    """Return what a search finds, and how many requests it took with warm-up."""
    made: list[int] = []
    measure = _measuring(law, rng)

    def counted(wanted: Wanted) -> Trial:
        trial = measure(wanted)
        made.append(trial.visits)
        return trial

    start = forecast / _QUARTER * exp(rng.uniform(-_GUESS, _GUESS))
    found = drive(search(Goal(slo_set=_SET, start_per_s=start, most_s=inf)), counted)
    return found, sum(made)


def _measuring(law: Law, rng: np.random.Generator) -> Callable[[Wanted], Trial]:
    return Simulated(_QUEUES[law], _SETS, _WARM_UP_S).measuring(rng)
