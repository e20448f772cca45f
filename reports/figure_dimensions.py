"""Capacity against what else it depends on: a small panel a dimension, its points with their bounds."""

import math
from collections.abc import Sequence
from functools import partial

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from rehearsal.model.capacity import Swept
from rehearsal.model.percent import percent
from reports.canvas import BLUE, LEFT, MUTED, SMALL, Size, axes_at, new_figure, svg_of
from reports.capacity import CapacityPage
from reports.trial_marks import title
from reports.words import between, quantity, rate

TITLE = "Capacity by dimension"
DIMENSIONS = {
    "rules": "promotion rules on an order",
    "cart_lines": "products in a cart",
    "flash_share": "share that comes for the flash sale",
}
_PANEL, _STEP, _ACROSS = 150.0, 226.0, 3
_MOST_TICKS = 5


def draw_dimensions(page: CapacityPage, size: Size, salt: str) -> str:
    """Return the figure as SVG: side by side at a desk, one below the other on a phone."""
    across = 1 if size.is_narrow else min(_ACROSS, len(page.dimensions))
    figure = new_figure(size, 20 + _STEP * math.ceil(len(page.dimensions) / across))
    width = size.width / across
    highest = max([_top(swept) for swept in page.record.dimensions], default=0) or 1.0
    for place, (name, values) in enumerate(page.dimensions.items()):
        axes = _axes(figure, size, left=width * (place % across), width=width, row=place // across)
        _panel(axes, values, highest)
        axes.xaxis.set_major_formatter(FuncFormatter(partial(value_words, name)))
        axes.set_xlabel(DIMENSIONS.get(name, name.replace("_", " ")))
    title(figure, "Visits a second carried")
    return svg_of(figure, title=TITLE, description=describe_dimensions(page), salt=salt)


def describe_dimensions(page: CapacityPage) -> str:
    """Return in a sentence, with numbers, what the figure shows."""
    told = []
    for name, values in page.dimensions.items():
        points = ", ".join(f"{_carried(swept)} at {value_words(name, swept.value)}" for swept in values)
        told.append(f"{DIMENSIONS.get(name, name)}: {points}")
    return f"Visits a second carried by {'; by '.join(told)}."


def _axes(figure: Figure, size: Size, *, left: float, width: float, row: int) -> Axes:
    top = 30 + _STEP * row
    right = size.width - left - width + 12
    return axes_at(figure, left=left + LEFT, right=right, top=top, bottom=top + _PANEL)


def _carried(swept: Swept) -> str:
    band = swept.found.capacity
    return "not known" if band.low is None and band.high is None else between(band, rate)


def value_words(name: str, value: float, _: int = 0) -> str:
    """Return a dimension's value as its axis has it; the third argument is what matplotlib counts with."""
    return percent(value, 0) if name.endswith("share") else quantity(value)


def _top(swept: Swept) -> float:
    band = swept.found.capacity
    return max((each for each in (band.low, band.value, band.high) if each is not None), default=0.0)


def _panel(axes: Axes, values: Sequence[Swept], highest: float) -> None:
    for swept in values:
        _point(axes, swept)
    known = [
        (swept.value, swept.found.capacity.low) for swept in values if swept.found.capacity.low is not None
    ]
    axes.plot([at for at, _ in known], [low for _, low in known], color=BLUE, linewidth=1.6)
    low, high = values[0].value, values[-1].value
    room = 0.08 * (high - low) or max(abs(high), 1.0)
    axes.set_xlim(low - room, high + room)
    axes.set_ylim(0, 1.12 * highest)
    if len(values) <= _MOST_TICKS:
        axes.set_xticks([swept.value for swept in values])
    else:
        axes.xaxis.set_major_locator(MaxNLocator(5, integer=low.is_integer() and high.is_integer()))
    axes.yaxis.set_major_locator(MaxNLocator(4))
    axes.spines["bottom"].set_color(MUTED)


def _point(axes: Axes, swept: Swept) -> None:
    """Draw a bar from the lower to the upper bound; from the only one known an open end, or a word."""
    band, at = swept.found.capacity, swept.value
    if band.low is None and band.high is None:
        axes.annotate(
            "not known",
            (at, 0),
            xytext=(0, 6),
            textcoords="offset points",
            ha="center",
            fontsize=SMALL,
            color=MUTED,
            rotation=90,
        )
        return
    if band.low is not None and band.high is not None:
        axes.plot([at, at], [band.low, band.high], color=BLUE, linewidth=7, alpha=0.3, solid_capstyle="butt")
    for bound, marker in (
        (band.low, "^" if band.high is None else "o"),
        (band.high, "v" if band.low is None else "_"),
    ):
        if bound is not None:
            axes.plot([at], [bound], linestyle="", marker=marker, markersize=6, color=BLUE)
