"""A search for capacity as a person reads it on a terminal: each trial as it ends, and what it came to."""

from collections.abc import Iterator

from rich.text import Text

from rehearsal.cli.output import folded
from rehearsal.model.capacity import Trial
from rehearsal.model.percent import percent as in_percent
from rehearsal.model.verdict import Status
from reports.capacity import CapacityPage, ForecastShown, SceneRow, tightest_of
from reports.words import PURPOSES, TIMES, between, chance, duration, percent, rate

_STYLES = {
    Status.PASS: "green",
    Status.FAIL: "bold red",
    Status.INCONCLUSIVE: "yellow",
    Status.INVALID: "bold yellow",
}
_LABEL = 16
#: With fewer columns a label has a line of its own, and a trial's line only what decides.
_WIDE = 72


def trial_head(width: int | None = None) -> Text:
    """Return the heading over `trial_line`s of the same width (None: as wide as it takes)."""
    short = f"{'trial':>5}  {'purpose':<10}  {'visits/s':>8}  "
    wide = f"{'requests':>8}  {'kept':>8}  {'p99':>8}  " if _is_wide(width) else ""
    return Text(f"{short}{wide}{'outcome':<12}", style="dim")


def trial_line(trial: Trial, slo_set: str = "", *, width: int | None = None) -> Text:
    """Return a trial in one line, cut at `width` columns; `slo_set` is the one that it is judged by.

    "": the one that it was made for, which is named unless it is the first. Columns stand under those of
    `trial_head`.
    """
    first = next((met.slo_set for met in trial.met), "")
    judged = slo_set or trial.wanted.slo_set or first
    status, met = trial.status(judged), tightest_of(trial, judged)
    line = Text(no_wrap=True)
    line.append(f"{trial.number:>5}  ", style="dim")
    line.append(f"{PURPOSES[trial.wanted.purpose]:<10}  {rate(trial.offered_per_s):>8}  ")
    if _is_wide(width):
        kept = percent(met.share.value) if met else percent(None)
        line.append(f"{trial.requests:>8,}  {kept:>8}  {duration(trial.p99_ms.value):>8}  ")
    line.append(f"{status.value:<12}", style=_STYLES[status])
    broke = "" if trial.holds(judged) else trial.broke
    notes = [
        f"by “{judged}”" if judged != first else "",
        trial.wanted.scene,
        trial.invalid or broke or (met.doubt if met else ""),
        f"{trial.excused}, which is taken off" if trial.excused else "",
    ]
    if said := "; ".join(filter(None, notes)):
        line.append(f"  {said}", style="dim")
    line.rstrip()
    if width is not None:
        line.truncate(width, overflow="ellipsis")
    return line


def capacity_text(page: CapacityPage, width: int | None) -> Text:
    """Return what a search came to: bounds, headroom, what broke first, what survives, and how sure that is.

    Lines are broken between words at `width` columns (None: not at all, for pipes and logs).
    """
    text = Text()
    for label, words, status in _rows(page):
        head = f"{label:<{_LABEL}}"
        if not _is_wide(width):
            text.append(f"{label}\n" if label else "", style="dim")
            head = "  "
        block = Text(folded(head, words, width))
        if head.strip():
            block.stylize("dim", 0, _LABEL)
        if status is not None and (at := block.plain.find(status.value)) >= 0:
            block.stylize(_STYLES[status], at, at + len(status.value))
        text.append_text(block).append("\n")
    text.rstrip()
    return text


def _is_wide(width: int | None) -> bool:
    return width is None or width >= _WIDE


