"""How a trial is drawn in every figure: shape and colour say how it ended, size says why it was made."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.transforms import IdentityTransform

from rehearsal.model.capacity import Purpose, Trial
from rehearsal.model.verdict import Status
from reports.canvas import (
    BEHIND,
    DOUBT,
    GO,
    INK,
    LEADING,
    MUTED,
    NO_GO,
    PAPER,
    SMALL,
    WIDTH_OF_CHARACTER,
    Size,
)
from reports.capacity import CapacityPage
from reports.words import STATUSES

_STYLES: dict[Status, dict[str, Any]] = {
    Status.PASS: {"marker": "o", "markerfacecolor": GO, "markeredgecolor": PAPER, "markeredgewidth": 0.8},
    Status.FAIL: {"marker": "X", "markerfacecolor": NO_GO, "markeredgecolor": PAPER, "markeredgewidth": 0.8},
    Status.INCONCLUSIVE: {
        "marker": "D",
        "markerfacecolor": PAPER,
        "markeredgecolor": DOUBT,
        "markeredgewidth": 1.6,
    },
    Status.INVALID: {
        "marker": "s",
        "markerfacecolor": PAPER,
        "markeredgecolor": MUTED,
        "markeredgewidth": 1.2,
    },
}
_KEPT_FIRST = (Status.PASS, Status.FAIL, Status.INCONCLUSIVE, Status.INVALID)
#: Long trials are drawn larger: much rests on them.
LONG = (Purpose.CONFIRM, Purpose.PROOF, Purpose.AGAIN)
_LARGE, _USUAL, _OTHER = 10.0, 6.5, 4.5
_FAINT = 0.55
_RING: dict[str, Any] = {
    "linestyle": "",
    "marker": "o",
    "markersize": 16.0,
    "markerfacecolor": "none",
    "markeredgecolor": INK,
    "markeredgewidth": 1.2,
}
#: Space a mark and its word take in a key besides the letters.
_MARK, _GAP = 14.0, 16.0
KEY_LINE = 16.0


@dataclass(frozen=True, slots=True)
class Entry:
    """A mark or a piece of line of a key, and what it means."""

    words: str
    line: dict[str, Any]


def draw_trials(axes: Axes, page: CapacityPage, points: Iterable[tuple[Trial, float, float]]) -> None:
    """Draw a dot for each (trial, x, y), small ones over large ones; a ring marks the proof."""
    for trial, x, y in sorted(points, key=lambda point: -_size(point[0])):
        status, other = page.status(trial), bool(trial.wanted.scene)
        if trial.number == page.record.proof:
            axes.plot([x], [y], zorder=4, **_RING)
        axes.plot(
            [x],
            [y],
            linestyle="",
            markersize=_shaped(status, _size(trial)),
            alpha=_FAINT if other else 1,
            zorder=3 if other else 4,
            **_STYLES[status],
        )


def status_key(page: CapacityPage, trials: Sequence[Trial]) -> list[Entry]:
    """Return the key of the dots: the statuses and the sizes that there are."""
    statuses = {page.status(trial) for trial in trials}
    entries = [
        Entry(
            STATUSES[status],
            {"linestyle": "", "markersize": _shaped(status, _USUAL + 1), **_STYLES[status]},
        )
        for status in _KEPT_FIRST
        if status in statuses
    ]
    plain = [trial for trial in trials if not trial.wanted.scene]
    if any(trial.wanted.purpose in LONG for trial in plain):
        entries.append(Entry("large: long trials", _grey(_LARGE)))
    if page.proof in plain:
        entries.append(Entry("ringed: the proof", {**_RING, "markersize": 12}))
    if len(plain) < len(trials):
        entries.append(Entry("faint: something gone or changed", {**_grey(_OTHER), "alpha": _FAINT}))
    return entries


def title(figure: Figure, words: str) -> None:
    """Write what a figure shows at its upper left."""
    _, height = figure.get_size_inches() * figure.dpi
    figure.text(
        0, height - 12, words, transform=IdentityTransform(), fontsize=13, fontweight="bold", color=INK
    )


def key(figure: Figure, entries: Sequence[Entry]) -> None:
    """Write a key under the title, in lines that fit the figure."""
    width, height = figure.get_size_inches() * figure.dpi
    for line, placed in enumerate(_lines(entries, width)):
        y = height - 32 - line * KEY_LINE
        for entry, x in placed:
            is_dot = entry.line.get("linestyle") == ""
            mark = Line2D(
                [x + _MARK / 2] if is_dot else [x, x + _MARK],
                [y + 4] if is_dot else [y + 4, y + 4],
                transform=IdentityTransform(),
                **{"solid_capstyle": "butt", **entry.line},
            )
            figure.add_artist(mark)
            figure.text(
                x + _MARK + 5,
                y,
                entry.words,
                transform=IdentityTransform(),
                fontsize=SMALL,
                color=MUTED,
                va="baseline",
            )


def head(entries: Sequence[Entry], size: Size) -> float:
    """Return the height, in SVG units, of a title and a key."""
    return 24 + KEY_LINE * len(_lines(entries, size.width))


def mark_rate(axes: Axes, value: float, words: str, *, row: int, colour: str = INK) -> None:
    """Draw a dashed line at a rate, up to its words in a row of their own above the axes."""
    height = axes.get_window_extent().height
    reach = 1 + (12 + row * (LEADING + 5)) / height
    axes.plot(
        [value, value],
        [0, reach],
        transform=axes.get_xaxis_transform(),
        color=colour,
        linewidth=1.2,
        dashes=(4, 3),
        clip_on=False,
        zorder=2,
    )
    _beside(axes, value, words, reach=reach)


def _beside(axes: Axes, value: float, words: str, *, reach: float) -> None:
    """Write words above the axes on that side of a rate where there is more room."""
    low, high = axes.get_xlim()
    is_left = value < low + 0.45 * (high - low)
    axes.annotate(
        words,
        (value, reach),
        xycoords=axes.get_xaxis_transform(),
        xytext=(5 if is_left else -5, 0),
        textcoords="offset points",
        ha="left" if is_left else "right",
        va="center",
        fontsize=SMALL + 1,
        annotation_clip=False,
        bbox=BEHIND,
    )


def above_lines(heights: Sequence[float], gap: float) -> list[float]:
    """Return where words above lines at rising `heights` stand `gap` apart, none of them across a line."""
    places: list[float] = []
    group: list[float] = []
    for height in heights:
        if group and height > group[-1] + gap * len(group):
            places += [group[-1] + gap * place for place in range(len(group))]
            group = []
        group.append(height)
    return places + [group[-1] + gap * place for place in range(len(group))]


def _size(trial: Trial) -> float:
    if trial.wanted.scene:
        return _OTHER
    return _LARGE if trial.wanted.purpose in LONG else _USUAL


def _shaped(status: Status, size: float) -> float:
    """Return a marker's size such that all shapes look equally large."""
    return size * (0.75 if status is Status.INCONCLUSIVE else 1.1 if status is Status.FAIL else 1)


def _grey(size: float) -> dict[str, Any]:
    return {
        "linestyle": "",
        "marker": "o",
        "markersize": size,
        "markerfacecolor": MUTED,
        "markeredgecolor": PAPER,
    }


def _lines(entries: Sequence[Entry], width: float) -> list[list[tuple[Entry, float]]]:
    lines: list[list[tuple[Entry, float]]] = [[]]
    x = 0.0
    for entry in entries:
        room = _MARK + 5 + WIDTH_OF_CHARACTER * SMALL * len(entry.words)
        if lines[-1] and x + room > width:
            lines.append([])
            x = 0.0
        lines[-1].append((entry, x))
        x += room + _GAP
    return lines
