"""The shop's resources as trials read them, held against their ceilings. Pure."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from capacity.demand import FEWEST
from capacity.utilisation import Readings, Unit, Utilisation, bandwidth, utilisation_of
from rehearsal.model.capacity import CapacityRecord, Trial
from rehearsal.model.plan import Forecast

#: By what is in a resource's name, where the plan gives no unit: what comes in whole pieces.
_PIECES = (("connection", Unit.CONNECTIONS), ("waiting", Unit.WAITING), ("queue", Unit.WAITING))
#: What counts bytes and has one of these words in its name is a link's; memory comes in bytes too.
_BYTES, _LINKS = "bytes", ("sent", "receive", "transmit", "network")

#: What is used idle shows only in rates so far apart. A proof alone has one rate, and noise in it would turn
#: the line; it is taken as in proportion to the rate, which is right where it was held.
_APART = 1.5


def uses_of(
    record: CapacityRecord, trials: Sequence[Trial], forecast: Forecast, units: Mapping[str, str]
) -> Utilisation | None:
    """Return what each resource will be used for; None if none was read at enough different rates.

    `units` are what readings and ceilings are counted in, by resource, as far as the plan says.
    A line is followed only as far as the shop kept up with what was offered: beyond, use stays at the ceiling
    whatever the rate, and visits served in time fall to none at full use.
    """
    readings = tuple(_readings(_kept_up(trials), record.limits, units))
    if not readings:
        return None
    return utilisation_of(readings, peak_per_s=forecast.peak_per_s, required=forecast.headroom)


def _kept_up(trials: Sequence[Trial]) -> list[Trial]:
    """Return the trials at rates up to the highest at which some SLO set held, as measured."""
    believed = [trial for trial in trials if not trial.invalid]
    held = (trial.offered_per_s for trial in believed if any(trial.holds(name) for name in _sets_of(trial)))
    most_per_s = max(held, default=0.0)
    return [trial for trial in believed if trial.offered_per_s <= most_per_s]


def _sets_of(trial: Trial) -> set[str]:
    return {met.slo_set for met in trial.met}


def _is_read(trial: Trial, name: str) -> bool:
    """Tell whether a trial has a reading that can be one: a shop may say NaN of what it does not know."""
    return 0 <= trial.used.get(name, math.nan) < math.inf


def _readings(
    trials: Sequence[Trial], limits: Mapping[str, float], units: Mapping[str, str]
) -> Iterator[Readings]:
    for name in dict.fromkeys(name for trial in trials for name in trial.used):
        read = [(trial.offered_per_s, trial.used[name]) for trial in trials if _is_read(trial, name)]
        rates = [rate for rate, _ in read]
        if len(set(rates)) < FEWEST:
            continue
        unit, used, limit = units.get(name) or _named(name), [used for _, used in read], limits.get(name)
        if unit == Unit.BYTES_A_SECOND:
            known = bandwidth(name, rates_per_s=rates, bytes_per_s=used, limit_bytes_per_s=limit)
        else:
            known = Readings(name=name, unit=unit, rates_per_s=tuple(rates), used=tuple(used), limit=limit)
        yield replace(known, has_idle=max(rates) >= _APART * min(rates))


def _named(name: str) -> str:
    """Return the unit that a resource's name tells, "" if none."""
    called = name.lower()
    if _BYTES in called and any(word in called for word in _LINKS):
        return Unit.BYTES_A_SECOND
    return next((unit for word, unit in _PIECES if word in called), "")
