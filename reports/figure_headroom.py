"""The rule of 1.3 in one bar: the rate that was held, beside the forecast and what the rule asks."""

from matplotlib.axes import Axes

from reports.canvas import BEHIND, BLUE, INK, MUTED, RULE, VERMILION, Size, axes_at, new_figure, svg_of
from reports.headroom import Headroom
from reports.report import Report
from reports.words import TIMES, quantity

TITLE = "Headroom"

#: Left of this part of the axis words stand right of their mark, else left of it.
_MIDDLE = 0.45


def draw_headroom(report: Report, size: Size, salt: str) -> str:
    """Return the figure as SVG."""
    headroom = report.headroom
    if headroom is None:
        raise ValueError("there is no headroom to draw without a forecast")
    figure = new_figure(size, 200)
    axes = axes_at(figure, left=4, right=24, top=54, bottom=160)
    axes.grid(visible=False)
    axes.set_yticks([])
    axes.set_ylim(0, 2)
    axes.set_xlim(
        0, 1.06 * max(headroom.required_per_s, headroom.offered_per_s or 0, headroom.model_per_s or 0)
    )
    axes.set_xlabel("visits a second")
    _bar(
        axes,
        1.42 if headroom.model_per_s is not None else 0.94,
        headroom.offered_per_s,
        "held in this rehearsal" if headroom.is_held else "offered, but not held",
        _colour(headroom),
    )
    if headroom.model_per_s is not None:  # a shop of one's own has no model
        _bar(axes, 0.46, headroom.model_per_s, "known capacity of the mock shop's model", RULE)
    asked = f"asked for {quantity(headroom.required_per_s)} = {headroom.factor:g} {TIMES} forecast"
    _mark(axes, headroom.forecast_per_s, f"forecast peak {quantity(headroom.forecast_per_s)}", row=0)
    _mark(axes, headroom.required_per_s, asked, row=1)
    return svg_of(figure, title=TITLE, description=describe_headroom(headroom), salt=salt)


def describe_headroom(headroom: Headroom) -> str:
    """Return in a sentence, with numbers, what the figure shows."""
    required = quantity(headroom.required_per_s)
    asked = f"{required} visits a second are asked for, {headroom.factor:g} times the forecast"
    if headroom.offered_per_s is None or headroom.ratio is None:
        return f"No rate was shown to be held; {asked}."
    fate = "held" if headroom.is_held else "offered, but not held"
    rate = f"{headroom.offered_per_s:.1f} visits a second, {headroom.ratio:.2f} times the forecast"
    return f"{rate}, were {fate}; {asked}."


def _colour(headroom: Headroom) -> str:
    return BLUE if headroom.is_held else VERMILION


def _bar(axes: Axes, y: float, value: float | None, words: str, colour: str) -> None:
    axes.barh(y, value or 0, height=0.34, color=colour)
    axes.annotate(
        "no rate was put to the test" if value is None else f"{value:.1f} visits/s {words}",
        (0, y + 0.17),
        xytext=(0, 7),
        textcoords="offset points",
        color=INK if value is not None else MUTED,
        bbox=BEHIND,
    )


def _mark(axes: Axes, value: float, words: str, *, row: int) -> None:
    """Draw a line across the bars up to its words, each in a row of its own."""
    low, high = axes.get_ylim()
    reach = 1 + (0.06 + 0.2 * row)
    axes.plot([value, value], [low, high * reach], color=INK, linewidth=1.2, dashes=(4, 3), clip_on=False)
    is_left = value < _MIDDLE * axes.get_xlim()[1]
    axes.annotate(
        words,
        (value, high * reach),
        xytext=(5 if is_left else -5, 0),
        textcoords="offset points",
        ha="left" if is_left else "right",
        va="center",
        annotation_clip=False,
        bbox=BEHIND,
    )
