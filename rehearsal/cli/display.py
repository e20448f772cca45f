"""What a person sees while a drill runs."""

import sys
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from itertools import pairwise
from typing import TextIO

from rich.columns import Columns
from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.live import Live
from rich.measure import Measurement
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from rehearsal.cli.capacity_text import trial_head, trial_line
from rehearsal.model.capacity import Trial
from rehearsal.model.clock import nanoseconds, seconds
from rehearsal.model.history import Row
from rehearsal.model.percent import percent
from rehearsal.model.plan import PhaseKind, Plan
from rehearsal.model.timeline import timeline_of
from rehearsal.pipeline.watcher import Watcher
from scenarios.load_order import Progress

_SPARKS = "▁▂▃▄▅▆▇█"
_SPARK_WIDTH = 48
_FAULT_LINES = 6
_TRIAL_LINES = 12


class Plain:
    """A line for each stage, phase, fault step and trial, and for each worker lost: for logs and pipes."""

    def __init__(self, plan: Plan, sink: TextIO) -> None:
        """Take the plan and where lines go."""
        self._timeline = timeline_of(plan)
        self._sink = sink
        self._phase = ""
        self._alive = 1

    def stage(self, sentence: str) -> None:
        """Print the sentence."""
        print(sentence, file=self._sink, flush=True)

    def progress(self, progress: Progress) -> None:
        """Print a line when a phase begins, with the rate of the second before."""
        phase = self._timeline.phase_at(nanoseconds(progress.at_s)).name
        if progress.state == "running" and phase != self._phase:
            self._phase = phase
            self.stage(
                f"{progress.at_s:6.1f} s  {phase} begins; {progress.requests_per_s:.0f} requests/s before"
            )
        if progress.state == "running" and progress.alive != self._alive:
            self._alive = progress.alive
            self.stage(f"{progress.at_s:6.1f} s  workers: {progress.alive} of {progress.workers}")

    def fault(self, row: Row) -> None:
        """Print the step."""
        self.stage(f"{seconds(row.done_ns):6.1f} s  {_words(row.f)}: {row.note}")

    def trial(self, trial: Trial) -> None:
        """Print what it came to."""
        if trial.number == 1:
            self.stage(f"{'':8}  {trial_head().plain}")
        self.stage(f"{trial.end_s:6.1f} s  {trial_line(trial).plain}")


