"""What the trials of a search say: where an SLO set's capacity lies, and what breaks first above it.

Pass or fail on short trials is too high by more than 5 % in every other run: a short trial rarely sees one of
the bursts that misses come in. The batch means of one long trial alone see too few of them either: at the
very capacity of an M/M/8, a lower bound from 10,000 requests clears the target in 37 % of trials. So the
bound rests on all trials near by (`crossing`), and on none that did not hold where it is claimed.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from msgspec.structs import replace

from capacity.crossing import Point, crossing_of
from capacity.latency import CONFIDENCE
from capacity.pooled import error_of
from capacity.quantiles import normal
from rehearsal.model.capacity import Band, Found, Met, Trial
from rehearsal.model.verdict import Status

#: Student's t is asked for half the doubt: the search looks where earlier trials told it to. So asked, lower
#: bounds hold in 94 to 99 % of simulated searches, by law; asked for 95 % they hold in 91 to 97 %.
_CHOSEN = 1 - (1 - CONFIDENCE) / 2


@dataclass(frozen=True, slots=True)
class Bounds:
    """Where the capacity lies by all trials near by, with its bounds; rates in visits a second."""

    low: float
    value: float
    high: float


def bracket_of(trials: Sequence[Trial], slo_set: str) -> tuple[float | None, float | None]:
    """Return the highest rate that held below the lowest that broke the set, and the latter, if any.

    Of several trials at one rate the longest decides, of equally long ones the last.
    """
    longest: dict[float, Trial] = {}
    for trial in sorted(trials, key=lambda trial: trial.requests):
        longest[trial.wanted.rate_per_s] = trial
    holds = {rate: trial.holds(slo_set) for rate, trial in longest.items()}
    high = min((rate for rate, held in holds.items() if not held), default=None)
    low = max((rate for rate, held in holds.items() if held and (high is None or rate < high)), default=None)
    return low, high


def bounds_of(trials: Sequence[Trial], slo_set: str) -> Bounds | None:
    """Return the least crossing of a set's promises and the least of each bound; None while there is none."""
    held = [trial.wanted.rate_per_s for trial in trials if trial.holds(slo_set)]
    broke = [trial.wanted.rate_per_s for trial in trials if not trial.holds(slo_set)]
    if not held or not broke:
        return None
    near_per_s = math.sqrt(max(held) * min(broke))
    found = [
        crossing
        for points, target in _promises(trials, slo_set)
        if (crossing := crossing_of(points, 1 - target, near_per_s))
    ]
    if not found:
        return None
    return Bounds(
        low=min(each.low_per_s(_CHOSEN) for each in found),
        value=min(each.rate_per_s for each in found),
        high=min(each.high_per_s for each in found),
    )


def found_of(
    trials: Sequence[Trial], slo_set: str, *, scene: str, accepted: Sequence[Trial], why: str
) -> Found:
    """Return the capacity that trials come to; `accepted` were made at the rate that was confirmed.

    Without a crossing (nothing broke near by) the lower bound is the highest rate whose whole interval
    cleared. It is never above what was accepted, or else the highest rate that held below all that broke.
    """
    bounds = bounds_of(trials, slo_set)
    value = bounds.value if bounds else None
    low = _low(trials, slo_set, bounds, accepted)
    highs = (bounds.high if bounds and bounds.high < math.inf else None, missed_at(trials, slo_set))
    high = min((each for each in highs if each is not None), default=None)
    at_low = [trial for trial in trials if trial.wanted.rate_per_s == low]
    if low is not None and value is not None:
        value = max(low, value)
    if high is not None and value is not None:
        high = max(high, value)
    return Found(
        slo_set=slo_set,
        scene=scene,
        capacity=Band(low=low, value=value, high=high),
        broke=first.broke if (first := first_broken(trials, slo_set, low or 0.0)) else "",
        why=why,
        trials=tuple(trial.number for trial in trials),
        shoppers=accepted[-1].in_flight if accepted else _under_way(at_low, slo_set),
    )


