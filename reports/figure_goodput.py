"""Every trial a dot: what was offered against what was served well, beside forecast, rule and capacity."""

from matplotlib.axes import Axes

from reports.canvas import BLUE, INK, LEFT, MUTED, Size, axes_at, new_figure, svg_of
from reports.capacity import CapacityPage
from reports.trial_marks import (
    Entry,
    draw_trials,
    head,
    key,
    mark_rate,
    status_key,
    title,
)
from reports.words import TIMES, between, rate

TITLE = "Offered and served well"
_PANEL, _ROW = 320.0, 18.0


def draw_goodput(page: CapacityPage, size: Size, salt: str) -> str:
    """Return the figure as SVG. Trials with something gone are there too, fainter."""
    trials = page.record.trials
    entries = [*status_key(page, trials), Entry("all that was offered", {"color": MUTED, "linewidth": 1})]
    marks = _marks(page)
    above = _ROW * len(marks) + 14
    top = head(entries, size) + 6 + above
    figure = new_figure(size, top + _PANEL + 48)
    axes = axes_at(figure, left=LEFT, right=12, top=top, bottom=top + _PANEL)
    _scale(axes, page)
    _band(axes, page)
    for row, (value, words, colour) in enumerate(marks):
        mark_rate(axes, value, words, row=row, colour=colour)
    draw_trials(axes, page, [(trial, trial.offered_per_s, trial.goodput_per_s) for trial in trials])
    title(
        figure, "Visits a second served well" if size.is_narrow else "Visits a second that were served well"
    )
    key(figure, entries)
    return svg_of(figure, title=TITLE, description=describe_goodput(page), salt=salt)


def describe_goodput(page: CapacityPage) -> str:
    """Return in a sentence, with numbers, what the figure shows."""
    trials = page.record.trials
    most = max(trials, key=lambda trial: trial.goodput_per_s)
    count = "One trial" if len(trials) == 1 else f"{len(trials)} trials"
    offered = [trial.offered_per_s for trial in trials]
    told = f"{count} from {rate(min(offered))} to {rate(max(offered))} visits a second"
    best = f"most were served well at {rate(most.offered_per_s)}: {rate(most.goodput_per_s)}"
    known = between(page.band, rate) if page.found else "not known"
    asked = f"; asked for: {rate(page.forecast.required_per_s)}" if page.forecast else ""
    return f"{told}; {best}. Capacity: {known}{asked}."


def _marks(page: CapacityPage) -> list[tuple[float, str, str]]:
    """Return the rates that have a name, rising: then no name stands across the line of another."""
    forecast, bound = page.forecast, page.band.low if page.band.low is not None else page.band.high
    marks = [] if bound is None else [(bound, f"capacity {between(page.band, rate)}", BLUE)]
    if forecast is not None:
        asked = f"asked for {rate(forecast.required_per_s)} = {forecast.required:g} {TIMES} forecast"
        marks.append((forecast.peak_per_s, f"forecast {rate(forecast.peak_per_s)}", INK))
        marks.append((forecast.required_per_s, asked, INK))
    return sorted(marks)


def _scale(axes: Axes, page: CapacityPage) -> None:
    offered = [trial.offered_per_s for trial in page.record.trials]
    served = [trial.goodput_per_s for trial in page.record.trials]
    marked = [value for value, _, _ in _marks(page)]
    bounds = [bound for bound in (page.band.low, page.band.high) if bound is not None]
    right = 1.06 * max(*offered, *marked, *bounds, 1e-9)
    axes.set_xlim(0, right)
    axes.set_ylim(0, min(right, 1.18 * max(*served, *marked, 1e-9)))
    axes.set_xlabel("visits a second offered")
    axes.spines["bottom"].set_color(MUTED)
    axes.plot([0, right], [0, right], color=MUTED, linewidth=1, zorder=1)


def _band(axes: Axes, page: CapacityPage) -> None:
    """Shade where capacity lies; a side of which no bound is known is shaded to the frame."""
    low, high = page.band.low, page.band.high
    if low is None and high is None:
        return
    left, right = low if low is not None else 0.0, high if high is not None else axes.get_xlim()[1]
    axes.axvspan(left, right, color=BLUE, alpha=0.16, linewidth=0, zorder=0)
    for bound in (low, high):
        if bound is not None:
            axes.axvline(bound, color=BLUE, linewidth=1.4, zorder=1)