class Display:
    """A live picture: where in the plan the run is, what the load does, what the nemesis did, each trial."""

    def __init__(self, plan: Plan, live: Live) -> None:
        """Take the plan and the live area to draw in."""
        self._plan = plan
        self._timeline = timeline_of(plan)
        self._live = live
        self._stage = ""
        self._latest = Progress(state="starting")
        self._rates: deque[float] = deque(maxlen=_SPARK_WIDTH * 4)
        self._faults: deque[Row] = deque(maxlen=_FAULT_LINES)
        self._trials: deque[Trial] = deque(maxlen=_TRIAL_LINES)

    def stage(self, sentence: str) -> None:
        """Show the sentence."""
        self._stage = sentence
        self._live.update(self.picture())

    def progress(self, progress: Progress) -> None:
        """Show the load."""
        if progress != self._latest:
            self._latest = progress
            self._rates.append(progress.requests_per_s)
            self._live.update(self.picture())

    def fault(self, row: Row) -> None:
        """Show the step."""
        self._faults.append(row)
        self._live.update(self.picture())

    def trial(self, trial: Trial) -> None:
        """Show what it came to."""
        self._trials.append(trial)
        self._live.update(self.picture())

    def picture(self) -> Group:
        """Return the whole picture."""
        parts: list[RenderableType] = [Text(self._stage, style="bold")]
        if self._latest.state in {"running", "finished"}:
            parts += [self._where(), self._load()]
        parts += [_fault_line(row) for row in self._faults]
        width = self._live.console.width
        parts += [trial_head(width)] if self._trials else []
        parts += [trial_line(each, width=width) for each in self._trials]
        return Group(*parts)

    def _where(self) -> Table:
        at_s, total_s = min(self._latest.at_s, self._plan.duration_s), self._plan.duration_s
        phase = self._timeline.phase_at(nanoseconds(self._latest.at_s))
        style = "bold red" if phase.kind == PhaseKind.FAULT else "bold"
        grid = Table.grid(padding=(0, 2))
        if phase.kind is PhaseKind.CAPACITY:
            # Nobody knows how long a search takes.
            grid.add_row(Text(f"{self._latest.at_s:.0f} s", style="dim"), Text(phase.name, style=style), "")
        else:
            grid.add_row(
                Text(f"{at_s:.0f} of {total_s:.0f} s", style="dim"),
                ProgressBar(total=total_s, completed=at_s, width=_SPARK_WIDTH),
                Text(phase.name, style=style),
            )
        grid.add_row(Text("requests/s", style="dim"), Spark(self._rates), "")
        return grid

    def _load(self) -> Columns:
        latest = self._latest
        figures = {
            "in flight": f"{latest.in_flight}",
            "requests/s": f"{latest.requests_per_s:.0f}",
            "good": percent(latest.good_share),
            "p95": f"{latest.p95_ms:.0f} ms",
            "send lag": f"{latest.lag_ms:.0f} ms",
            "visits": f"{latest.started}",
            "dropped": f"{latest.dropped}",
        }
        if self._plan.traffic.is_closed:
            # A stranger's users come at no rate: they are neither late nor dropped, they are there.
            figures = {"users": figures["in flight"]} | {
                name: figures[name] for name in ("requests/s", "good", "p95")
            }
        if latest.workers > 1:
            figures["workers"] = f"{latest.alive} of {latest.workers}"
        # On a narrow terminal the figures take more lines; a heading is never cut.
        return Columns(
            [
                Text(f"{name}\n", style="dim").append(value, style="not dim")
                for name, value in figures.items()
            ],
            padding=(0, 3, 0, 0),
        )


class Spark:
    """A curve of block characters, as wide as there is room for."""

    def __init__(self, values: Sequence[float]) -> None:
        """Take the values, the newest last."""
        self._values = list(values)

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        yield Text(sparkline(self._values, min(_SPARK_WIDTH, options.max_width)))

    def __rich_measure__(self, console: Console, options: ConsoleOptions) -> Measurement:
        return Measurement(1, min(_SPARK_WIDTH, len(self._values), options.max_width))


@contextmanager
def watching(plan: Plan, console: Console) -> Iterator[Watcher]:
    """Give a live display on a terminal, plain lines elsewhere; the terminal is left as it was found."""
    if not console.is_terminal:
        yield Plain(plan, sys.stderr)
        return
    live = Live(console=console, refresh_per_second=4, transient=True)
    live.start()
    try:
        yield Display(plan, live)
    finally:
        with suppress(OSError):  # a closed terminal must not hide how the drill ended
            live.stop()


def sparkline(values: list[float], width: int) -> str:
    """Return a curve in block characters: values averaged into `width` cells, the highest a full block."""
    if not values or max(values) <= 0:
        return ""
    cells = min(width, len(values))
    edges = [round(index * len(values) / cells) for index in range(cells + 1)]
    means = [sum(values[a:b]) / (b - a) for a, b in pairwise(edges)]
    top = max(means)
    return "".join(_SPARKS[round(mean / top * (len(_SPARKS) - 1))] for mean in means)


def _fault_line(row: Row) -> Text:
    style = {"ok": "green", "fail": "red"}.get(row.outcome, "yellow")
    line = Text(f"{seconds(row.done_ns):6.1f} s  ", style="dim", overflow="ellipsis", no_wrap=True)
    return line.append(f"{_words(row.f)}  ", style="not dim bold").append(row.note, style=f"not dim {style}")


def _words(name: str) -> str:
    return name.replace("_", " ")
