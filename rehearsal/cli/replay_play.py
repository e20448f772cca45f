"""The live part of `rehearse replay`: plays it at an address, shows how it goes and what was measured."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from rehearsal.cli.replay_words import fidelity_words
from rehearsal.model.errors import EXIT_FAILED, EXIT_INVALID, EXIT_OK, EXIT_STOPPED
from rehearsal.pipeline.halt import Halt
from rehearsal.pipeline.replay import Built
from rehearsal.pipeline.replay_play import Clocks, Played, Target, Watch, check_answers, cut, play
from scenarios.replay.play_order import PlayProgress

#: A line of progress each so many seconds where there is no terminal.
_EVERY_S = 5.0
#: Sends later than this at the 99th percentile say that the generator, not the shop, was the limit.
LAG_LIMIT_MS = 50.0
_MOST = 6


def play_and_show(
    out: Path, built: Built, target: Target, show: Callable[[RenderableType], None], resolution_ns: int
) -> int:
    """Play a replay, print what was measured, and return the exit code it stands for."""
    check_answers(target)
    part = cut(built.steps, built.table, target)
    show(
        Text(
            f"play      {part.steps.sessions:,} sessions, {len(part.steps.at_ns):,} requests due within "
            f"{target.limit_s:g} s, to {target.url}; {part.left_out:,} left out by method"
        )
    )
    halt = Halt()
    with halt.on_signals(), _showing(target.limit_s) as watch:
        played = play(out, part, target, halt=halt, watch=watch, resolution_ns=resolution_ns)
    show(played_words(played))
    return exit_code(played)


def exit_code(played: Played) -> int:
    """Return 5 if stopped, 4 if the generator was the limit, 1 if unfaithful or never answered, else 0."""
    if played.stopped:
        return EXIT_STOPPED
    if _generator_limited(played):
        return EXIT_INVALID
    is_faithful = played.fidelity is not None and played.fidelity.is_faithful
    return EXIT_OK if is_faithful and played.statuses else EXIT_FAILED


def played_words(played: Played) -> RenderableType:
    """Return what was measured: the ledger, answers, both clocks and send lag, and the fidelity."""
    dropped = _counts(played.dropped)
    parts: list[RenderableType] = [
        Text(f"sessions  planned {played.planned:,} = started {played.started:,} + dropped {dropped}"),
        Text(
            f"requests  planned {played.requests_planned:,} = sent {played.requests_sent:,} + unsent "
            f"{played.requests_unsent:,}, in {played.wall_s:.1f} s"
        ),
        Text(f"answers   {_counts(played.statuses)}; without an answer {_counts(played.errors)}"),
        _clocks(played),
    ]
    if played.fidelity is not None:
        parts.append(fidelity_words(played.fidelity, "What was sent against what was planned"))
    if played.stopped:
        parts.append(
            Text("stopped   before its end: what was measured until then stands above", style="yellow")
        )
    elif _generator_limited(played):
        parts.append(
            Text(
                "INVALID   the generator was the limit: sessions were dropped, or sends at the 99th "
                f"percentile were over {LAG_LIMIT_MS:g} ms late",
                style="bold yellow",
            )
        )
    return Group(*parts)


def _generator_limited(played: Played) -> bool:
    lag_ms = played.send_lag_ms.p99
    return bool(played.dropped) or (lag_ms is not None and lag_ms > LAG_LIMIT_MS)


def _clocks(played: Played) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column("milliseconds")
    for name in ("p50", "p95", "p99", "p99.9", "max"):
        table.add_column(name, justify="right")
    table.add_row("response time (from due)", *_numbers(played.response_ms))
    table.add_row("service time (from sent)", *_numbers(played.service_ms))
    table.add_row("send lag", *_numbers(played.send_lag_ms))
    return table


def _numbers(clocks: Clocks) -> Iterator[str]:
    for value in (clocks.p50, clocks.p95, clocks.p99, clocks.p999, clocks.max):
        yield "–" if value is None else f"{value:,.1f}"


def _counts(counts: dict[str, int]) -> str:
    most = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    if not counts:
        return "none"
    shown = ", ".join(f"{count:,} {name}" for name, count in most[:_MOST])
    return shown if len(most) <= _MOST else f"{shown} and {len(most) - _MOST} more kinds"


@contextmanager
def _showing(limit_s: float) -> Iterator[Watch]:
    console = Console(stderr=True)
    if console.is_terminal:
        with console.status("Starting the load …") as status:
            yield lambda progress: status.update(_line(progress, limit_s))
        return
    said = [-_EVERY_S]

    def tell(progress: PlayProgress) -> None:
        if progress.at_s - said[0] >= _EVERY_S:
            said[0] = progress.at_s
            console.print(_line(progress, limit_s), highlight=False, soft_wrap=True)

    yield tell


def _line(progress: PlayProgress, limit_s: float) -> str:
    return (
        f"{max(progress.at_s, 0):5.1f} of {limit_s:g} s  {progress.requests:,} requests, sessions: "
        f"{progress.in_flight:,} under way, {progress.started:,} started, {progress.dropped:,} dropped"
    )
