"""Which resource was at its ceiling when the shop broke: named with the step and region that broke first.

A shop breaks its promises before anything is always busy: queues grow without measure as use comes near to
all there is. With 99 % to be answered within six service times an M/M/4 breaks at 75 % use, an M/M/8 at 87 %,
an M/M/16 at 93 % (`queueing.slo_capacity`); and a reading is the mean of a whole trial, its warm-up, in which
use only rises, included. So from `NEAR` of its ceiling on a resource is named as nearly full, and from `FULL`
on, where nothing but the mean's own doubt is left, as full. It is what was full, and no proof of a cause:
a lock, or what nobody read, may have been the limit.
"""

from collections.abc import Mapping, Sequence
from math import inf

from msgspec.structs import replace

from capacity.found import first_broken
from capacity.utilisation import amount
from rehearsal.model.capacity import Found, Trial

NEAR = 0.80
FULL = 0.95


def with_resource(
    found: Found, trials: Sequence[Trial], limits: Mapping[str, float], units: Mapping[str, str]
) -> Found:
    """Return what was found, with the fullest resource beside what broke: "pay in a; servers full: 7.8 of 8".

    It is that of the trial which `found.broke` was told of, out of `trials`. `limits` are ceilings, and
    `units` what they are counted in, by resource; one without a ceiling, or not read in that trial, is never
    named.
    """
    mine = [trial for trial in trials if trial.number in found.trials]
    first = first_broken(mine, found.slo_set, found.capacity.low or 0.0)
    words = "" if first is None else fullest(first, limits, units)
    return replace(found, broke=f"{found.broke}; {words}") if found.broke and words else found


def fullest(trial: Trial, limits: Mapping[str, float], units: Mapping[str, str]) -> str:
    """Return which resource a trial used most of, if that was near its ceiling: "servers full: 7.8 of 8"."""
    shares = {
        name: used / limits[name]
        for name, used in trial.used.items()
        if limits.get(name, 0) > 0 and 0 <= used < inf
    }
    name = max(shares, key=lambda name: shares[name], default="")
    if not name or shares[name] < NEAR:
        return ""
    nearly = "" if shares[name] >= FULL else "nearly "
    used, limit, unit = amount(trial.used[name], limits[name], units.get(name, ""))
    return f"{name} {nearly}full: {used} of {limit}{unit if unit.strip() not in name else ''}"
