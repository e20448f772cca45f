"""How much of each resource's ceiling is used at the forecast peak and at the rate asked for."""

from matplotlib.ticker import PercentFormatter

from reports.bars import Bar, draw_bars, heights_of
from reports.canvas import BLUE, INK, MUTED, NO_GO, Size, axes_at, new_figure, svg_of
from reports.capacity import CapacityPage, ResourceRow
from reports.trial_marks import Entry, head, key, title
from reports.words import TIMES, quantity

TITLE = "Resources"
#: Bars end here: how far past its ceiling a resource would be is told in words.
_FURTHEST = 2.0
#: A use below so many per cent of its ceiling is not called none.
_ROUNDS_TO_0 = 0.5


def draw_resources(page: CapacityPage, size: Size, salt: str) -> str:
    """Return the figure as SVG."""
    bars = [_bar(row, row.limit, page) for row in page.resources if row.limit is not None]
    entries = [
        Entry("at the forecast peak", {"color": BLUE, "linewidth": 8}),
        Entry(f"at {_times(page)}", {"color": BLUE, "linewidth": 8, "alpha": 0.35}),
        Entry("ceiling", {"color": INK, "linewidth": 2}),
    ]
    top, panel = head(entries, size) + 14, sum(heights_of(bars, size))
    figure = new_figure(size, top + panel + 48)
    axes = axes_at(figure, left=10, right=24, top=top, bottom=top + panel)
    axes.set_xlim(0, 1.06 * min(_FURTHEST, max([1.0, *(bar.pieces[0][0] for bar in bars)])))
    draw_bars(axes, bars, size)
    axes.xaxis.set_major_formatter(PercentFormatter(1.0, symbol=" %"))
    axes.set_xlabel("of its ceiling")
    axes.spines["bottom"].set_color(MUTED)
    title(figure, "How much of each resource is used")
    key(figure, entries)
    return svg_of(figure, title=TITLE, description=describe_resources(page), salt=salt)


def describe_resources(page: CapacityPage) -> str:
    """Return in a sentence, with numbers, what the figure shows."""
    told = "; ".join(f"{row.name}: {_words(row, page)}" for row in page.resources)
    return f"{told}.{f' {page.bottleneck} runs out first.' if page.bottleneck else ''}"


def _bar(row: ResourceRow, limit: float, page: CapacityPage) -> Bar:
    """Return a row, red where it would go past its ceiling."""
    first = " (runs out first)" if row.name == page.bottleneck else ""
    both = (row.at_required, row.at_forecast)
    colours = [NO_GO if value > limit else BLUE for value in both]
    ends = [min(_FURTHEST, value / limit) for value in both]
    return Bar(
        f"{row.name}{first}", _words(row, page), tuple(zip(ends, colours, (0.35, 1.0), strict=True)), (1.0,)
    )


def _words(row: ResourceRow, page: CapacityPage) -> str:
    of = "" if row.limit is None else f" of {quantity(row.limit)}"
    unit = f" {row.unit}" if row.unit else ""
    used = f"{quantity(row.at_forecast)}{of}{unit} at the forecast peak{_percent(row, row.at_forecast)}"
    return f"{used}, {quantity(row.at_required)} at {_times(page)}{_percent(row, row.at_required)}"


def _times(page: CapacityPage) -> str:
    if page.forecast is None:
        return "the rate asked for"
    return f"{page.forecast.required:g}\N{NO-BREAK SPACE}{TIMES}"


def _percent(row: ResourceRow, value: float) -> str:
    if row.limit is None:
        return ""
    share = 100 * value / row.limit
    told = "under 1" if 0 < share < _ROUNDS_TO_0 else f"{share:.0f}"
    return f" ({told}\N{NO-BREAK SPACE}%)"
