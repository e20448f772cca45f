"""The proof: hold what the forecast asks for, 1.3 times the peak, until it is clear if every promise holds.

Looks come after 1, 2, 4, 8 and 16 times `requests`, and at each the bounds must clear by the more standard
errors the earlier it is (n requests of at most N):

    it holds    5    (N / n)^(1/4)   Wang and Tsiatis, Biometrics 43 (1987), 193-199
    it misses   1.64 (N / n)^(1/2)   O'Brien and Fleming, Biometrics 35 (1979), 549-556

Five, for misses come in bursts too rare to be seen in most short trials, and what was not seen is not in the
error either; half as many again while the last trial's batches are in doubt. Simulated on an M/M/8 whose
capacity is 1.25, 1.30 and 1.45 times the forecast, 100 times each: 99 miss, after 101,000 requests on
average; 2 hold, 6 miss and 92 stay open; 99 hold, after 54,000.
"""

from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass
from math import ceil

from capacity.latency import CONFIDENCE
from capacity.pooled import Pooled, pooled_of
from capacity.quantiles import normal
from capacity.trials import samples_needed
from rehearsal.model.capacity import Met, Purpose, Trial, Wanted
from rehearsal.model.percent import percent
from rehearsal.model.plan_capacity import Capacity
from rehearsal.model.scene_check import LONGEST_PROOF
from rehearsal.model.verdict import Status

#: The proof lasts for at most so many times its requests; a plan is checked by it too.
LONGEST = LONGEST_PROOF
_HOLDS, _HOLDS_POWER = 5.0, 0.25
_IN_DOUBT = 1.5
_MISSES_POWER = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """What is to be held: a rate, for `requests` at least, and at most for `most_requests` and `most_s`."""

    slo_set: str
    rate_per_s: float
    requests: int = 10000
    most_requests: int = LONGEST * 10000
    most_s: float = 1800.0
    scene: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProofOutcome:
    """What holding came to. `why` in words; `more_requests` would decide, if all goes on as it did.

    INVALID if the generator cannot be believed. `requests` were judged, in `trials`.
    """

    slo_set: str
    rate_per_s: float
    status: Status
    why: str
    trials: tuple[Trial, ...]
    requests: int
    more_requests: int | None = None


@dataclass(frozen=True, slots=True)
class _Promise:
    """How one promise fared so far. `doubt` is that of the last trial."""

    words: str
    target: float
    pooled: Pooled
    doubt: str

    def status(self, early: float, promises: int) -> Status:
        """Return PASS or FAIL once it is clear; `early` is how many times as long as now it may be held.

        Not of this promise's own samples: there are fewer payments than requests, whenever one looks.
        """
        misses = normal(1 - (1 - CONFIDENCE) / promises) * early**_MISSES_POWER
        if self.pooled.kept_at_most(misses) < self.target:
            return Status.FAIL
        holds = _HOLDS * early**_HOLDS_POWER * (_IN_DOUBT if self.doubt else 1)
        enough = self.pooled.requests >= samples_needed(self.target)
        clear = enough and self.pooled.kept_at_least(holds) >= self.target
        return Status.PASS if clear else Status.INCONCLUSIVE

    def more(self) -> int | None:
        """Return how many requests more would decide: the error shrinks with the root of their number."""
        apart = 1 - self.pooled.missed - self.target
        if not apart:
            return None
        errors = _HOLDS if apart > 0 else normal(CONFIDENCE)
        needed = self.pooled.requests * (errors * self.pooled.error / apart) ** 2
        return max(samples_needed(self.target), ceil(needed)) - self.pooled.requests


