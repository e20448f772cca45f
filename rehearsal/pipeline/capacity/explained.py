"""What models say of a search's trials, in sentences: hints that explain, and never evidence. Pure."""

from collections.abc import Iterator, Sequence
from math import inf, isfinite

import numpy as np

from capacity.knee import FEWEST, knee
from capacity.little import little
from rehearsal.model.capacity import Trial

#: A law of three parameters is told from one more concurrency at least.
_FEWEST_FOR_A_LAW = 4


def explained(trials: Sequence[Trial], slo_set: str) -> Iterator[str]:
    """Yield what the scalability law makes of trials that kept their promises, and where times bend.

    And whether the visits that the load counted under way agree with their rate and length (Little's law).

    Trials at one rate, as a proof makes them, are one point: what sets them apart is noise, and has no shape.
    The concurrency of a trial is Little's: its rate of requests times their mean response time. Overloaded
    trials have none, for there a queue only grows.
    """
    kept = [trial for trial in trials if not trial.invalid and trial.holds(slo_set)]
    asked = len({trial.wanted.rate_per_s for trial in kept})
    if asked >= _FEWEST_FOR_A_LAW:
        yield from _law(kept)
    if asked >= FEWEST:
        yield from _knee(kept)
    yield from _little(kept)


def _law(trials: Sequence[Trial]) -> Iterator[str]:
    from capacity.usl_words import explain  # noqa: PLC0415 - scipy's optimizers: every command would wait

    flowing = [trial for trial in trials if 0 < _concurrency(trial) < inf]
    points = {_concurrency(trial): requests_per_s(trial) for trial in flowing}
    if len(points) >= _FEWEST_FOR_A_LAW:
        at = np.array(sorted(points))
        law = explain(at, np.array([points[n] for n in at]))
        yield f"Scalability law, requests a second over requests under way: {law.said}"


def _knee(trials: Sequence[Trial]) -> Iterator[str]:
    points = {trial.offered_per_s: trial.p99_ms.value for trial in trials}
    known = sorted((rate, p99) for rate, p99 in points.items() if p99 is not None and isfinite(p99))
    if len(known) >= FEWEST:
        rates, times = np.array(known).T
        yield f"Response time (p99) over the rate: {knee(rates, times, convex=True).said}"


def _little(trials: Sequence[Trial]) -> Iterator[str]:
    counted = [trial for trial in trials if trial.in_flight and trial.visit_s]
    if counted:
        rates = np.array([trial.offered_per_s for trial in counted])
        lengths = np.array([trial.visit_s for trial in counted])
        under_way = np.array([trial.in_flight for trial in counted])
        yield f"Visits under way: {little(rates, lengths, under_way).said}"


def requests_per_s(trial: Trial) -> float:
    """Return the rate of requests that were judged, 0 if there was no time for any."""
    lasted_s = trial.end_s - trial.steady_s
    return trial.requests / lasted_s if lasted_s > 0 else 0.0


def _concurrency(trial: Trial) -> float:
    return requests_per_s(trial) * (trial.mean_ms or 0.0) / 1000
