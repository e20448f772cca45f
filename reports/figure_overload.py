"""Where the peak may lie beside where the capacity may lie: what the chance of an overload comes from."""

import numpy as np
from matplotlib.axes import Axes

from reports.canvas import BLUE, MUTED, PURPLE, VERMILION, Size, axes_at, new_figure, svg_of
from reports.capacity import CapacityPage, Overlap
from reports.trial_marks import Entry, head, key, mark_rate, title
from reports.words import chance, rate

TITLE = "The chance of an overload"
_PANEL = 200.0
#: Where a density is below this part of its peak there is nothing to see.
_FLAT = 0.002
_NOTHING = 1e-300


def draw_overload(page: CapacityPage, size: Size, salt: str) -> str:
    """Return the figure as SVG; ValueError if peak and capacity were not put together."""
    overlap = _overlap(page)
    entries = [
        Entry("the peak on the day", {"color": PURPLE, "linewidth": 2}),
        Entry("the capacity", {"color": BLUE, "linewidth": 2}),
        Entry("a peak that is too high: this part of it", {"color": VERMILION, "linewidth": 8, "alpha": 0.5}),
    ]
    marks = [] if page.forecast is None else [page.forecast.peak_per_s]
    top = head(entries, size) + 10 + 20 * len(marks)
    figure = new_figure(size, top + _PANEL + 48)
    axes = axes_at(figure, left=10, right=12, top=top, bottom=top + _PANEL)
    _curves(axes, overlap)
    for row, value in enumerate(marks):
        mark_rate(axes, value, f"forecast {rate(value)}", row=row)
    title(figure, f"Chance of an overload: {_chance(overlap)}")
    key(figure, entries)
    return svg_of(figure, title=TITLE, description=describe_overload(page), salt=salt)


def describe_overload(page: CapacityPage) -> str:
    """Return in a sentence, with numbers, what the figure shows."""
    overlap = _overlap(page)
    peak, capacity = _mode(overlap, overlap.forecast), _mode(overlap, overlap.capacity)
    return (
        f"The peak lies most likely near {rate(peak)} visits a second, the capacity near {rate(capacity)}; "
        f"the peak is higher with a chance of {_chance(overlap)}."
    )


def _overlap(page: CapacityPage) -> Overlap:
    if page.overlap is None:
        raise ValueError("without a spread of the peak and of the capacity there is no overlap to draw")
    return page.overlap


def _chance(overlap: Overlap) -> str:
    return f"{'at most ' if overlap.is_bound else ''}{chance(overlap.chance)}"


def _mode(overlap: Overlap, density: tuple[float, ...]) -> float:
    return overlap.rates_per_s[int(np.argmax(density))]


def _curves(axes: Axes, overlap: Overlap) -> None:
    """Draw each density up to the same height: a narrow one would else flatten the other to the floor."""
    rates = np.array(overlap.rates_per_s)
    peak, capacity, overload = (
        np.array(density) for density in (overlap.forecast, overlap.capacity, overlap.overload)
    )
    highest = max(float(peak.max()), _NOTHING)
    capacity /= max(float(capacity.max()), _NOTHING)
    peak, overload = peak / highest, overload / highest  # one scale: the shaded part is the chance
    for curve, colour in ((peak, PURPLE), (capacity, BLUE)):
        axes.fill_between(rates, curve, color=colour, alpha=0.1, linewidth=0)
    axes.fill_between(rates, overload, color=VERMILION, alpha=0.5, linewidth=0)
    for curve, colour in ((peak, PURPLE), (capacity, BLUE)):
        axes.plot(rates, curve, color=colour, linewidth=2)
    shown = rates[np.maximum(peak, capacity) > _FLAT]
    if shown.size > 1:
        axes.set_xlim(float(shown[0]), float(shown[-1]))
    axes.set_ylim(0, 1.08)
    axes.set_yticks([])
    axes.set_xlabel("visits a second")
    axes.spines["bottom"].set_color(MUTED)
