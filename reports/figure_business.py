"""The business over time: orders paid, payments that succeed, stock that is left."""

from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, PercentFormatter

from rehearsal.model.percent import percent
from reports.canvas import BLUE, INK, LEFT, MUTED, PURPLE, TEAL, Size, axes_at, heading, new_figure, svg_of
from reports.report import Report
from reports.time_axis import head_room, name_faults, name_phases, prepare

TITLE = "Orders, payments and stock"
_PANEL, _GAP = 96.0, 40.0
_LAST = 2


def draw_business(report: Report, size: Size, salt: str) -> str:
    """Return the figure as SVG."""
    top = head_room(report, size)
    figure = new_figure(size, top + 3 * _PANEL + 2 * _GAP + 48)
    orders, payments, stock = (_axes(figure, report, top, place) for place in range(3))
    _orders(orders, report)
    _payments(payments, report)
    _stock(stock, report)
    heading(orders, [("Orders paid or confirmed", INK), ("running total", MUTED)], above=top - 16)
    heading(
        payments,
        [("Payments that succeeded", INK), (f"of those begun in {report.series.bin_s} s", MUTED)],
    )
    what = f"units of {report.plan.sale.sku}" if report.plan.has_sale else "nothing is on sale"
    heading(stock, [("Stock left", INK), (what, MUTED)])
    name_phases(orders, report)
    name_faults(orders, report, in_words=False)
    return svg_of(figure, title=TITLE, description=describe_business(report), salt=salt)


def describe_business(report: Report) -> str:
    """Return in a sentence, with numbers, what the figure shows."""
    series = report.series
    shares = [share for share in series.payment_success if share is not None]
    lowest = (
        f"the share of payments that succeeded was {percent(min(shares), 0)} at its lowest"
        if shares
        else "no payment was begun"
    )
    left = f"{series.stock[-1][1]:.0f} units were left" if series.stock else "the stock was not read"
    return f"{len(series.orders)} orders were paid or confirmed; {lowest}; at the end {left}."


def _axes(figure: Figure, report: Report, top: float, place: int) -> Axes:
    start = top + place * (_PANEL + _GAP)
    axes = axes_at(figure, left=LEFT, right=8, top=start, bottom=start + _PANEL)
    prepare(axes, report, bottom=place == _LAST)
    axes.yaxis.set_major_locator(MaxNLocator(4, integer=True))
    return axes


def _orders(axes: Axes, report: Report) -> None:
    points = [(0.0, 0.0), *report.series.orders, (report.duration_s, float(len(report.series.orders)))]
    _steps(axes, points, TEAL)
    axes.set_ylim(0, 1.1 * max(1, len(report.series.orders)))


def _payments(axes: Axes, report: Report) -> None:
    step, shares = report.series.bin_s, report.series.payment_success
    values = [float("nan") if share is None else share for share in shares]
    middles = [step * (index + 0.5) for index in range(len(values))]
    axes.plot(middles, values, color=BLUE, linewidth=1.6, marker="o", markersize=2.4)
    for row in report.phases:
        if row.slo is not None and row.slo.payment_success is not None:
            bounds = (row.window.start_ns / 1e9, row.window.end_ns / 1e9)
            axes.hlines(row.slo.payment_success, *bounds, color=INK, linewidth=1, linestyle=(0, (3, 2)))
    axes.set_ylim(0, 1.08)
    axes.set_yticks([0, 0.5, 1])
    axes.yaxis.set_major_formatter(PercentFormatter(1, symbol=" %"))


def _stock(axes: Axes, report: Report) -> None:
    _steps(axes, report.series.stock, PURPLE)
    axes.set_ylim(0, 1.1 * max(1.0, report.plan.sale.stock, *(value for _, value in report.series.stock)))


def _steps(axes: Axes, points: Sequence[tuple[float, float]], colour: str) -> None:
    axes.plot(
        [x for x, _ in points], [y for _, y in points], color=colour, linewidth=1.8, drawstyle="steps-post"
    )
