"""p50, p95 and p99 of each trial against the rate offered, with their intervals and what is promised."""

from collections.abc import Callable
from math import inf
from typing import TypeGuard

from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter
from matplotlib.transforms import Affine2D

from rehearsal.model.capacity import Band, Trial
from reports.canvas import (
    BLUE,
    LEFT,
    MUTED,
    PURPLE,
    SMALL,
    TEAL,
    Size,
    axes_at,
    new_figure,
    svg_of,
)
from reports.capacity import CapacityPage, LatencyLimit, Model
from reports.trial_marks import Entry, above_lines, head, key, title
from reports.words import duration, rate

TITLE = "Response time against rate"
_PANEL, _LEADING = 320.0, 14.0
_FAINT = 0.7
#: Times further apart than this are drawn on a logarithmic axis.
_LOG_FROM = 8.0

_CURVES: tuple[tuple[str, str, str, Callable[[Trial], Band]], ...] = (
    ("p50", TEAL, "o", lambda trial: trial.p50_ms),
    ("p95", BLUE, "s", lambda trial: trial.p95_ms),
    ("p99", PURPLE, "^", lambda trial: trial.p99_ms),
)
_COLOURS = {name: colour for name, colour, _, _ in _CURVES}


def draw_quantiles(page: CapacityPage, size: Size, salt: str) -> str:
    """Return the figure as SVG: trials of the shop as it is, hollow if they cannot be believed."""
    entries = _key(page)
    top = head(entries, size) + 20
    figure = new_figure(size, top + _PANEL + 48)
    axes = axes_at(figure, left=LEFT, right=12, top=top, bottom=top + _PANEL)
    _scale(axes, page)
    for place, (_, colour, marker, value_of) in enumerate(_CURVES):
        for trial in page.plain:
            _point(axes, trial, value_of(trial), colour, marker, shift=3.0 * (place - 1))
    if page.model:
        _model(axes, page.model)
    _limits(axes, page)
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: duration(value)))
    axes.yaxis.set_minor_formatter(NullFormatter())
    title(figure, "Response time, from due")
    key(figure, entries)
    return svg_of(figure, title=TITLE, description=describe_quantiles(page), salt=salt)


def describe_quantiles(page: CapacityPage) -> str:
    """Return in a sentence, with numbers, what the figure shows."""
    known = [trial for trial in page.plain if trial.p99_ms.value is not None]
    if not known:
        return "Of no trial the 99th percentile of response time is known."
    first, last = min(known, key=_offered), max(known, key=_offered)
    return (
        f"The 99th percentile was {duration(first.p99_ms.value)} at {rate(_offered(first))} visits a second "
        f"and {duration(last.p99_ms.value)} at {rate(_offered(last))}."
    )


def _offered(trial: Trial) -> float:
    return trial.offered_per_s


def _key(page: CapacityPage) -> list[Entry]:
    entries = [
        Entry(name, {"linestyle": "", "marker": marker, "markersize": 6, "color": colour})
        for name, colour, marker, _ in _CURVES
    ]
    if page.limits:
        entries.append(
            Entry("dashed: promised", {"color": MUTED, "linewidth": 1.3, "linestyle": (0, (3, 2))})
        )
    entries.append(Entry("bars: 95 % from below, 95 % from above", {"color": MUTED, "linewidth": 1.6}))
    if page.model:
        mean = "the mean of " if len(page.model.curves) == 1 else ""
        words = f"lines: {mean}the model, {page.model.words}"
        entries.append(Entry(words, {"color": MUTED, "linewidth": 1, "alpha": _FAINT}))
    if page.band.low is not None or page.band.high is not None:
        entries.append(Entry("shaded: capacity", {"color": BLUE, "linewidth": 8, "alpha": 0.16}))
    return entries


def _scale(axes: Axes, page: CapacityPage) -> None:
    offered = [trial.offered_per_s for trial in page.plain]
    times = [limit.limit_ms for limit in page.limits]
    for trial in page.plain:
        for _, _, _, value_of in _CURVES:
            band = value_of(trial)
            times += [time for time in (band.low, band.value, band.high) if _is_drawn(time)]
    axes.set_xlim(0, 1.06 * max([*offered, page.band.low or 0, page.band.high or 0, 1e-9]))
    if times and max(times) > _LOG_FROM * min(times):
        axes.set_yscale("log")
        axes.yaxis.set_major_locator(LogLocator(base=10, subs=(1, 2, 5)))
        axes.set_ylim(min(times) / 1.5, max(times) * 1.6)
    else:
        axes.set_ylim(0, 1.15 * max([*times, 1.0]))
    axes.set_xlabel("visits a second offered")
    axes.spines["bottom"].set_color(MUTED)
    low, high = page.band.low, page.band.high
    if low is not None or high is not None:
        axes.axvspan(low or 0, high or axes.get_xlim()[1], color=BLUE, alpha=0.16, linewidth=0, zorder=0)


def _point(axes: Axes, trial: Trial, band: Band, colour: str, marker: str, *, shift: float) -> None:
    """Draw a value and what of its interval is known, moved aside so that three bars can be told apart."""
    if not _is_drawn(band.value):
        return
    aside = axes.transData + Affine2D().translate(shift, 0)
    ends = [end if _is_drawn(end) else band.value for end in (band.low, band.high)]
    axes.plot([trial.offered_per_s] * 2, ends, color=colour, linewidth=1.6, transform=aside)
    axes.plot(
        [trial.offered_per_s],
        [band.value],
        linestyle="",
        marker=marker,
        markersize=5.5,
        color=colour,
        markerfacecolor="none" if trial.invalid else colour,
        transform=aside,
    )


def _is_drawn(time: float | None) -> TypeGuard[float]:
    """Tell whether a time has a place on the axis: what was never answered has none."""
    return time is not None and 0 < time < inf


def _model(axes: Axes, model: Model) -> None:
    """Draw the curves as far as they stay inside: they end where a model has no more to say."""
    for curve in model.curves:
        colour = _COLOURS.get(curve.name, MUTED)
        axes.plot(curve.rates_per_s, curve.ms, color=colour, linewidth=1, alpha=_FAINT, zorder=1)


def _limits(axes: Axes, page: CapacityPage) -> None:
    """Draw a line for each promise, its words above it, above all of them where lines are close."""
    limits = sorted(page.limits, key=lambda limit: limit.limit_ms)
    to_units = axes.transData.transform
    heights = [float(to_units((0, limit.limit_ms))[1]) for limit in limits]
    for limit, at, height in zip(limits, above_lines(heights, _LEADING), heights, strict=True):
        colour = _COLOURS.get(limit.quantile, MUTED)
        axes.axhline(limit.limit_ms, color=colour, linewidth=1.3, linestyle=(0, (3, 2)), zorder=1)
        axes.annotate(
            _promise(limit, page),
            (0, limit.limit_ms),
            xycoords=("axes fraction", "data"),
            xytext=(4, 4 + at - height),
            textcoords="offset points",
            fontsize=SMALL,
            color=colour,
        )


def _promise(limit: LatencyLimit, page: CapacityPage) -> str:
    several = len({each.slo_set for each in page.limits}) > 1
    return f"{limit.slo_set + ': ' if several else ''}{limit.quantile} at most {duration(limit.limit_ms)}"
