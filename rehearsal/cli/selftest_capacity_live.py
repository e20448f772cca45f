"""`rehearse selftest capacity --live`: the mock shop's capacity by the real load, beside the exact one."""

from collections.abc import Sequence
from pathlib import Path

import msgspec
from rich.console import Console
from rich.table import Table

from rehearsal.cli.capacity_text import trial_head, trial_line
from rehearsal.cli.output import say
from rehearsal.cli.selftest_verdicts import tell
from rehearsal.model.capacity import Trial
from rehearsal.model.clock import SystemClock
from rehearsal.model.errors import EXIT_FAILED, EXIT_OK
from rehearsal.model.verdict import Verdict
from rehearsal.pipeline.halt import Halt
from rehearsal.pipeline.selftest.capacity_live import LiveCase, LiveTried, try_live
from rehearsal.pipeline.selftest.capacity_simulated import FACTORS, REQUIRED, Decided, Law
from rehearsal.pipeline.watcher import Nobody, Unshaken

#: What is measured if no law is named.
LAWS = (Law.MM4, Law.MM8)


class Shown(Nobody):
    """Prints each trial as it ends."""

    def __init__(self, console: Console) -> None:
        """Take the console to print on."""
        self._console = console

    def stage(self, sentence: str) -> None:
        """Print what is done now."""
        self._console.print(sentence, style="dim")

    def trial(self, trial: Trial) -> None:
        """Print a line."""
        self._console.print(trial_line(trial, width=self._console.width))


def live(law: Law | None, seed: int, *, out: Path, as_json: bool) -> int:
    """Measure each law's shop once; return 0 if all are near the truth, or the generator was the limit."""
    cases = [LiveCase(law=each, seed=seed) for each in ((law,) if law else LAWS)]
    results = _tried(cases, out, silent=as_json)
    _show(results, as_json=as_json)
    return EXIT_OK if all(each.holds for each in results) else EXIT_FAILED


def live_headroom(repeats: int, law: Law | None, seed: int, *, out: Path, as_json: bool) -> int:
    """Judge shops that carry 1.25, 1.30 and 1.45 times the forecast; return 0 if the verdicts are right."""
    cases = [
        LiveCase(law=law or Law.MM8, factor=factor, seed=seed + number)
        for number in range(repeats)
        for factor in FACTORS
    ]
    results = _tried(cases, out, silent=as_json)
    if not as_json:
        Console(highlight=False).print(held_of(results))
    return tell(decided_of(results), as_json=as_json)


def decided_of(results: Sequence[LiveTried]) -> list[Decided]:
    """Return how often which verdict was given on each shop, INVALID where the generator was the limit."""
    counts = {factor: dict.fromkeys(Verdict, 0) for factor in FACTORS}
    for each in results:
        counts[each.case.factor or 0.0][Verdict.INVALID if each.invalid else each.verdict] += 1
    return [Decided(factor=factor, verdicts=verdicts) for factor, verdicts in counts.items()]


def _tried(cases: Sequence[LiveCase], out: Path, *, silent: bool) -> list[LiveTried]:
    console = Console(stderr=True, quiet=silent, highlight=False)
    halt, results = Halt(), list[LiveTried]()
    with halt.on_signals():
        for number, case in enumerate(cases, start=1):
            carries = "" if case.factor is None else f", {case.factor:.2f} times the forecast"
            console.print(f"{number} of {len(cases)}: {case.law}, {case.truth_per_s:.1f} visits/s{carries}")
            console.print(trial_head(console.width))
            watcher = Unshaken(Shown(console))
            results.append(try_live(case, out, clock=SystemClock(), halt=halt, watcher=watcher))
            halt.check()
    return results


def _show(results: Sequence[LiveTried], *, as_json: bool) -> None:
    if as_json:
        say(msgspec.json.encode(results).decode())
    else:
        Console(highlight=False).print(table_of(results))


def table_of(results: Sequence[LiveTried]) -> Table:
    """Return what was measured as a table, a search a row; rates in visits a second."""
    table = Table(
        *("law", "exact", "lower", "middle", "upper", "/ exact", "requests", "near"),
        title="The mock shop's capacity (visits/s), measured by the real load",
    )
    for each in results:
        ratio = "" if each.value_per_s is None else f"{each.value_per_s / each.truth_per_s:.3f}"
        rates = (each.truth_per_s, each.low_per_s, each.value_per_s, each.high_per_s)
        table.add_row(
            each.case.law.value,
            *("" if rate is None else f"{rate:.1f}" for rate in rates),
            ratio,
            f"{each.requests:,}",
            each.invalid or ("yes" if each.holds else "NO"),
        )
    return table


def held_of(results: Sequence[LiveTried]) -> Table:
    """Return what holding 1.3 times the forecast came to, a shop a row; rates in visits a second."""
    table = Table(
        *("law", "exact", "carries", "held", "requests", "headroom", "verdict"),
        title="1.3 times the forecast, held by the real load",
    )
    for each in results:
        table.add_row(
            each.case.law.value,
            f"{each.truth_per_s:.1f}",
            f"{each.case.factor or 0:.2f} x",
            f"{REQUIRED * (each.case.forecast_per_s or 0):.1f}",
            f"{each.requests:,}",
            each.invalid or (each.headroom.value if each.headroom else ""),
            each.verdict.value,
        )
    return table
