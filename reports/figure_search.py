"""The search as it went: the rate of each trial in order, and the bracket that closes around the capacity."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, MaxNLocator, NullFormatter

from rehearsal.model.capacity import Purpose, Trial
from reports.canvas import (
    BLUE,
    INK,
    LEADING,
    LEFT,
    MUTED,
    RULE,
    SMALL,
    WIDTH_OF_CHARACTER,
    Size,
    axes_at,
    lines_at,
    new_figure,
    svg_of,
    written_upright,
)
from reports.capacity import CapacityPage
from reports.trial_marks import Entry, draw_trials, head, key, status_key, title
from reports.words import PURPOSES, rate

TITLE = "The search, trial by trial"
_PANEL, _EDGE = 300.0, 12.0
#: Rates further apart than this are drawn on a logarithmic axis: the search doubles and halves.
_LOG_FROM = 5.0
_LONGEST_NAME = 26


@dataclass(frozen=True, slots=True)
class Stage:
    """Trials in a row that were made for one purpose, or with one thing gone; `first` counts from 0."""

    name: str
    first: int
    trials: tuple[Trial, ...]

    @property
    def middle(self) -> float:
        """Return where its name stands, in trials."""
        return self.first + (len(self.trials) - 1) / 2


def stages_of(trials: Sequence[Trial]) -> tuple[Stage, ...]:
    """Return the stages of a search, in order."""
    stages: list[Stage] = []
    for name, run in groupby(trials, key=lambda trial: trial.wanted.scene or PURPOSES[trial.wanted.purpose]):
        stages.append(Stage(name, sum(len(stage.trials) for stage in stages), tuple(run)))
    return tuple(stages)


def brackets_of(page: CapacityPage) -> tuple[tuple[float | None, float | None], ...]:
    """Return, after each trial, the lowest rate that broke in its scene, after the highest below that held.

    Only trials that double or halve move them, and none that cannot be believed or says nothing of the set.
    """
    held: dict[str, list[float]] = {}
    broke: dict[str, list[float]] = {}
    after = []
    for trial in page.record.trials:
        scene = trial.wanted.scene
        tells = not trial.invalid and trial.of(page.judged)
        if trial.wanted.purpose in {Purpose.DOUBLE, Purpose.BISECT} and tells:
            known = held if trial.holds(page.judged) else broke
            known.setdefault(scene, []).append(trial.wanted.rate_per_s)
        high = min(broke.get(scene, ()), default=None)
        below = (at for at in held.get(scene, ()) if high is None or at < high)
        after.append((max(below, default=None), high))
    return tuple(after)


def draw_search(page: CapacityPage, size: Size, salt: str) -> str:
    """Return the figure as SVG."""
    trials = page.record.trials
    stages = stages_of(trials)
    entries = _key(page)
    room = size.width - LEFT - 12
    names = _names_height(stages, room / len(trials))
    top = head(entries, size) + 14 + names
    figure = new_figure(size, top + _PANEL + 48)
    axes = axes_at(figure, left=LEFT, right=12, top=top, bottom=top + _PANEL)
    _scale(axes, page)
    _bracket(axes, page)
    _levels(axes, page)
    axes.plot(range(len(trials)), [t.wanted.rate_per_s for t in trials], color=RULE, linewidth=1, zorder=2)
    draw_trials(axes, page, [(trial, place, trial.wanted.rate_per_s) for place, trial in enumerate(trials)])
    _name(axes, stages, upright=names > LEADING, room=room / len(trials))
    title(figure, "Rate asked for, trial by trial")
    key(figure, entries)
    return svg_of(figure, title=TITLE, description=describe_search(page), salt=salt)


def describe_search(page: CapacityPage) -> str:
    """Return in a sentence, with numbers, what the figure shows."""
    parts = [f"{stage.name} {_to(stage.trials)}" for stage in stages_of(page.plain)]
    others = len(page.record.trials) - len(page.plain)
    more = "One more trial was" if others == 1 else f"{others} more trials were"
    rest = f" {more} made with something gone or changed." if others else ""
    if not parts:
        return f"No trial was made of the shop as it is.{rest}"
    return f"The search went by {', '.join(parts)} visits a second.{rest}"


def _to(trials: Sequence[Trial]) -> str:
    first, last = trials[0].wanted.rate_per_s, trials[-1].wanted.rate_per_s
    return f"at {rate(first)}" if len(trials) == 1 else f"from {rate(first)} to {rate(last)}"


def _key(page: CapacityPage) -> list[Entry]:
    entries = status_key(page, page.record.trials)
    if any(low is not None and high is not None for low, high in brackets_of(page)):
        entries.append(
            Entry("shaded: between held and broken", {"color": BLUE, "linewidth": 8, "alpha": 0.16})
        )
    if page.forecast is not None:
        words = f"asked for: {rate(page.forecast.required_per_s)}"
        entries.append(Entry(words, {"color": INK, "linewidth": 1.2, "linestyle": (0, (3, 2))}))
    if page.band.low is not None:
        entries.append(Entry(f"lower bound: {rate(page.band.low)}", {"color": BLUE, "linewidth": 1.6}))
    return entries


def _scale(axes: Axes, page: CapacityPage) -> None:
    rates = [trial.wanted.rate_per_s for trial in page.record.trials]
    rates += [page.forecast.required_per_s] if page.forecast else []
    axes.set_xlim(-0.5, len(page.record.trials) - 0.5)
    if max(rates) > _LOG_FROM * min(rates) > 0:
        axes.set_yscale("log")
        axes.set_ylim(min(rates) / 1.2, max(rates) * 1.2)
        axes.yaxis.set_minor_formatter(NullFormatter())
        axes.set_yticks(_ticks(min(rates), max(rates)))
    else:
        axes.set_ylim(0, 1.15 * max(rates))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axes.xaxis.set_major_locator(MaxNLocator(12, integer=True))
    numbers = [trial.number for trial in page.record.trials]
    axes.xaxis.set_major_formatter(
        FuncFormatter(lambda place, _: str(numbers[int(place)]) if 0 <= place < len(numbers) else "")
    )
    axes.set_xlabel("trial")
    axes.spines["bottom"].set_color(MUTED)


def _ticks(low: float, high: float) -> list[float]:
    """Return 1, 2 and 5 times powers of ten between two rates."""
    steps = [base * 10.0**power for power in range(-6, 10) for base in (1, 2, 5)]
    return [step for step in steps if low / 1.2 <= step <= high * 1.2]


def _bracket(axes: Axes, page: CapacityPage) -> None:
    """Shade, from each trial to the next of its scene, what is left between held and broken."""
    trials = page.record.trials
    for place, (low, high) in enumerate(brackets_of(page)):
        same = place + 1 < len(trials) and trials[place + 1].wanted.scene == trials[place].wanted.scene
        if same and low is not None and high is not None:
            axes.fill_between([place, place + 1], low, high, color=BLUE, alpha=0.16, linewidth=0, zorder=0)


def _levels(axes: Axes, page: CapacityPage) -> None:
    if page.forecast is not None:
        axes.axhline(page.forecast.required_per_s, color=INK, linewidth=1.2, linestyle=(0, (3, 2)), zorder=1)
    if page.band.low is not None:
        axes.axhline(page.band.low, color=BLUE, linewidth=1.6, zorder=1)


def _names_height(stages: Sequence[Stage], a_trial: float) -> float:
    """Return the height of the stages' names: one line if all fit over their trials, else upright."""
    letters = WIDTH_OF_CHARACTER * SMALL
    if all(len(stage.name) * letters + 4 <= len(stage.trials) * a_trial for stage in stages):
        return LEADING
    return 8 + letters * max(len(_short(stage.name)) for stage in stages)


def _name(axes: Axes, stages: Sequence[Stage], *, upright: bool, room: float) -> None:
    free = -_EDGE
    for stage in stages:
        if stage.first:
            axes.axvline(stage.first - 0.5, color=RULE, linewidth=0.8, zorder=0)
        at = (stage.middle, 1.0)
        if not upright:
            lines_at(axes, [stage.name], at, first=6, color=MUTED)
        elif stage.middle * room - free >= _EDGE:  # names of stages of one trial may have no room
            free = stage.middle * room
            written_upright(axes, _short(stage.name), at)


def _short(name: str) -> str:
    return name if len(name) <= _LONGEST_NAME else f"{name[: _LONGEST_NAME - 1]}…"