def hold(goal: Hold) -> Generator[Wanted, Trial, ProofOutcome]:
    """Ask for trials at the rate, each as long as all before it, until it is clear what they show.

    A trial that is not to be believed is repeated once.
    """
    trials: list[Trial] = []
    spent_s, invalid = 0.0, ""
    while True:
        done = sum(trial.requests for trial in trials)
        requests = min(max(goal.requests, done), goal.most_requests - done)
        if requests < min(goal.requests, goal.most_requests) / 2 or spent_s >= goal.most_s:
            return _outcome(goal, trials)
        trial = yield Wanted(
            purpose=Purpose.PROOF, rate_per_s=goal.rate_per_s, requests=requests, scene=goal.scene
        )
        spent_s += trial.end_s - trial.start_s
        if trial.invalid and invalid:
            return _outcome(goal, trials, invalid=trial.invalid)
        invalid = trial.invalid
        if invalid:
            continue
        trials.append(trial)
        outcome = _outcome(goal, trials)
        if outcome.status is not Status.INCONCLUSIVE:
            return outcome


def goal_of(slo_set: str, *, peak_per_s: float, required: float, capacity: Capacity, scene: str = "") -> Hold:
    """Return what is to be held: `required` times a peak, as long as the plan says."""
    return Hold(
        slo_set=slo_set,
        rate_per_s=required * peak_per_s,
        requests=capacity.proof_requests,
        most_requests=LONGEST * capacity.proof_requests,
        most_s=capacity.most_s,
        scene=scene,
    )


def outcome_of(goal: Hold, trials: Sequence[Trial]) -> ProofOutcome | None:
    """Return what holding came to, from a run's trials; None if nobody held."""
    held = [
        trial
        for trial in trials
        if trial.wanted.purpose is Purpose.PROOF and trial.wanted.scene == goal.scene
    ]
    if not held:
        return None
    believed = [trial for trial in held if not trial.invalid]
    spoilt = [trial.invalid for trial in held[-2:]]
    return _outcome(goal, believed, invalid=spoilt[-1] if all(spoilt) else "")


def _outcome(goal: Hold, trials: Sequence[Trial], *, invalid: str = "") -> ProofOutcome:
    promises = list(_promises(trials, goal.slo_set))
    early = goal.most_requests / max(1, sum(trial.requests for trial in trials))
    statuses = {each: each.status(early, len(promises)) for each in promises}
    status, blamed = _worst(statuses)
    if invalid and status is not Status.FAIL:
        status = Status.INVALID
    more = max((each.more() or 0 for each in blamed), default=0) if status is Status.INCONCLUSIVE else 0
    return ProofOutcome(
        slo_set=goal.slo_set,
        rate_per_s=goal.rate_per_s,
        status=status,
        why=f"the generator cannot be believed: {invalid}" if status is Status.INVALID else _words(blamed),
        trials=tuple(trials),
        requests=sum(trial.requests for trial in trials),
        more_requests=max(more, 0) or None,
    )


def _worst(statuses: dict[_Promise, Status]) -> tuple[Status, list[_Promise]]:
    """Return what the promises come to together, and those it is to be laid to."""
    for status in (Status.FAIL, Status.INCONCLUSIVE):
        if blamed := [each for each, its in statuses.items() if its is status]:
            return status, blamed
    return (Status.PASS if statuses else Status.INCONCLUSIVE), list(statuses)


def _promises(trials: Sequence[Trial], slo_set: str) -> Iterator[_Promise]:
    mets: dict[str, list[Met]] = {}
    for trial in trials:
        for met in trial.of(slo_set):
            mets.setdefault(met.promise, []).append(met)
    for words, each in mets.items():
        if pooled := pooled_of(each):
            yield _Promise(words, each[-1].target, pooled, each[-1].doubt)


def _words(promises: Sequence[_Promise]) -> str:
    return (
        "; ".join(
            f"{each.words}: {percent(1 - each.pooled.missed, 2)} ± {percent(each.pooled.error, 2)}"
            f" of {each.pooled.requests}"
            f" (asked {percent(each.target, 2)})" + (f", {each.doubt}" if each.doubt else "")
            for each in promises
        )
        or "nothing was measured"
    )
