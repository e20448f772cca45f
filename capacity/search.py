"""The search for the largest arrival rate at which an SLO set holds: which trials to make, in which order.

1 **double** the rate on short trials until the set breaks; halve it first if it breaks, or cannot be offered
2 **bisect** on short trials, in the logarithm of the rate, to `width`; then on some of half a confirmation's
  length, at the crossing that all trials so far suggest
3 **confirm** downward: a long trial at the lower bound of that crossing; if it does not hold as measured, or
  shows a lower bound, at `back_off` of it or less
4 measure the accepted rate **again**, last: a shop that has changed meanwhile contradicts itself here

What they say is in `found.py`. Pure: the search asks for trials (`Wanted`) and is sent them.
"""

import math
from collections.abc import Callable, Generator
from contextlib import suppress
from typing import TypeVar

from capacity.found import bracket_of, found_of
from capacity.search_course import Course, Ended, Goal, Unbelievable
from rehearsal.model.capacity import Found, Purpose, Trial, Wanted
from rehearsal.model.verdict import Status

__all__ = ["Goal", "drive", "search"]

#: A start that breaks is halved so often; below, the shop carries nothing worth a search.
_HALVINGS = 6
#: A rate far from the last that broke, and perhaps by chance, is tried for so many times as long.
_LONGER = 5
#: Trials at the crossing before it is confirmed.
_CLOSER = 4

Steps = Generator[Wanted, Trial, None]
Outcome = TypeVar("Outcome")


def search(goal: Goal) -> Generator[Wanted, Trial, Found]:
    """Ask for trials one by one, and return the capacity they come to.

    Ends early, and says why, when the budget of requests or seconds is spent, when the generator cannot offer
    more, or when a trial is not to be believed twice: with the bounds that are known by then.
    """
    course = Course(goal)
    try:
        yield from _bracket(course)
        yield from _closer(course)
        yield from _confirmed(course)
    except Ended as ended:
        course.said.append(str(ended))
    why = "; ".join(course.said)
    return found_of(course.trials, goal.slo_set, scene=goal.scene, accepted=course.accepted, why=why)


def drive(asked: Generator[Wanted, Trial, Outcome], measure: Callable[[Wanted], Trial]) -> Outcome:
    """Make every trial that a search, or a proof, asks for; return what it comes to."""
    try:
        wanted = next(asked)
        while True:
            wanted = asked.send(measure(wanted))
    except StopIteration as done:
        outcome: Outcome = done.value
        return outcome


def _bracket(course: Course) -> Steps:
    """Double until the set breaks, halve while it breaks at once, and bisect to `width`."""
    goal = course.goal
    low, high = bracket_of(course.trials, goal.slo_set)
    while high is None:
        low, high = yield from _doubled(course, low)
    for _ in range(_HALVINGS):
        if low is not None:
            break
        held = yield from _leap(course, high / 2)
        low, high = (high / 2, high) if held else (None, high / 2)
    if low is None:
        raise Ended(f"no rate was carried: even {high:g}/s broke it")
    low = yield from _halved(course, low, high)
    if course.limit is not None:
        with suppress(Ended):
            yield from _confirm_below(course, low)
        raise course.limit


def _halved(course: Course, low: float, high: float) -> Generator[Wanted, Trial, float]:
    """Halve the gap to `width`, and return the highest rate that held.

    A rate that cannot be believed bounds the gap like one that broke, until a lower one breaks: what can be
    offered below it is worth knowing. `course.limit` says why, where it stays the bound.
    """
    goal = course.goal
    while high / low > 1 + goal.width:
        middle = math.sqrt(low * high)
        if course.limit and not course.can_endure(middle, low):
            break
        try:
            trial = yield from course.try_at(Purpose.BISECT, middle, goal.trial_requests)
        except Unbelievable as error:
            high, course.limit = middle, error
            continue
        if course.holds(trial):
            low = middle
        else:
            high, course.limit = middle, None
    return low


