"""Response time over time: p50, p95 and p99 on a log axis, with what each phase promises."""

from collections.abc import Callable

from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, NullFormatter

from reports.canvas import (
    BLUE,
    INK,
    LEFT,
    MUTED,
    PURPLE,
    SMALL,
    TEAL,
    Size,
    axes_at,
    heading,
    new_figure,
    svg_of,
)
from reports.report import Report
from reports.series import Percentiles
from reports.time_axis import head_room, name_faults, name_phases, prepare
from reports.words import duration

TITLE = "Response time"

#: Lags below this are drawn at it: the axis is logarithmic.
_LEAST_MS = 0.1

_CURVES: tuple[tuple[str, str, Callable[[Percentiles], float], float], ...] = (
    ("p50", TEAL, lambda measured: measured.p50_ms, 1.4),
    ("p95", BLUE, lambda measured: measured.p95_ms, 1.6),
    ("p99", PURPLE, lambda measured: measured.p99_ms, 1.8),
)


def draw_latency(report: Report, size: Size, salt: str) -> str:
    """Return the figure as SVG."""
    top, panel = head_room(report, size), 300.0
    figure = new_figure(size, top + panel + 48)
    axes = axes_at(figure, left=LEFT, right=8, top=top, bottom=top + panel)
    prepare(axes, report, bottom=True)
    axes.set_yscale("log")
    _curves(axes, report)
    _limits(axes, report)
    if not report.plan.traffic.is_closed:
        _lag(axes, report)
    low, high = axes.get_ylim()
    axes.set_ylim(low, high * (high / low) ** (0.1 if size.is_narrow else 0.25))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: duration(value)))
    axes.yaxis.set_minor_formatter(NullFormatter())
    limits = "dashed: limits" if size.is_narrow else "dashed: the phase's limits of p95 and p99"
    words = [("Response time", INK), *((name, colour) for name, colour, _, _ in _CURVES), (limits, MUTED)]
    heading(axes, words, above=top - 16)
    name_phases(axes, report)
    name_faults(axes, report, in_words=not size.is_narrow)
    return svg_of(figure, title=TITLE, description=describe_latency(report), salt=salt)


def describe_latency(report: Report) -> str:
    """Return in a sentence, with numbers, what the figure shows."""
    measured = [bin_.p99_ms for bin_ in report.series.response if bin_ is not None]
    if not measured:
        return "No request was measured."
    middle = sorted(measured)[len(measured) // 2]
    return (
        f"The 99th percentile of response time in {report.series.bin_s} s was {duration(middle)} in the "
        f"median and {duration(max(measured))} at worst."
    )


def _curves(axes: Axes, report: Report) -> None:
    step = report.series.bin_s
    for _, colour, value_of, width in _CURVES:
        values = [float("nan") if bin_ is None else value_of(bin_) for bin_ in report.series.response]
        middles = [step * (index + 0.5) for index in range(len(values))]
        axes.plot(middles, values, color=colour, linewidth=width, marker="o", markersize=1.8)


def _lag(axes: Axes, report: Report) -> None:
    """Draw how late the generator itself was: beside the shop's times it should be small."""
    step = report.series.bin_s
    lags = [(step * (i + 0.5), lag) for i, lag in enumerate(report.series.send_lag_p99_ms) if lag is not None]
    if not lags:
        return
    values = [max(lag, _LEAST_MS) for _, lag in lags]
    axes.plot([at_s for at_s, _ in lags], values, color=MUTED, linewidth=1)
    axes.annotate(
        "how late the generator sent (p99)",
        (0, 0),
        xycoords="axes fraction",
        xytext=(4, 5),
        textcoords="offset points",
        color=MUTED,
        fontsize=SMALL,
    )
    axes.set_ylim(bottom=min(values) / 4)


def _limits(axes: Axes, report: Report) -> None:
    for row in report.phases:
        if row.slo is None:
            continue
        start_s, end_s = row.window.start_ns / 1e9, row.window.end_ns / 1e9
        for limit_ms, colour in ((row.slo.p95_ms, BLUE), (row.slo.p99_ms, PURPLE)):
            axes.hlines(limit_ms, start_s, end_s, color=colour, linewidth=1.3, linestyle=(0, (3, 2)))
