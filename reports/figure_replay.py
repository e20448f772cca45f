"""A replay beside its log in one picture: arrivals, mix of paths, think times. A file that stands alone."""

from collections.abc import Sequence

import msgspec
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, MaxNLocator

from rehearsal.model.percent import percent
from reports.canvas import (
    BEHIND,
    BLUE,
    INK,
    LEFT,
    MUTED,
    SMALL,
    WIDE,
    axes_at,
    heading,
    new_figure,
    style,
    svg_of,
)
from reports.words import duration

_SALT = "replay"
_ROW = 19.0
_NAMES = 330.0
_LIGHT = (
    "--paper:#fdfdfc;--ink:#1b1c1e;--muted:#5d6167;--rule:#d9d9d4;"
    "--blue:#0b62a4;--teal:#00806a;--vermilion:#c8480a;--purple:#8a3b8f"
)
_DARK = (
    "--paper:#15171a;--ink:#ececea;--muted:#a3a8af;--rule:#3a3e44;"
    "--blue:#63b3ed;--teal:#4fd1b0;--vermilion:#ff9a5a;--purple:#d9a0dd"
)
_STYLE = (
    f"<style>:root{{{_LIGHT};background:var(--paper);font-family:system-ui,sans-serif}}"
    f"@media(prefers-color-scheme:dark){{:root{{{_DARK}}}}}</style>"
)


class ReplayFigure(msgspec.Struct, frozen=True, kw_only=True):
    """What is drawn. Rates are sessions a second in steps of `step_s`; a CDF is (seconds, share) pairs."""

    what: str
    step_s: float
    log_per_s: Sequence[float]
    replay_per_s: Sequence[float]
    normal_per_s: float
    mix: Sequence[tuple[str, float, float]]
    log_think: Sequence[tuple[float, float]]
    replay_think: Sequence[tuple[float, float]]


def draw_replay(shown: ReplayFigure) -> str:
    """Return the picture as an SVG document, readable on light and on dark. Equal values give equal bytes."""
    bars = 30 + 2 * _ROW * len(shown.mix)
    height = 600 + bars
    with style(_SALT):
        figure = new_figure(WIDE, height)
        _arrivals(axes_at(figure, left=LEFT, right=12, top=44, bottom=244), shown)
        _mix(axes_at(figure, left=_NAMES, right=60, top=330, bottom=310 + bars), shown)
        _thinks(axes_at(figure, left=LEFT, right=12, top=370 + bars, bottom=550 + bars), shown)
        inline = svg_of(figure, title="Replay beside its log", description=describe_replay(shown), salt=_SALT)
    opening, rest = inline.split(">", 1)
    names = 'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'
    # A page gives its figures room; this one has no page around it.
    inside = f'viewBox="0 0 {WIDE.width:g} {height:g}"'
    opening = opening.replace(inside, f'{names} viewBox="-20 -8 {WIDE.width + 40:g} {height + 16:g}"')
    paper = '<rect x="-20" y="-8" width="100%" height="100%" style="fill:var(--paper)"/>'
    return f"{opening}>{_STYLE}{paper}{rest}\n"


def describe_replay(shown: ReplayFigure) -> str:
    """Return in a sentence, with numbers, what the picture shows."""
    return (
        f"The log's sessions arrive at up to {max(shown.log_per_s):.3g} a second, the replay's "
        f"({shown.what}) at up to {max(shown.replay_per_s):.3g}; normal volume is {shown.normal_per_s:.3g}."
    )


def _arrivals(axes: Axes, shown: ReplayFigure) -> None:
    for rates, colour, width in ((shown.log_per_s, MUTED, 1.2), (shown.replay_per_s, BLUE, 1.6)):
        hours = [index * shown.step_s / 3600 for index in range(len(rates) + 1)]
        axes.stairs(rates, hours, color=colour, linewidth=width)
    axes.set_ylim(0, 1.12 * max(*shown.log_per_s, *shown.replay_per_s, 1e-9))
    axes.set_xlim(0, len(shown.log_per_s) * shown.step_s / 3600)
    axes.set_xlabel("hours since the first session")
    axes.axhline(shown.normal_per_s, color=INK, linewidth=1, linestyle=(0, (4, 3)))
    axes.annotate(
        f"normal volume {shown.normal_per_s:.3g}",
        (1, shown.normal_per_s),
        xycoords=("axes fraction", "data"),
        xytext=(-4, 4),
        textcoords="offset points",
        ha="right",
        fontsize=SMALL,
        bbox=BEHIND,
    )
    heading(
        axes, [("Sessions begun a second", INK), ("log", MUTED), (f"replay, {shown.what}", BLUE)], above=14
    )


def _mix(axes: Axes, shown: ReplayFigure) -> None:
    rows = [float(index) for index in range(len(shown.mix))]
    axes.barh([row - 0.2 for row in rows], [before for _, before, _ in shown.mix], height=0.34, color=MUTED)
    axes.barh([row + 0.2 for row in rows], [after for _, _, after in shown.mix], height=0.34, color=BLUE)
    axes.set_yticks(rows, [_short(label) for label, _, _ in shown.mix])
    axes.set_ylim(len(rows) - 0.4, -0.6)
    axes.grid(visible=False)
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: percent(value, 0)))
    for row, (_, _, share) in zip(rows, shown.mix, strict=True):
        axes.annotate(
            percent(share),
            (share, row + 0.2),
            xytext=(4, 0),
            textcoords="offset points",
            va="center",
            fontsize=SMALL,
        )
    axes.annotate(
        "Requests by path",
        (0, 1),
        xycoords="axes fraction",
        xytext=(-_NAMES, 10),
        textcoords="offset points",
        color=INK,
        fontweight="bold",
    )


def _thinks(axes: Axes, shown: ReplayFigure) -> None:
    for points, colour, width in ((shown.log_think, MUTED, 4.0), (shown.replay_think, BLUE, 1.6)):
        axes.plot([at for at, _ in points], [share for _, share in points], color=colour, linewidth=width)
    axes.set_xscale("symlog", linthresh=1)
    axes.set_xlim(left=0)
    axes.set_ylim(0, 1)
    axes.yaxis.set_major_locator(MaxNLocator(4))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: duration(value * 1000)))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: percent(value, 0)))
    axes.set_xlabel("from one request of a session to its next")
    words = [
        ("Think times: share at most so long", INK),
        ("log", MUTED),
        ("replay", BLUE),
    ]
    heading(axes, words, above=14)


def _short(label: str) -> str:
    return label if len(label) <= 44 else f"{label[:20]}…{label[-22:]}"  # noqa: PLR2004 - what the margin holds
