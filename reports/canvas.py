"""Drawing without a window: matplotlib's objects in, one inline SVG out, coloured by the page that holds it.

Figures are drawn in sentinel colours that stand for CSS variables; a page in light and one in dark show the
same bytes. Text stays text, in the page's own type. Equal figures are equal bytes.
"""

import io
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from html import escape
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

#: Sentinel colours and the CSS variables they stand for.
INK, MUTED, RULE, PAPER = "#010101", "#010102", "#010103", "#010104"
BLUE, TEAL, VERMILION, PURPLE = "#010105", "#010106", "#010107", "#010108"
GO, NO_GO, DOUBT = "#010109", "#010110", "#010111"
VARIABLES = {
    INK: "--ink",
    MUTED: "--muted",
    RULE: "--rule",
    PAPER: "--paper",
    BLUE: "--blue",
    TEAL: "--teal",
    VERMILION: "--vermilion",
    PURPLE: "--purple",
    GO: "--go",
    NO_GO: "--no-go",
    DOUBT: "--doubt",
}

UNITS_PER_INCH = 72
_STYLE: dict[Any, Any] = {
    "text.parse_math": False,
    "svg.fonttype": "none",
    "font.family": "DejaVu Sans",
    "font.size": 12,
    "text.color": INK,
    "axes.edgecolor": RULE,
    "axes.facecolor": "none",
    "axes.labelcolor": MUTED,
    "axes.labelsize": 11,
    "axes.linewidth": 0.8,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.spines.left": False,
    "axes.axisbelow": True,
    "axes.grid": True,
    "axes.grid.axis": "y",
    "grid.color": RULE,
    "grid.linewidth": 0.6,
    "xtick.labelsize": 11,
    "ytick.labelsize": 11,
    "xtick.color": RULE,
    "xtick.labelcolor": MUTED,
    "ytick.color": RULE,
    "ytick.labelcolor": MUTED,
    "ytick.major.size": 0,
    "ytick.minor.size": 0,
    "lines.solid_joinstyle": "round",
    "figure.facecolor": "none",
    "savefig.facecolor": "none",
}
_NO_METADATA = {"Date": None, "Creator": None, "Format": None, "Type": None}


@dataclass(frozen=True, slots=True)
class Size:
    """A figure's width in SVG units (about CSS pixels), and its name. Heights are each figure's own."""

    name: str
    width: float

    @property
    def is_narrow(self) -> bool:
        """Tell whether the figure is for a phone."""
        return self.name == "narrow"


WIDE = Size("wide", 960)
NARROW = Size("narrow", 400)


@contextmanager
def style(salt: str) -> Iterator[None]:
    """Draw in the report's style; `salt` keeps the ids of two figures on one page apart."""
    with mpl.rc_context():
        mpl.rcdefaults()  # a user's own matplotlibrc must not change a signed file
        mpl.rcParams.update({**_STYLE, "svg.hashsalt": salt})
        yield


def new_figure(size: Size, height: float) -> Figure:
    """Return an empty figure of a width and height in SVG units."""
    return Figure(figsize=(size.width / UNITS_PER_INCH, height / UNITS_PER_INCH), dpi=UNITS_PER_INCH)


def axes_at(figure: Figure, *, left: float, right: float, top: float, bottom: float) -> Axes:
    """Return axes with these margins in SVG units; `top` and `bottom` count from the figure's top edge."""
    width, height = _units(figure)
    return figure.add_axes(
        (left / width, 1 - bottom / height, (width - left - right) / width, (bottom - top) / height)
    )


def svg_of(figure: Figure, *, title: str, description: str, salt: str) -> str:
    """Return a figure as inline SVG that scales with its box and says in words what it shows."""
    width, height = _units(figure)
    buffer = io.StringIO()
    figure.savefig(buffer, format="svg", metadata=_NO_METADATA)
    body = buffer.getvalue()
    body = body[body.index("<svg") :]
    for pattern, replacement in _CLEANINGS:
        body = pattern.sub(replacement, body)
    for sentinel, variable in VARIABLES.items():
        body = body.replace(sentinel, f"var({variable})")
    inside = body[body.index(">") + 1 :]
    named = f'<title id="{salt}-t">{escape(title)}</title><desc id="{salt}-d">{escape(description)}</desc>'
    opening = f'<svg viewBox="0 0 {width:g} {height:g}" role="img" aria-labelledby="{salt}-t {salt}-d">'
    return f"{opening}{named}{inside}".strip()


def heading(axes: Axes, words: Sequence[tuple[str, str]], *, above: float = 8) -> None:
    """Write a panel's heading `above` its left edge: (words, colour) pairs, so that no legend is needed."""
    offset = -LEFT
    for word, colour in words:
        weight = "bold" if word == words[0][0] else "normal"
        axes.annotate(
            word,
            (0, 1),
            xycoords="axes fraction",
            xytext=(offset, above),
            textcoords="offset points",
            color=colour,
            fontweight=weight,
        )
        offset += WIDTH_OF_CHARACTER * (13 if weight == "bold" else 12) * len(word) + 12


def _units(figure: Figure) -> tuple[float, float]:
    width, height = figure.get_size_inches() * UNITS_PER_INCH
    return float(width), float(height)


#: Space left of a panel for its numbers, in SVG units; headings begin where it does.
LEFT = 50.0


def lines_at(axes: Axes, lines: Sequence[str], at: tuple[float, float], *, first: float, **text: Any) -> None:
    """Write lines centred on `at` (data, axes fraction), the first baseline `first` units above it."""
    for index, line in enumerate(lines):
        axes.annotate(
            line,
            at,
            xycoords=("data", "axes fraction"),
            xytext=(0, first - index * LEADING),
            textcoords="offset points",
            ha="center",
            va="baseline",
            fontsize=SMALL,
            **text,
        )


def written_upright(axes: Axes, name: str, at: tuple[float, float]) -> None:
    """Write a name upright, over the place `at` (x in data, y as a share of the axes)."""
    axes.annotate(
        name,
        at,
        xycoords=("data", "axes fraction"),
        xytext=(0, 6),
        textcoords="offset points",
        ha="center",
        va="bottom",
        fontsize=SMALL,
        color=MUTED,
        rotation=90,
    )


#: Behind words that a line may run through.
BEHIND = {"facecolor": PAPER, "edgecolor": "none", "pad": 2}

#: Size and leading of the small print in figures.
SMALL, LEADING = 11.0, 13.0

#: An average character's width in em, on the generous side of the usual sans-serif types.
WIDTH_OF_CHARACTER = 0.57

_CLEANINGS = (
    (re.compile(r"\s*<defs>\s*<style.*?</style>\s*</defs>", re.DOTALL), ""),
    (re.compile(r"\s+xmlns(:\w+)?=\"[^\"]*\""), ""),
    (re.compile(r"xlink:href"), "href"),
    (re.compile(r"<g id=\"[^\"]*\"(/?)>"), r"<g\1>"),
    (re.compile(r"font-family: [^;\"]*;? ?"), ""),
    (re.compile(r"<!--.*?-->\s*", re.DOTALL), ""),
    (re.compile(r"\n\s*"), "\n"),
)