def _doubled(
    course: Course, low: float | None
) -> Generator[Wanted, Trial, tuple[float | None, float | None]]:
    """Try twice the highest rate that held; return the highest that held, and the one that broke, if it did.

    Where no higher rate can be tried for want of budget what held is confirmed instead: a lower bound is
    worth more than one trial more. For want of a generator that keeps up, rates between are tried.
    """
    goal, top = course.goal, course.goal.ceiling_per_s or math.inf
    if low is None:
        return (yield from _first(course, min(top, goal.start_per_s)))
    rate_per_s = min(top, 2 * low)
    why = ""
    if low >= top:
        why = f"nothing broke up to {top:g}/s, the most that the generator offers"
    elif not course.can_go_on(rate_per_s, low):
        why = f"nothing broke up to {low:g}/s, and for more the budget does not suffice"
    if why:
        yield from _confirm_below(course, low)
        raise Ended(why)
    try:
        held = yield from _leap(course, rate_per_s)
    except Unbelievable as error:
        course.limit = error
        return low, rate_per_s
    return (rate_per_s, None) if held else (low, rate_per_s)


def _leap(course: Course, rate_per_s: float) -> Generator[Wanted, Trial, bool]:
    """Try a rate far from the last, and tell whether it held; longer, if it broke and may not have.

    A promise that hardly depends on the rate breaks on a short trial at any. Nothing above such a rate is
    tried again, and what is found stays far below the capacity: at 0.7 of it in the median, on an M/M/16
    that promises 95 % within 3.2 S, which 4.1 % of requests miss in an idle shop.
    """
    goal = course.goal
    trial = yield from course.try_at(Purpose.DOUBLE, rate_per_s, goal.trial_requests)
    longer = _LONGER * goal.trial_requests
    unsure = not course.holds(trial) and trial.status(goal.slo_set) is not Status.FAIL
    if unsure and course.costs(rate_per_s, longer)[0] < course.left / 2:
        trial = yield from course.try_at(Purpose.DOUBLE, rate_per_s, longer)
    return course.holds(trial)


def _first(course: Course, rate_per_s: float) -> Generator[Wanted, Trial, tuple[float | None, float | None]]:
    """Begin at a rate; if the generator cannot offer it at half of it, as often as a start may be halved.

    Return it as the highest that held, or as the one that broke.
    """
    limit: Ended | None = None
    for _ in range(1 + _HALVINGS):
        try:
            held = yield from _leap(course, rate_per_s)
        except Unbelievable as error:
            limit, rate_per_s = error, rate_per_s / 2
        except Ended as error:
            raise limit or error from None
        else:
            return (rate_per_s, None) if held else (None, rate_per_s)
    raise limit or Ended("no trial was made")


def _closer(course: Course) -> Steps:
    """Make longer trials at the crossing, as far as they leave enough to confirm it and measure it again."""
    half = course.goal.confirm_requests // 2
    for _ in range(_CLOSER):
        if (bounds := course.bounds) is None:
            return
        costs, _ = course.costs(bounds.value, half)
        if 3 * costs > course.left:
            return
        try:
            yield from course.try_at(Purpose.BISECT, bounds.value, half)
        except Unbelievable:  # what is confirmed lies below, and may well be believed
            return


def _confirmed(course: Course) -> Steps:
    """Confirm `back_off` below the crossing, downward until it holds; then measure the lower bound again."""
    goal = course.goal
    rate_per_s = math.inf
    while True:
        rate_per_s = min(rate_per_s, goal.back_off * course.crossing_per_s)
        trial = yield from course.try_at(Purpose.CONFIRM, rate_per_s, goal.confirm_requests // 2)
        if not course.holds(trial):
            rate_per_s *= goal.back_off
            continue
        course.accepted = (trial,)
        again = yield from course.try_at(Purpose.AGAIN, rate_per_s, course.fitting(rate_per_s))
        if course.holds(again):
            course.accepted = (trial, again)
            return
        course.said.append(f"measured again, {rate_per_s:.4g}/s did not hold, so less was confirmed")
        course.accepted = ()
        rate_per_s *= goal.back_off


def _confirm_below(course: Course, rate_per_s: float) -> Steps:
    """Confirm the highest rate that can be offered, where nothing broke."""
    trial = yield from course.try_at(Purpose.CONFIRM, rate_per_s, course.goal.confirm_requests)
    if course.holds(trial):
        course.accepted = (trial,)