def _rows(page: CapacityPage) -> Iterator[tuple[str, str, Status | None]]:
    """Yield label, words and the status that they name, if any."""
    yield "capacity", _carried(page), None
    if page.found and page.found.broke:
        yield "first to break", page.found.broke, None
    yield from _headroom(page)
    if page.proof:
        yield "proof", f"{page.held.value} at {rate(page.proof.offered_per_s)} visits/s", page.held
    yield from _surviving(page)
    yield from _dimensions(page)
    yield from _overload(page)
    for number, need in enumerate(page.needed):
        yield "" if number else "instances", f"for {need.aim}: {need.why or f'{need.more} more'}", None
    if page.bottleneck:
        yield "bottleneck", page.bottleneck, None
    told = (*(row.words for row in page.resources if row.words), page.record.unread)
    for number, words in enumerate(filter(None, told)):
        yield "" if number else "resources", words, None
    if page.record.stopped:
        yield "stopped", page.record.stopped, None


def _carried(page: CapacityPage) -> str:
    found = page.found
    if found is None:
        return "not known: the search found no rate for the shop as it is"
    if found.capacity.low is None and found.capacity.high is None:
        return f"not known{f': {found.why}' if found.why else ''}"
    shoppers = "" if found.shoppers is None else f", {found.shoppers:,.0f} shoppers at once"
    missing = f"; {found.why}" if found.why else ""
    return f"{between(found.capacity, rate)} visits/s (95 %){shoppers}, by “{found.slo_set}”{missing}"


def _headroom(page: CapacityPage) -> Iterator[tuple[str, str, Status | None]]:
    if page.figures is None or page.forecast is None:
        return
    figures, forecast = page.figures, page.forecast
    asked = f"; {forecast.required:g} {TIMES} is asked for"
    yield (
        "factor",
        f"{figures.factor:.2f} {TIMES} the forecast peak of {rate(forecast.peak_per_s)}{asked}",
        None,
    )
    yield "spare", f"{in_percent(figures.spare)} of the capacity is unused at that peak", None
    yield "slack", f"{in_percent(figures.slack)} more than forecast may come until the shop is full", None


def _surviving(page: CapacityPage) -> Iterator[tuple[str, str, Status | None]]:
    for number, row in enumerate(page.scenes):
        words = f"{row.status.value}  {row.scene}: {_left(row, page.forecast)}"
        yield "" if number else "surviving", words, row.status


def _left(row: SceneRow, forecast: ForecastShown | None) -> str:
    if row.capacity.low is None and row.capacity.high is None:
        return f"not known{f': {row.why}' if row.why else ''}"
    carried = f"{between(row.capacity, rate)} visits/s"
    if forecast is None or row.capacity.low is None:
        return carried
    factor = row.capacity.low / forecast.peak_per_s
    return f"{carried}, {factor:.2f} {TIMES} the forecast; {row.required:g} {TIMES} is asked for"


def _dimensions(page: CapacityPage) -> Iterator[tuple[str, str, Status | None]]:
    """Yield a line a dimension: what is carried at each of its values."""
    names = dict.fromkeys(cell.dimension for cell in page.record.dimensions)
    for number, name in enumerate(names):
        cells = (
            f"{cell.value:g}: {between(cell.found.capacity, rate)}"
            for cell in page.record.dimensions
            if cell.dimension == name
        )
        yield "" if number else "depends on", f"{name.replace('_', ' ')} {', '.join(cells)} visits/s", None


def _overload(page: CapacityPage) -> Iterator[tuple[str, str, Status | None]]:
    forecast = page.forecast
    if page.overlap is not None:
        most, least = ("at most ", "at least ") if page.overlap.is_bound else ("", "")
        yield "overload", f"a chance of {most}{chance(page.overlap.chance)} that the peak is above it", None
        asked = f"{forecast.required:g} {TIMES} the real peak or more" if forecast else "as much as asked for"
        yield "headroom", f"a chance of {least}{chance(page.overlap.holds)} that it is {asked}", None
    if forecast is not None and forecast.above_required is not None:
        often = f"with a chance of {chance(forecast.above_required)} (n = {forecast.n})"
        yield "real peak", f"above {forecast.required:g} {TIMES} the forecast {often}", None
