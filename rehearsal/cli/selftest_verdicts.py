"""Verdicts on shops of known capacity, counted: as a table, or as JSON."""

from collections.abc import Sequence

import msgspec
from rich.console import Console
from rich.table import Table

from capacity.proportions import clopper_pearson
from rehearsal.cli.output import say
from rehearsal.model.errors import EXIT_FAILED, EXIT_OK
from rehearsal.model.verdict import Verdict
from rehearsal.pipeline.selftest.capacity_simulated import Decided


def tell(decided: Sequence[Decided], *, as_json: bool) -> int:
    """Print how often which verdict was given, and return the exit code that it stands for."""
    if as_json:
        say(msgspec.json.encode({f"{each.factor:.2f}": each.verdicts for each in decided}).decode())
    else:
        Console(highlight=False).print(verdicts_of(decided))
    return EXIT_OK if all(each.holds for each in decided) else EXIT_FAILED


def verdicts_of(decided: Sequence[Decided]) -> Table:
    """Return the verdicts as a table, a shop a row.

    Below each count stands which per cent of many more repeats would end so, with 95 % (Clopper and
    Pearson: repeats are few, and independent).
    """
    table = Table(
        "capacity",
        *Verdict,
        "right",
        title="1.3 times the forecast is asked",
        caption="Below each count the 95 % interval of its share, in per cent.",
    )
    for each in decided:
        repeats = sum(each.verdicts.values())
        counts = (_count(each.verdicts[verdict], repeats) for verdict in Verdict)
        table.add_row(f"{each.factor:.2f} times the forecast", *counts, "yes" if each.holds else "NO")
    return table


def _count(count: int, repeats: int) -> str:
    if not repeats:
        return "0"
    share = clopper_pearson(count, repeats)
    return f"{count}\n{100 * share.low:.0f}–{100 * share.high:.0f}"
