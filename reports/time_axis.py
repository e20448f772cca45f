"""What every figure over time shares: one time axis, phases named along the top, faults shaded."""

from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from rehearsal.model.plan import PhaseKind
from reports.canvas import (
    INK,
    LEADING,
    LEFT,
    MUTED,
    RULE,
    SMALL,
    VERMILION,
    WIDTH_OF_CHARACTER,
    Size,
    lines_at,
    written_upright,
)
from reports.fault_story import FaultStory
from reports.phases import PhaseRow
from reports.report import Report

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
    """Return when a fault was in force; to the end of the run if its mending was never seen."""
    if story.injected_s is None:
        return None
    return story.injected_s, end_s if story.mended_s is None else story.mended_s


def name_phases(axes: Axes, report: Report) -> None:
    """Name the phases above the axes: in lines if all fit into their widths, else upright, as many as fit."""
    width = axes.get_window_extent().width
    wrapped = _wrapped(report, width)
    if wrapped is None:
        for row in _apart(report, width):
            written_upright(axes, row.phase.name, (_middle_s(row), 1))
        return
    for row, lines in zip(report.phases, wrapped, strict=True):
        lines_at(axes, lines, (_middle_s(row), 1), first=7 + (len(lines) - 1) * LEADING, color=MUTED)


def name_faults(axes: Axes, report: Report, *, in_words: bool) -> None:
    """Name each fault at the top of its shade: by its letter, and in words where there is room."""
    for story in report.faults:
        if (span := span_of(story, report.duration_s)) is None:
            continue
        at = (sum(span) / 2, 1)
        lines_at(axes, [story.letter], at, first=-14, color=VERMILION, fontweight="bold")
        if in_words:
            lines_at(axes, _balanced(story.title), at, first=-14 - LEADING, color=INK)


def head_room(report: Report, size: Size) -> float:
    """Return the height, in SVG units, of a heading and the names of the phases under it."""
    names = _wrapped(report, size.width - LEFT - 8)
    if names is None:
        longest = max(len(row.phase.name) for row in report.phases)
        return 34 + WIDTH_OF_CHARACTER * SMALL * longest
    return 32 + LEADING * max(len(lines) for lines in names)


def _middle_s(row: PhaseRow) -> float:
    return (row.window.start_ns + row.window.end_ns) / 2e9


def _apart(report: Report, width: float) -> list[PhaseRow]:
    """Return the phases whose upright names do not run into each other; rests between trials have none."""
    kept: list[PhaseRow] = []
    least_s = LEADING * report.duration_s / width
    for row in report.phases:
        if row.phase.kind is not PhaseKind.REST and (
            not kept or _middle_s(row) - _middle_s(kept[-1]) >= least_s
        ):
            kept.append(row)
    return kept


def _wrapped(report: Report, width: float) -> list[list[str]] | None:
    """Return the phases' names in lines that fit their parts of `width`; None if one does not fit."""
    all_lines = []
    for row in report.phases:
        lines = _lines(row.phase.name, width * row.window.duration_s / report.duration_s)
        if lines is None:
            return None
        all_lines.append(lines)
    return all_lines


def _lines(name: str, width: float) -> list[str] | None:
    """Break a name at its spaces and hyphens into lines no wider than `width`; None if a part is wider."""
    most = int(width / (WIDTH_OF_CHARACTER * SMALL))
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
