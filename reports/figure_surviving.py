"""What the shop carries whole and with each thing gone, as multiples of the forecast, and what is asked."""

from rehearsal.model.capacity import Band
from rehearsal.model.verdict import Status
from reports.bars import Bar, draw_bars, heights_of
from reports.canvas import BLUE, DOUBT, GO, INK, MUTED, NO_GO, Size, axes_at, new_figure, svg_of
from reports.capacity import CapacityPage, SceneRow
from reports.trial_marks import Entry, head, key, title
from reports.words import TIMES, between, rate

TITLE = "The surviving set"
WHOLE = "nothing gone"
_COLOURS = {Status.PASS: GO, Status.FAIL: NO_GO, Status.INCONCLUSIVE: DOUBT, Status.INVALID: DOUBT}


def draw_surviving(page: CapacityPage, size: Size, salt: str) -> str:
    """Return the figure as SVG: lower bounds in full colour, up to the upper bound faint."""
    unit = page.forecast.peak_per_s if page.forecast else 1.0
    bars = _bars(page, unit)
    entries = [
        Entry("carried at least", {"color": MUTED, "linewidth": 8}),
        Entry("at most", {"color": MUTED, "linewidth": 8, "alpha": 0.3}),
    ]
    if page.forecast:
        entries.append(Entry("asked for", {"color": INK, "linewidth": 2}))
    top, panel = head(entries, size) + 14, sum(heights_of(bars, size))
    figure = new_figure(size, top + panel + 48)
    axes = axes_at(figure, left=10, right=24, top=top, bottom=top + panel)
    ends = [end for bar in bars for end in (*(end for end, _, _ in bar.pieces), *bar.marks)]
    axes.set_xlim(0, 1.06 * max([*ends, 1e-9]))
    draw_bars(axes, bars, size)
    axes.set_xlabel(f"{TIMES} the forecast peak" if page.forecast else "visits a second")
    axes.spines["bottom"].set_color(MUTED)
    title(figure, "What is carried with something gone")
    key(figure, entries)
    return svg_of(figure, title=TITLE, description=describe_surviving(page), salt=salt)


def describe_surviving(page: CapacityPage) -> str:
    """Return in a sentence, with numbers, what the figure shows."""
    told = "; ".join(f"{bar.name}: {bar.words}" for bar in _bars(page, 1.0))
    return f"{told}."


def _bars(page: CapacityPage, unit: float) -> list[Bar]:
    whole = [] if page.found is None else [_whole(page, unit)]
    return [*whole, *(_scene(row, page, unit) for row in page.scenes)]


def _whole(page: CapacityPage, unit: float) -> Bar:
    required = page.forecast.required if page.forecast else None
    return Bar(
        WHOLE, _words(page, page.band, required), _pieces(page.band, BLUE, unit), _mark(page, required)
    )


def _scene(row: SceneRow, page: CapacityPage, unit: float) -> Bar:
    words = _words(page, row.capacity, row.required) if row.capacity != Band() else f"not known: {row.why}"
    return Bar(row.scene, words, _pieces(row.capacity, _COLOURS[row.status], unit), _mark(page, row.required))


def _pieces(band: Band, colour: str, unit: float) -> tuple[tuple[float, str, float], ...]:
    ends = ((band.high, 0.3), (band.low, 1.0))
    return tuple((end / unit, colour, opacity) for end, opacity in ends if end is not None)


def _mark(page: CapacityPage, required: float | None) -> tuple[float, ...]:
    return () if page.forecast is None or required is None else (required,)


def _words(page: CapacityPage, band: Band, required: float | None) -> str:
    carried = f"{between(band, rate)} visits a second"
    if page.forecast is None or required is None:
        return carried
    asked = f"{required:g}\N{NO-BREAK SPACE}{TIMES} asked for"
    if band.low is None:
        return f"{carried}; {asked}"
    factor = f"{band.low / page.forecast.peak_per_s:.2f}\N{NO-BREAK SPACE}{TIMES}"
    return f"{carried}, so at least {factor} the forecast; {asked}"
