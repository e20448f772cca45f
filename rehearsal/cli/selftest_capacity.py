"""`rehearse selftest capacity`: whether the search and the proof are right on queues of known capacity."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import msgspec
import typer
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from capacity.proportions import wilson
from rehearsal.cli.epilog import examples
from rehearsal.cli.output import say
from rehearsal.cli.selftest_capacity_live import live as measured_live
from rehearsal.cli.selftest_capacity_live import live_headroom
from rehearsal.cli.selftest_verdicts import tell
from rehearsal.model.errors import EXIT_FAILED, EXIT_OK, RehearsalError
from rehearsal.model.percent import percent
from rehearsal.pipeline.selftest.capacity_simulated import (
    FACTORS,
    Law,
    Searched,
    try_headroom,
    try_search,
)

_RUNS, _REPEATS = 200, 20


def register(selftest: typer.Typer) -> None:
    """Add the sub-verb."""
    selftest.command(
        "capacity",
        help="Search for the capacity of queues whose capacity is known: simulated, or live.",
        epilog=examples(
            "rehearse selftest capacity",
            "rehearse selftest capacity --simulated --json",
            "rehearse selftest capacity --headroom",
            "rehearse selftest capacity --live",
            "rehearse selftest capacity --live --headroom --runs 3",
            also="Without --law the table is of all of them, and --json tells of mm8. Exit codes: 0 what is "
            "promised is kept, else 1. --live measures the mock shop by the real load on an otherwise idle "
            "machine: mm4 and mm8 without --law, four minutes each; with --headroom it only holds 1.3 times "
            "the forecast, about nine minutes for three shops.",
        ),
    )(capacity)


def capacity(  # noqa: PLR0913, PLR0917 - typer reads the options off the signature
    simulated: Annotated[bool, typer.Option("--simulated", help="The searches (as without it).")] = False,  # noqa: FBT002 - a flag
    headroom: Annotated[  # noqa: FBT002 - a flag
        bool,
        typer.Option("--headroom", help="Verdicts where capacity is 1.25, 1.30 and 1.45 times the forecast."),
    ] = False,
    live: Annotated[bool, typer.Option("--live", help="Measure the mock shop by the real load.")] = False,  # noqa: FBT002 - a flag
    law: Annotated[Law | None, typer.Option(help="The queue: mm8 is eight servers, and so on.")] = None,
    runs: Annotated[int, typer.Option(min=0, help="So many searches, or verdicts; 0: 200, or 20.")] = 0,
    seed: Annotated[int, typer.Option(min=0, help="Of the simulated arrivals and services.")] = 1,
    out: Annotated[Path, typer.Option(help="Where the folders of live runs go.")] = Path(
        "runs/selftest-capacity"
    ),
    json: Annotated[bool, typer.Option("--json", help="Print the figures as JSON and nothing else.")] = False,  # noqa: FBT002 - a flag
) -> int:
    """Return 0 if the search, or the decision, is as often right as promised, else 1.

    RehearsalError if both are asked for.
    """
    if headroom and simulated:
        raise RehearsalError("Of --simulated and --headroom choose one: searches, or verdicts.")
    if live and headroom:
        return live_headroom(runs or 1, law, seed, out=out, as_json=json)
    if live:
        return measured_live(law, seed, out=out, as_json=json)
    if headroom:
        return _headroom(runs or _REPEATS, seed, as_json=json)
    return _search(runs or _RUNS, seed, law, as_json=json)


def _search(runs: int, seed: int, law: Law | None, *, as_json: bool) -> int:
    laws = [law or Law.MM8] if law or as_json else list(Law)
    with _progress(runs * len(laws), silent=as_json) as step:
        tried = [try_search(each, runs, seed, step) for each in laws]
    if as_json:
        say(msgspec.json.encode(tried[0].told).decode())
    else:
        Console(highlight=False).print(table_of(tried))
    return EXIT_OK if all(each.holds for each in tried) else EXIT_FAILED


def _headroom(repeats: int, seed: int, *, as_json: bool) -> int:
    with _progress(repeats * len(FACTORS), silent=as_json) as step:
        decided = [try_headroom(factor, repeats, seed, step) for factor in FACTORS]
    return tell(decided, as_json=as_json)


def table_of(tried: list[Searched]) -> Table:
    """Return the searches as a table, a law a row; rates are shares of the true capacity.

    Below each share of the searches stands where the share of many more lies, with 95 % (Wilson): searches
    are independent of each other, as the requests of one are not.
    """
    table = Table(
        "law",
        "lower",
        "≤ true",
        "5 % over",
        "mid",
        "upper",
        "≥ true",
        "requests",
        "kept",
        title="Capacity found, over the true one: medians, and how often the bounds hold",
        caption="Below each share its 95 % interval, in per cent.",
    )
    for each in tried:
        table.add_row(
            each.law,
            f"{each.median_ratio:.3f}",
            _share(each.below_truth, each.runs),
            _share(each.over_5_percent, each.runs),
            f"{each.value_ratio:.3f}",
            f"{each.high_ratio:.3f}",
            _share(each.high_covers, each.runs),
            f"{each.requests_median:,}",
            "yes" if each.holds else "NO",
        )
    return table


def _share(share: float, runs: int) -> str:
    held = wilson(round(share * runs), runs)
    return f"{percent(share)}\n{100 * held.low:.0f}–{100 * held.high:.0f}"


@contextmanager
def _progress(total: int, *, silent: bool) -> Iterator[Callable[[], None]]:
    with Progress(console=Console(stderr=True, quiet=silent), transient=True) as progress:
        task = progress.add_task("searching", total=total)
        yield lambda: progress.advance(task)
