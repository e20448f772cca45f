"""Seconds in which the machine starved the run, and what they mean for a judgement of time.

A timing check that fails beside such seconds proves nothing about the shop: the finding becomes INVALID.
Unless it fails clearly on what was due in the other seconds too: a real regression stays a FAIL.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import msgspec
import polars as pl

from rehearsal.model.clock import NS_PER_S
from rehearsal.model.timeline import Window
from rehearsal.model.verdict import Finding, Status

#: Clearly beyond a limit: by a quarter of it (of the permitted misses, for a share).
CLEARLY = 1.25


@dataclass(frozen=True, slots=True)
class Starved:
    """The starved seconds (since the origin) and why each is one."""

    reasons: Mapping[int, str]

    def near(self, window: Window) -> tuple[int, ...]:
        """Return the starved seconds in or next to a window: a stall's queue drains in the second after."""
        first, last = window.start_ns // NS_PER_S - 1, (window.end_ns - 1) // NS_PER_S + 1
        return tuple(second for second in sorted(self.reasons) if first <= second <= last)

    def untouched(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Return the rows (with a column `second`) due neither in a starved second nor next to one.

        What was due just before was answered in the starved second; and a measurement of the machine that
        begins in one second ends in the next.
        """
        touched = {second + step for second in self.reasons for step in (-1, 0, 1)}
        return rows.filter(~pl.col("second").is_in(sorted(touched)))

    def judged(self, judge: Callable[[pl.DataFrame], Finding], rows: pl.DataFrame, window: Window) -> Finding:
        """Return what a timing check says of rows (with a column `second`), made honest."""
        return self.temper(judge(rows), window, lambda: judge(self.untouched(rows)))

    def temper(self, finding: Finding, window: Window, again: Callable[[], Finding]) -> Finding:
        """Return a timing finding made honest; `again` judges the untouched rows, if that is needed."""
        seconds = self.near(window)
        if finding.status is not Status.FAIL or not seconds:
            return finding
        evidence = {
            **finding.evidence,
            "starved_seconds": list(seconds),
            "starved_by": self.reasons[seconds[0]],
        }
        if is_clear(again()):
            summary = f"{finding.summary}; so it is without the machine's starved {spans(seconds)} too"
            return msgspec.structs.replace(finding, summary=summary, evidence=evidence)
        return msgspec.structs.replace(
            finding,
            status=Status.INVALID,
            summary=f"{finding.summary}; but the machine starved in {spans(seconds)}"
            f" ({self.reasons[seconds[0]]}), so this says nothing about the shop",
            evidence=evidence,
        )


def is_clear(finding: Finding) -> bool:
    """Tell whether a finding is a FAIL beyond all doubt of a margin. A measure that never came is."""
    if finding.status is not Status.FAIL:
        return False
    if finding.measured is None or finding.limit is None:
        return True
    if finding.unit == "share":
        return 1 - finding.measured > CLEARLY * (1 - finding.limit)
    return finding.measured > CLEARLY * finding.limit


def spans(seconds: Iterable[int]) -> str:
    """Return seconds as text: `second 5`, or `seconds 61-63, 70`."""
    text = in_runs(seconds)
    return f"second {text}" if text.isdigit() else f"seconds {text}"


def in_runs(numbers: Iterable[int]) -> str:
    """Return whole numbers in rising order, what follows one another as its ends: `61-63, 70`."""
    runs: list[list[int]] = []
    for number in sorted(numbers):
        if runs and number == runs[-1][-1] + 1:
            runs[-1] = [runs[-1][0], number]
        else:
            runs.append([number])
    return ", ".join("-".join(str(end) for end in run) for run in runs)
