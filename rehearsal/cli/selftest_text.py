"""What a person sees of a selftest: how far it is, the matrix at its end, and what it comes to."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from itertools import groupby

from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from rehearsal.pipeline.selftest.case import Case, CaseKind, Result, Standing
from rehearsal.pipeline.selftest.ledger import Ledger
from rehearsal.pipeline.selftest.summary import Summary
from rehearsal.pipeline.selftest.worth import answers

_STYLES = {
    Standing.CAUGHT: "green",
    Standing.CLEAN: "green",
    Standing.MISSED: "bold red",
    Standing.ALARM: "bold red",
}
_UNDECIDED = "yellow"
#: So many columns hold a bug, its fault and its checks side by side; on fewer they stand below each other.
_WIDE = 130


class Board:
    """The picture while cases run: a bar, and what runs. On no terminal each case is a line at its end."""

    def __init__(self, total: int, done: int, console: Console, live: Live | None) -> None:
        """Take how many cases there are and are done, where lines go, and the live area if there is one."""
        self._total, self._done = total, done
        self._console = console
        self._live = live
        self._running: dict[str, int] = {}
        self._draw()

    def began(self, case: Case, attempt: int) -> None:
        """Show a drill."""
        self._running[case.name] = attempt
        self._draw()

    def over(self, result: Result, *, again: bool) -> None:
        """Show how one ended."""
        self._running.pop(result.name, None)
        self._done += not again
        line = case_line(result)
        self._console.print(line.append("; once more", style=_UNDECIDED) if again else line, soft_wrap=True)
        self._draw()

    def picture(self) -> RenderableType:
        """Return the bar and the names of what runs."""
        grid = Table.grid(padding=(0, 2))
        bar = ProgressBar(total=max(1, self._total), completed=self._done, width=40)
        grid.add_row(Text(f"{self._done} of {self._total}", style="dim"), bar)
        names = (f"{name} (attempt {n})" if n > 1 else name for name, n in self._running.items())
        return Group(grid, Text(", ".join(names), style="dim"))

    def _draw(self) -> None:
        if self._live is not None:
            self._live.update(self.picture())


@contextmanager
def showing(cases: Sequence[Case], ledger: Ledger, console: Console) -> Iterator[Board]:
    """Give a board; on a terminal the picture stays below the lines and is gone at the end."""
    able = [case for case in cases if case.text]
    done = sum(ledger.decided(case) is not None for case in able)
    if not console.is_terminal or console.quiet:
        yield Board(len(able), done, console, None)
        return
    live = Live(console=console, refresh_per_second=4, transient=True)
    live.start()
    try:
        yield Board(len(able), done, console, live)
    finally:
        with suppress(OSError):  # a closed terminal must not hide how it ended
            live.stop()


def case_line(result: Result) -> Text:
    """Return a result as a line."""
    line = Text(f"{result.seconds:6.1f} s  ", style="dim")
    line.append(f"{result.standing.value:<9}", style=style_of(result.standing))
    line.append(f" {result.name}", style="not dim bold")
    return line.append(f"  {_why(result)}", style="not dim")


def matrix(summary: Summary) -> RenderableType:
    """Return the matrix: each bug with what caught it, and the correct shop's runs, a row a fault."""
    parts: list[RenderableType] = []
    bugs = [one for one in summary.cases if one.kind is CaseKind.DEFECT]
    clean = [one for one in summary.cases if one.kind is CaseKind.CLEAN]
    if bugs:
        parts.append(_Bugs(bugs))
    if clean:
        table = _table("correct shop under", "runs")
        for fault, runs in groupby(clean, key=lambda one: one.fault):
            table.add_row(fault, Text(", ").join(_run_word(one) for one in runs))
        parts.append(table)
    return Group(*parts)


def summary_words(summary: Summary) -> Text:
    """Return what it comes to, and where the folders of bad cases are."""
    text = Text(
        f"{summary.caught} of {summary.planted} planted bugs caught; {summary.clean_runs} clean runs of the "
        f"correct shop, {summary.false_alarms} false alarms",
        style="bold green" if summary.holds else "bold red",
    )
    if summary.proven_nothing:
        text.append(f"; {len(summary.proven_nothing)} cases proved nothing", style="yellow")
    for one in summary.cases:
        if not one.standing.is_good:
            text.append("\n").append(f"{one.standing.value}  ", style=style_of(one.standing))
            text.append(f"{one.name}: {one.note}. {one.run}".rstrip(), style="not bold default")
    return text


def style_of(standing: Standing) -> str:
    """Return a standing's colour."""
    return _STYLES.get(standing, _UNDECIDED)


class _Bugs:
    """The planted bugs, a row each on a wide terminal, a paragraph each on a narrow one."""

    def __init__(self, bugs: Sequence[Result]) -> None:
        self._bugs = bugs

    def __rich_console__(self, _: Console, options: ConsoleOptions) -> RenderResult:
        yield self._rows() if options.max_width >= _WIDE else self._paragraphs()

    def _rows(self) -> Table:
        table = _table("planted bug", "under", "must fail", "", "failed")
        for one in self._bugs:
            table.add_row(one.name, one.fault, "\n".join(one.expected), _word(one), _found(one, "\n"))
        return table

    def _paragraphs(self) -> Table:
        table = _table("", "planted bug, under, failed")
        for one in self._bugs:
            words = Text.assemble(
                (one.name, "bold"), f" under {one.fault}: ", _found(one, ", ") if one.found else "nothing"
            )
            if one.standing is not Standing.CAUGHT:
                words.append(f"; must fail: {', '.join(one.expected)}", style="dim")
            table.add_row(_word(one), words)
        return table


def _table(*columns: str) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for column in columns:
        table.add_column(column, overflow="fold")
    return table


def _word(result: Result) -> Text:
    return Text(result.standing.value, style=style_of(result.standing))


def _run_word(result: Result) -> Text:
    return Text(f"seed {result.seed} {result.standing.value}", style=style_of(result.standing))


def _found(result: Result, between: str) -> Text:
    """Return the checks that failed, those that were expected first and bright."""
    names = sorted(result.found, key=lambda check: not answers(check, result.expected))
    styles = ("green" if answers(check, result.expected) else "dim" for check in names)
    return Text(between).join(Text(check, style=style) for check, style in zip(names, styles, strict=True))


def _why(result: Result) -> str:
    if result.note:
        return f"{result.note}. {result.run}".rstrip()
    caught = [check for check in result.found if answers(check, result.expected)]
    return ", ".join(caught) or result.verdict
