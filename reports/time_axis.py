"""What every figure over time shares: one time axis, phases named along the top, faults shaded."""

from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from reports.canvas import INK, LEFT, MUTED, RULE, VERMILION, WIDTH_OF_CHARACTER, Size
from reports.fault_story import FaultStory
from reports.report import Report

PHASE_SIZE = 11.0
_ROOMY = 600.0
_LINE = 11


def prepare(axes: Axes, report: Report, *, bottom: bool) -> None:
    """Set the time axis, mark the borders of phases and shade the faults as they really happened."""
    axes.set_xlim(0, report.duration_s)
    axes.xaxis.set_major_locator(
        MaxNLocator(12 if axes.get_window_extent().width > _ROOMY else 6, integer=True)
    )
    axes.tick_params(axis="x", labelbottom=bottom, length=3 if bottom else 0)
    axes.spines["bottom"].set_color(MUTED if bottom else RULE)
    if bottom:
        axes.set_xlabel("seconds since the start")
    for row in report.phases[1:]:
        axes.axvline(row.window.start_ns / 1e9, color=RULE, linewidth=0.6, zorder=0)
    for story in report.faults:
        if (span := span_of(story, report.duration_s)) is not None:
            axes.axvspan(*span, color=VERMILION, alpha=0.13, linewidth=0, zorder=0)


def span_of(story: FaultStory, end_s: float) -> tuple[float, float] | None:
    """Return when a fault was in force; to the end of the run if its healing was never seen."""
    if story.injected_s is None:
        return None
    return story.injected_s, end_s if story.healed_s is None else story.healed_s


def name_phases(axes: Axes, report: Report) -> None:
    """Name the phases above the axes: in lines if all fit into their widths, else upright."""
    wrapped = _wrapped(report, axes.get_window_extent().width)
    upright = wrapped is None
    names = [row.phase.name for row in report.phases] if wrapped is None else wrapped
    for name, row in zip(names, report.phases, strict=True):
        axes.annotate(
            name,
            ((row.window.start_ns + row.window.end_ns) / 2e9, 1),
            xycoords=("data", "axes fraction"),
            xytext=(0, 6),
            textcoords="offset points",
            ha="center",
            va="bottom",
            fontsize=PHASE_SIZE,
            color=MUTED,
            rotation=90 if upright else 0,
            linespacing=1.15,
        )


def name_faults(axes: Axes, report: Report, size: Size) -> None:
    """Name each fault at the top of its shade: in words where there is room, by its letter on a phone."""
    for story in report.faults:
        span = span_of(story, report.duration_s)
        if span is None:
            continue
        words = story.letter if size.is_narrow else "\n".join([story.letter, *_balanced(story.title)])
        axes.annotate(
            words,
            (sum(span) / 2, 1),
            xycoords=("data", "axes fraction"),
            xytext=(0, -5),
            textcoords="offset points",
            ha="center",
            va="top",
            fontsize=PHASE_SIZE,
            color=INK,
            linespacing=1.2,
        )


def head_room(report: Report, size: Size) -> float:
    """Return the height, in SVG units, of a heading and the names of the phases under it."""
    names = _wrapped(report, size.width - LEFT - 8)
    if names is None:
        longest = max(len(row.phase.name) for row in report.phases)
        return 40 + WIDTH_OF_CHARACTER * PHASE_SIZE * longest
    return 30 + 14 * max(name.count("\n") + 1 for name in names)


def _wrapped(report: Report, width: float) -> list[str] | None:
    """Return the phases' names broken to fit their parts of `width`; None if one does not fit."""
    lines = [
        _lines(row.phase.name, width * row.window.duration_s / report.duration_s) for row in report.phases
    ]
    return None if None in lines else ["\n".join(parts or []) for parts in lines]


def _lines(name: str, width: float) -> list[str] | None:
    """Break a name at its spaces and hyphens into lines no wider than `width`; None if a part is wider."""
    most = int(width / (WIDTH_OF_CHARACTER * PHASE_SIZE))
    parts = name.replace("-", "-\0").replace(" ", "\0").split("\0")
    return parts if max(len(part) for part in parts) <= most else None


def _balanced(title: str) -> list[str]:
    """Break a title into lines of some eleven characters."""
    lines = [""]
    for word in title.split():
        if len(lines[-1]) + len(word) > _LINE and lines[-1]:
            lines.append(word)
        else:
            lines[-1] = f"{lines[-1]} {word}".strip()
    return lines
