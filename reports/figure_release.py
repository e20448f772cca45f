"""The first second after T-0: how many were to be released, were sent, and were answered."""

from matplotlib.ticker import MaxNLocator

from reports.canvas import BLUE, INK, LEFT, MUTED, TEAL, Size, axes_at, heading, new_figure, svg_of
from reports.report import Report
from reports.t_zero import SHOWN_MS, STEP_MS, TZero

TITLE = "The first second after T-0"
_PANEL, _TOP = 200.0, 48.0


def draw_release(report: Report, size: Size, salt: str) -> str:
    """Return the figure as SVG; an empty text if the plan has no waiting room."""
    shown = report.t_zero
    if shown is None:
        return ""
    figure = new_figure(size, _TOP + _PANEL + 48)
    axes = axes_at(figure, left=LEFT, right=20, top=_TOP, bottom=_TOP + _PANEL)
    edges = list(range(0, SHOWN_MS + STEP_MS, STEP_MS))
    axes.stairs(shown.stated, edges, color=MUTED, alpha=0.3, fill=True)
    axes.stairs(shown.sent, edges, color=BLUE, linewidth=1.8)
    axes.stairs(shown.answered, edges, color=TEAL, linewidth=1.6, linestyle=(0, (4, 2)))
    axes.set_xlim(0, SHOWN_MS)
    axes.set_ylim(0, 1.12 * max(1, *shown.stated, *shown.sent, *shown.answered))
    axes.xaxis.set_major_locator(MaxNLocator(6 if size.is_narrow else 15, integer=True))
    axes.yaxis.set_major_locator(MaxNLocator(5, integer=True))
    axes.spines["bottom"].set_color(MUTED)
    axes.set_xlabel("milliseconds after T-0")
    what = "Buys" if size.is_narrow else "Buys of the waiting room"
    words = [(what, INK), ("to be released", MUTED), ("sent", BLUE), ("answered (dashed)", TEAL)]
    heading(axes, [(f"{what}, {STEP_MS} ms", INK), *words[1:]] if size.is_narrow else _wide(words))
    return svg_of(figure, title=TITLE, description=describe_release(shown), salt=salt)


def describe_release(shown: TZero) -> str:
    """Return in a sentence, with numbers, what the figure shows."""
    return (
        f"Of {shown.dispersion.planned} shoppers in the waiting room {sum(shown.sent)} sent their buy within "
        f"{SHOWN_MS / 1000:g} s of T-0, at most {max(shown.sent)} in {STEP_MS} ms, and {sum(shown.answered)} "
        "were answered in that time."
    )


def _wide(words: list[tuple[str, str]]) -> list[tuple[str, str]]:
    (what, colour), *rest = words
    return [(f"{what} in each {STEP_MS} ms", colour), *rest]
