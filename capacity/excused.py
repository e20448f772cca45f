"""A trial's requests read as kindly as a starved machine allows: what it may have spoilt counts as kept.

Why a miss that is left in this reading is the shop's own:

- A machine that stands still for D seconds in all delays no answer by more than D: in a queue that pauses
  everybody is served as in one that does not, D later at most (waiting times rise with service times:
  Baccelli and Brémaud, Elements of Queueing Theory (2003), section 4.2). So D is taken off each answer. D
  are the starved seconds since the request was due, and before it those of which a queue may be left:
  never longer than the slowest answer of a whole second after them, for whoever came then stood behind it.
- What failed or was refused in starved seconds, and on until nobody did for a whole second, counts as
  answered, and a payment as paid: unless the shop said no in its own words, which no machine makes it say.
- A second counts as starved in full, and with it the next: the machine is measured over a second that begins
  in one and ends in the other.

Why no second is left out: a shop that is overloaded may be what starves the machine, and just where it is at
its worst. The seconds besides would be its good ones. So all requests stay, and this reading is asked only
whether a miss remains: a trial that keeps its promises in it has not thereby held. It says nothing.
"""

from collections.abc import Collection
from dataclasses import replace

import msgspec
import numpy as np

from capacity.samples import Floats
from capacity.trials import Samples, Truths
from rehearsal.model.capacity import Trial
from rehearsal.model.verdict import Status

_MS = 1000.0


def blamed(trial: Trial, kindly: Trial, sets: Collection[str], starved: str) -> Trial:
    """Return a trial that broke some of `sets` as it broke them in the kind reading of it, `kindly`.

    Of a set that it did not break there with its whole interval nothing is said: it may have been the
    machine. Where that is the set it was made for, the trial is invalid. What it kept in spite of all stays
    as measured. `starved` says in words when the machine starved.
    """
    broken = {each for each in sets if not trial.holds(each)}
    open_to_doubt = {each for each in broken if kindly.status(each) is not Status.FAIL}
    if (trial.wanted.slo_set or next(iter(sets))) in open_to_doubt:
        return msgspec.structs.replace(trial, invalid=f"{starved}, which may be why it broke")
    met = tuple(
        met
        for each in sets
        if each not in open_to_doubt
        for met in (kindly if each in broken else trial).of(each)
    )
    return msgspec.structs.replace(trial, met=met, broke=kindly.broke, excused=starved)


def excused(samples: Samples, starved: Collection[int]) -> Samples:
    """Return the samples with all taken off that seconds (since the origin) of starving may have added."""
    if not samples.due_s.size:
        return samples
    first = int(min(samples.due_s[0], *starved)) if starved else int(samples.due_s[0])
    touched = {each - first + step for each in starved for step in (0, 1)}
    last_s = max(samples.due_s[-1], samples.paid_s.max(initial=0.0))
    length = max(int(last_s) - first, max(touched, default=0))
    lost = np.array([float(each in touched) for each in range(length + 1)])
    lost_by = np.concatenate(([0.0], np.cumsum(lost)))
    slowest_s = _slowest(samples, first, lost.size)
    left, failing = _left(lost, slowest_s), _failing(lost, slowest_s)
    due = (samples.due_s - first).astype(int)
    done_s = samples.due_s - first + samples.response_ms / _MS
    since = np.interp(done_s, np.arange(lost_by.size), lost_by) - lost_by[due]
    paying = (samples.paid_s - first).astype(int)
    return replace(
        samples,
        response_ms=np.maximum(samples.response_ms - _MS * (left[due] + since), 0.0),
        good=samples.good | failing[due] | (since > 0),
        paid=samples.paid | ~samples.declined & (failing[paying] | (lost_by[-1] > lost_by[paying])),
    )


def _left(lost: Floats, slowest_s: Floats) -> Floats:
    """Return how long a queue may be left from before, at the beginning of each second."""
    left = np.zeros(lost.size)
    for second in range(lost.size - 1):
        after = left[second] + lost[second]
        left[second + 1] = after if lost[second] else min(after, slowest_s[second])
    return left


def _failing(lost: Floats, slowest_s: Floats) -> Truths:
    """Tell of each second whether what failed before it is not over yet: nobody failed in a whole second."""
    failing = np.zeros(lost.size, dtype=np.bool_)
    for second in range(lost.size - 1):
        failing[second + 1] = lost[second] or (failing[second] and np.isinf(slowest_s[second]))
    return failing


def _slowest(samples: Samples, first: int, size: int) -> Floats:
    """Return the slowest answer to what was due in each second; endless if there was none, or one failed."""
    seconds = (samples.due_s - first).astype(int)
    took_s = np.where(samples.good, samples.response_ms / _MS, np.inf)
    slowest = np.zeros(size)
    np.maximum.at(slowest, seconds, took_s)
    slowest[np.bincount(seconds, minlength=size) == 0] = np.inf
    return slowest
