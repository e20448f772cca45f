"""`rehearse selftest kill`: kill a conductor in every step of its drill, and see nothing left of it."""

import shutil
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from rehearsal.cli.epilog import examples
from rehearsal.cli.output import say
from rehearsal.model.errors import EXIT_FAILED, EXIT_OK, RehearsalError
from rehearsal.pipeline.halt import Halt
from rehearsal.pipeline.selftest.kill import Killed, killed
from rehearsal.pipeline.selftest.kill_cases import KILLS, LIMIT_S, QUICK, Kill

_HEAD = ("killed while", "died in", "healed", "complete", "left", "verdict")


class Summary(msgspec.Struct, frozen=True, kw_only=True):
    """What `--json` prints; times in seconds."""

    killed: int
    healed: int
    limit_s: float
    slowest_s: float
    cases: tuple[Killed, ...]


def register(selftest: typer.Typer) -> None:
    """Add the sub-verb."""
    selftest.command(
        "kill",
        help="Kill the conductor in every step of a drill; see all healed within 10 s and the run INVALID.",
        epilog=examples("rehearse selftest kill", "rehearse selftest kill --quick --json"),
    )(kill)


def kill(
    out: Annotated[Path, typer.Option(help="Where the runs' folders go.")] = Path("runs/selftest-kill"),
    quick: Annotated[bool, typer.Option("--quick", help="Two steps, in half a minute.")] = False,  # noqa: FBT002 - a flag
    json: Annotated[bool, typer.Option("--json", help="Print the figures as JSON and nothing else.")] = False,  # noqa: FBT002 - a flag
) -> int:
    """Kill one conductor after the other and return 0 if each was healed in time and left nothing."""
    wanted = [each for each in KILLS if not quick or each.name in QUICK]
    halt, done = Halt(), list[Killed]()
    with halt.on_signals():
        for number, each in enumerate(wanted):
            halt.check()
            room = out.absolute() / f"{number:02}"
            done.append(_killed(each, room))
            if not json:
                say(_line(done[-1]) if number else f"{_columns(_HEAD)}\n{_line(done[-1])}")
            if done[-1].holds:
                shutil.rmtree(room, ignore_errors=True)
    summary = summary_of(done)
    say(msgspec.json.encode(summary).decode() if json else _words(summary))
    return EXIT_OK if summary.healed == summary.killed else EXIT_FAILED


def summary_of(done: list[Killed]) -> Summary:
    """Return the figures of all cases."""
    return Summary(
        killed=len(done),
        healed=sum(each.holds for each in done),
        limit_s=LIMIT_S,
        slowest_s=max((each.healed_s for each in done), default=0.0),
        cases=tuple(done),
    )


def _killed(each: Kill, room: Path) -> Killed:
    try:
        return killed(each, room)
    except RehearsalError as error:
        return Killed(name=each.name, died_in="", healed_s=0.0, complete_s=0.0, wrong=str(error))


def _words(summary: Summary) -> str:
    return (
        f"{summary.healed} of {summary.killed} killed conductors left nothing, were healed within "
        f"{summary.limit_s:g} s and their runs INVALID; the slowest took {summary.slowest_s:.1f} s."
    )


def _line(each: Killed) -> str:
    left = ", ".join(each.left) or each.wrong or "nothing"
    times = (f"{each.healed_s:.2f} s", f"{each.complete_s:.2f} s")
    verdict = f"{each.verdict}, signed before" if each.signed else each.verdict
    return _columns((each.name, each.died_in, *times, left, verdict))


def _columns(words: tuple[str, ...]) -> str:
    widths = (26, 12, 9, 9, 9, 0)
    return "  ".join(f"{word:<{width}}" for word, width in zip(words, widths, strict=True)).rstrip()
