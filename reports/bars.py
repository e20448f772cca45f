"""Rows of horizontal bars, each under its words: names of any length have room on a phone as well."""

from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes

from reports.canvas import BEHIND, INK, MUTED, SMALL, WIDTH_OF_CHARACTER, Size

#: Height of a row with one line of words, and of each further line, in SVG units.
ROW, LINE = 50.0, 15.0
_BAR = 16.0
_FONT = 12.0


@dataclass(frozen=True, slots=True)
class Bar:
    """A row: its name, what is said of it, and pieces (end, colour, opacity) from 0, the longest first.

    `marks` are drawn across the bar.
    """

    name: str
    words: str
    pieces: tuple[tuple[float, str, float], ...] = ()
    marks: tuple[float, ...] = ()


def heights_of(bars: Sequence[Bar], size: Size) -> list[float]:
    """Return each row's height in SVG units."""
    return [ROW + LINE * (len(_lines(bar, size)) - 1) for bar in bars]


def draw_bars(axes: Axes, bars: Sequence[Bar], size: Size) -> None:
    """Draw the rows downward in axes as high as `heights_of` adds up to, in units of the axes' height."""
    heights = heights_of(bars, size)
    axes.set_ylim(sum(heights), 0)
    axes.set_yticks([])
    axes.grid(visible=False)
    bottom = 0.0
    for bar, height in zip(bars, heights, strict=True):
        bottom += height
        middle = bottom - _BAR / 2 - 4
        for end, colour, opacity in bar.pieces:
            axes.barh(middle, end, height=_BAR, color=colour, alpha=opacity, linewidth=0)
        for mark in bar.marks:
            axes.plot([mark, mark], [middle - _BAR * 0.8, middle + _BAR * 0.8], color=INK, linewidth=2)
        lines = _lines(bar, size)
        for line, words in enumerate(lines):
            above = (len(lines) - 1 - line) * LINE + _BAR / 2 + 6
            _write(axes, words, (0, middle), above=above, bold=not line)


def _write(axes: Axes, words: str, at: tuple[float, float], *, above: float, bold: bool) -> None:
    axes.annotate(
        words,
        at,
        xycoords=("axes fraction", "data"),
        xytext=(0, above),
        textcoords="offset points",
        fontsize=_FONT if bold else SMALL,
        color=INK if bold else MUTED,
        va="baseline",
        bbox=BEHIND,
    )


def _lines(bar: Bar, size: Size) -> list[str]:
    """Return name and words, broken to the figure's width."""
    most = int((size.width - 30) / (WIDTH_OF_CHARACTER * _FONT))
    name = bar.name if len(bar.name) <= most else f"{bar.name[: most - 1]}…"
    lines = [""]
    for word in bar.words.split(" "):  # no-break spaces stay
        if lines[-1] and len(lines[-1]) + len(word) + 1 > most:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    return [name, *lines]
