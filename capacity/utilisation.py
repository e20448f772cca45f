"""What fills up first: each resource of the shop at the forecast peak and at the headroom asked, from trials.

The capacity that a resource allows is the rate at which its line (`demand`) meets its ceiling, the part of
its limit that may be used. The least of them names the bottleneck; others whose interval overlaps that one's
are named as not told apart. This explains a measured capacity and is no proof of one: locks, and whatever
was not read, fill up as well.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from capacity.demand import Interval, Line, fit_line
from capacity.margin import REQUIRED, SAME
from rehearsal.model.percent import percent

_MBIT_PER_BYTE = 8e-6
_THOUSAND = 1000
_ROUNDS_TO_0 = 0.005


class Unit(StrEnum):
    """What a resource is counted in, as far as it matters: a plan may name any other."""

    CORES = "cores"
    SERVERS = "servers"
    SLOTS = "slots"
    CONNECTIONS = "connections"
    WAITING = "waiting"
    BYTES_A_SECOND = "bytes/s"
    BANDWIDTH = "Mbit/s"


#: What comes in whole pieces.
WHOLE = frozenset({Unit.SERVERS, Unit.SLOTS, Unit.CONNECTIONS, Unit.WAITING})


@dataclass(frozen=True, slots=True, kw_only=True)
class Readings:
    """What was used of one resource, a reading (the mean over a trial) for each trial's rate.

    rates_per_s   requests or visits completed a second
    unit          what it is counted in, a `Unit` or a plan's own word; "" if nobody said
    used          in `unit`s
    limit         how many units there are; None if nobody knows
    ceiling       the part of the limit that may be used, 0 to 1
    has_idle      something is used even when nobody comes (background work, a pool's least size)
    """

    name: str
    unit: str
    rates_per_s: tuple[float, ...]
    used: tuple[float, ...]
    limit: float | None = None
    ceiling: float = 1.0
    has_idle: bool = True


@dataclass(frozen=True, slots=True)
class Use:
    """One resource at the peak (`at_peak`, in units) and at the headroom asked (`at_required`).

    capacity_per_s   the rate at which its ceiling is reached; None without a limit or without growth
    headroom         the same over the peak
    needed           units to have at the headroom asked, so that the upper bound stays within the ceiling;
                     whole pieces rounded up; None where no line says what it will be
    """

    readings: Readings
    line: Line
    at_peak: Interval
    at_required: Interval
    capacity_per_s: Interval | None
    headroom: Interval | None
    needed: float | None
    words: str


@dataclass(frozen=True, slots=True)
class Utilisation:
    """Every resource, the fullest first; `bottleneck` is None where no reading meets a limit."""

    uses: tuple[Use, ...]
    bottleneck: str | None
    rivals: tuple[str, ...]
    words: str


def bandwidth(
    name: str,
    *,
    rates_per_s: Sequence[float],
    bytes_per_s: Sequence[float],
    limit_bytes_per_s: float | None = None,
) -> Readings:
    """Return readings of a link in Mbit/s (10⁶ bits) from bytes a second."""
    return Readings(
        name=name,
        unit=Unit.BANDWIDTH,
        rates_per_s=tuple(rates_per_s),
        used=tuple(_MBIT_PER_BYTE * sent for sent in bytes_per_s),
        limit=None if limit_bytes_per_s is None else _MBIT_PER_BYTE * limit_bytes_per_s,
    )


def amount(used: float, limit: float, unit: str) -> tuple[str, str, str]:
    """Return use, limit and unit in words, the unit with a blank before it; of a link in Mbit/s."""
    if unit == Unit.BYTES_A_SECOND:
        used, limit, unit = _MBIT_PER_BYTE * used, _MBIT_PER_BYTE * limit, Unit.BANDWIDTH
    return _figure(used), _figure(limit), _after(unit)


def utilisation_of(
    resources: Sequence[Readings], *, peak_per_s: float, required: float = REQUIRED
) -> Utilisation:
    """Return what each resource will be used for, and which of them fills up first.

    RehearsalError as `fit_line` says; ValueError for a peak, a limit or a ceiling that is not above 0.
    """
    if not 0 < peak_per_s < math.inf:
        raise ValueError(f"a peak of {peak_per_s:g}/s fills nothing up")
    uses = [_use(readings, peak_per_s, required) for readings in resources]
    limited = [(use, use.capacity_per_s) for use in uses if use.capacity_per_s]
    limited.sort(key=lambda pair: pair[1].point)
    rest = [use for use in uses if not use.capacity_per_s]
    if not limited:
        words = "what fills up first is not known: no resource that was read grows with the load to a limit"
        return Utilisation(tuple(rest), None, (), words)
    first, rate = limited[0]
    rivals = tuple(use.readings.name for use, other in limited[1:] if other.low < rate.high)
    tried = max(first.readings.rates_per_s)
    words = (
        f"{first.readings.name}: the first to fill up, at {rate.point:.4g}/s ({rate.low:.4g} to"
        f" {rate.high:.4g}), {rate.point / peak_per_s:.2f} times the forecast peak"
        + (f"; not told apart from {', '.join(rivals)}" if rivals else "")
        + (f"; no rate above {tried:.4g}/s was tried" if rate.point > tried else "")
    )
    return Utilisation((*(use for use, _ in limited), *rest), first.readings.name, rivals, words)


def _use(readings: Readings, peak_per_s: float, required: float) -> Use:
    limit = math.inf if readings.limit is None else readings.limit
    if not (limit > 0 and 0 < readings.ceiling <= 1):
        raise ValueError(
            f"{readings.name}: of {limit:g}{_after(readings.unit)} a share of {readings.ceiling:g} is none"
        )
    line = fit_line(readings.rates_per_s, readings.used, has_idle=readings.has_idle)
    at_required = line.used_at(required * peak_per_s)
    capacity = line.rate_at(readings.ceiling * limit) if line.grows and math.isfinite(limit) else None
    use = Use(
        readings=readings,
        line=line,
        at_peak=line.used_at(peak_per_s),
        at_required=at_required,
        capacity_per_s=capacity,
        headroom=None if capacity is None else _over(capacity, peak_per_s),
        needed=_needed(readings, at_required) if line.grows or not line.rises else None,
        words="",
    )
    return replace(use, words=f"{readings.name}: {_words(use, required)}")


def _over(rate: Interval, peak_per_s: float) -> Interval:
    return Interval(rate.low / peak_per_s, rate.point / peak_per_s, rate.high / peak_per_s)


def _needed(readings: Readings, used: Interval) -> float:
    needed = used.high / readings.ceiling
    return float(math.ceil(needed * (1 - SAME))) if readings.unit in WHOLE else needed


def _words(use: Use, required: float) -> str:
    unit, limit, line = _after(use.readings.unit), use.readings.limit, use.line
    most, tried = _figure(max(use.readings.used)), max(use.readings.rates_per_s)
    if use.needed is None:
        return f"it grows with the load but along no line, {most}{unit} were used at {tried:.4g}/s at most"
    if not line.grows:
        return f"no growth with the load is beyond doubt, {most}{unit} were used at most"
    of, share, missing = "", "", ""
    if limit is not None:
        of, share = f" of {_figure(limit)}", f" ({_share(use.at_peak.point / limit)})"
        missing = f", {_figure(use.needed - limit)} more than there are" if use.needed > limit else ""
    wide = use.at_required
    bent = "; it grows faster than the load, and takes more than that" if line.bends else ""
    return (
        f"{_figure(use.at_peak.point)}{of}{unit} at the forecast{share}; {required:g} times it takes"
        f" {_figure(wide.point)} ({_figure(wide.low)} to {_figure(wide.high)}),"
        f" so have {_figure(use.needed)}{missing}{bent}"
    )


def _figure(value: float) -> str:
    """Return three significant digits, or what is before the point if that is more."""
    return f"{value:,.0f}" if value >= _THOUSAND else f"{value:.3g}"


def _share(share: float) -> str:
    return f"under {percent(0.01, 0)}" if 0 < share < _ROUNDS_TO_0 else percent(share, 0)


def _after(unit: str) -> str:
    return f" {unit}" if unit else ""