def proven(found: Found, held_per_s: float, status: Status, trials: Sequence[Trial] = ()) -> Found:
    """Return what was found, given what came of holding a rate in `trials`.

    Held beyond doubt, it is a lower bound of the capacity; where it is the highest, the shoppers that were at
    once under way are those of the trials that held. Broken beyond doubt, it is an upper one; where the
    search had found more, that bound stands for nothing: the shop has changed in between. Where nothing was
    searched for, what is known rests on the trials that held.
    """
    band = found.capacity
    if not found.trials:
        found = replace(found, trials=tuple(trial.number for trial in trials))
    if status is Status.PASS and not (band.high is not None and held_per_s > band.high):
        low = max(held_per_s, band.low or 0.0)
        value = None if band.value is None else max(low, band.value)
        held = _under_way(trials, found.slo_set) if low == held_per_s else None
        shoppers = found.shoppers if held is None else held
        return replace(found, capacity=Band(low=low, value=value, high=band.high), shoppers=shoppers)
    if status is Status.FAIL and band.low is not None and band.low > held_per_s:
        why = f"held, {held_per_s:.4g}/s broke, so the shop has changed since {band.low:.4g}/s was found"
        known = "; ".join(filter(None, (found.why, why)))
        return replace(found, capacity=Band(high=held_per_s), why=known, shoppers=None)
    if status is Status.FAIL:
        high = held_per_s if band.high is None else min(held_per_s, band.high)
        value = None if band.value is None else min(band.value, high)
        return replace(found, capacity=Band(low=band.low, value=value, high=high))
    return found


def _under_way(trials: Sequence[Trial], slo_set: str) -> float | None:
    """Return the mean number of visits under way in the trials that held, each weighing by its length."""
    held = [
        (trial.end_s - trial.steady_s, trial.in_flight)
        for trial in trials
        if trial.in_flight is not None and trial.holds(slo_set)
    ]
    lasted_s = sum(seconds for seconds, _ in held)
    return sum(seconds * count for seconds, count in held) / lasted_s if lasted_s > 0 else None


def _low(
    trials: Sequence[Trial], slo_set: str, bounds: Bounds | None, accepted: Sequence[Trial]
) -> float | None:
    held, broke = bracket_of(trials, slo_set)
    if bounds is None:
        cleared = [each.wanted.rate_per_s for each in trials if each.status(slo_set) is Status.PASS]
        return max((rate for rate in cleared if broke is None or rate < broke), default=None)
    if accepted:
        return min(bounds.low, *(trial.wanted.rate_per_s for trial in accepted))
    return None if held is None else min(bounds.low, held)


def missed_at(trials: Sequence[Trial], slo_set: str) -> float | None:
    """Return the lowest rate at which a whole interval missed, its confidence corrected for all the looks."""
    wider = normal(1 - (1 - CONFIDENCE) / max(1, len(trials))) / normal(CONFIDENCE)
    rates = [
        trial.wanted.rate_per_s
        for trial in trials
        if any(_is_missed(met, wider) for met in trial.of(slo_set))
    ]
    return min(rates, default=None)


def _is_missed(met: Met, wider: float) -> bool:
    share = met.share
    if share.value is None or share.high is None:
        return False
    return share.value + wider * (share.high - share.value) < met.target


def first_broken(trials: Sequence[Trial], slo_set: str, above_per_s: float) -> Trial | None:
    """Return the trial that broke at the lowest rate above a capacity; of several there the longest."""
    broke = [
        trial
        for trial in trials
        if trial.broke and trial.wanted.rate_per_s >= above_per_s and not trial.holds(slo_set)
    ]
    return min(broke, key=lambda trial: (trial.wanted.rate_per_s, -trial.requests), default=None)


def _promises(trials: Sequence[Trial], slo_set: str) -> Iterator[tuple[list[Point], float]]:
    """Yield each promise's share of misses in all trials, and its target; not one that allows no miss."""
    met_by: dict[str, list[tuple[float, Met]]] = {}
    for trial in trials:
        for met in trial.of(slo_set):
            if met.share.value is not None and met.target < 1:
                met_by.setdefault(met.promise, []).append((trial.wanted.rate_per_s, met))
    for mets in met_by.values():
        yield (
            [
                Point(rate_per_s, met.samples, 1 - (met.share.value or 0.0), error_of(met))
                for rate_per_s, met in mets
            ],
            mets[0][1].target,
        )
