"""Offered rate against goodput over time: visits above, requests below."""

from collections.abc import Sequence

from matplotlib.axes import Axes

from reports.canvas import BEHIND, BLUE, INK, LEFT, MUTED, SMALL, Size, axes_at, heading, new_figure, svg_of
from reports.headroom import Headroom
from reports.report import Report
from reports.series import Gaps
from reports.time_axis import head_room, name_faults, name_phases, prepare
from reports.words import TIMES, quantity

TITLE = "Offered rate against goodput"


def draw_rates(report: Report, size: Size, salt: str) -> str:
    """Return the figure as SVG."""
    top, panel = head_room(report, size), 190.0
    figure = new_figure(size, top + 2 * panel + 110)
    visits = axes_at(figure, left=LEFT, right=8, top=top, bottom=top + panel)
    requests = axes_at(figure, left=LEFT, right=8, top=top + panel + 62, bottom=top + 2 * panel + 62)
    series = report.series
    _panel(requests, report, (series.requests_due_per_s, series.requests_good_per_s))
    if report.plan.traffic.is_closed:
        _panel(visits, report, (_filled(series.users_wanted), _filled(series.users_there)))
        visits.set_ylim(0, 1.45 * max(1.0, *_filled(series.users_wanted)))
        heading(visits, [("Users", INK), ("planned", MUTED), ("there", BLUE)], above=top - 16)
    else:
        _panel(visits, report, (series.visits_due_per_s, series.visits_good_per_s))
        heading(visits, _words("Visits a second", "served well"), above=top - 16)
        if report.headroom is not None:
            _forecast(visits, report, report.headroom)
    heading(requests, _words("Requests a second", "answered well"), above=10)
    name_phases(visits, report)
    name_faults(visits, report, in_words=not size.is_narrow)
    return svg_of(figure, title=TITLE, description=describe_rates(report), salt=salt)


def describe_rates(report: Report) -> str:
    """Return in a sentence, with numbers, what the figure shows."""
    series, headroom = report.series, report.headroom
    if report.plan.traffic.is_closed:
        there, asked = _filled(series.users_there), series.requests_due_per_s
        return (
            f"At most {max(there):.0f} users were there, and sent at most {max(asked):.0f} requests a second."
        )
    due, good = series.visits_due_per_s, series.visits_good_per_s
    words = f"At most {max(due):.0f} visits a second were due and at most {max(good):.0f} were served well."
    if headroom is None:
        return words
    required = quantity(headroom.required_per_s)
    return f"{words} Forecast peak: {quantity(headroom.forecast_per_s)}, asked for: {required}."


def _words(what: str, good: str) -> list[tuple[str, str]]:
    return [(what, INK), ("due", MUTED), (good, BLUE)]


def _panel(axes: Axes, report: Report, rates: tuple[Sequence[float], Sequence[float]]) -> None:
    prepare(axes, report, bottom=True)
    due, good = rates
    edges = [min(report.series.bin_s * index, report.duration_s) for index in range(len(due) + 1)]
    axes.stairs(due, edges, color=MUTED, linewidth=1.1)
    axes.stairs(good, edges, color=BLUE, linewidth=1.8)
    axes.set_ylim(0, 1.08 * max(*due, *good, 1.0))


def _filled(values: Gaps) -> list[float]:
    return [value or 0.0 for value in values]


def _forecast(axes: Axes, report: Report, headroom: Headroom) -> None:
    """Draw the forecast peak and the rate asked for, and leave a strip above for the faults' names."""
    axes.set_ylim(0, 1.45 * max(*report.series.visits_due_per_s, headroom.required_per_s))
    lines = (
        (headroom.forecast_per_s, f"forecast peak {quantity(headroom.forecast_per_s)}", "top", -3),
        (
            headroom.required_per_s,
            f"{headroom.factor:g} {TIMES} forecast = {quantity(headroom.required_per_s)}",
            "bottom",
            3,
        ),
    )
    for value, words, side, shift in lines:
        axes.axhline(value, color=INK, linewidth=1, linestyle=(0, (4, 3)))
        axes.annotate(
            words,
            (0, value),
            xycoords=("axes fraction", "data"),
            xytext=(4, shift),
            textcoords="offset points",
            va=side,
            fontsize=SMALL,
            bbox={**BEHIND, "alpha": 0.75},
        )
