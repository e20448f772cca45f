"""The figures of a selftest."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

import msgspec

from rehearsal.pipeline.selftest.case import Case, CaseKind, Result, Standing
from rehearsal.pipeline.selftest.ledger import Ledger


class Summary(msgspec.Struct, frozen=True, kw_only=True):
    """What `--json` prints: bugs planted and caught, runs of the correct shop and how many cried wolf.

    `clean_runs` counts those that were felt, judged and silent; runs that prove nothing are in `cases` only.
    """

    planted: int
    caught: int
    clean_runs: int
    false_alarms: int
    cases: tuple[Result, ...]

    @property
    def holds(self) -> bool:
        """Tell whether every bug was caught and the correct shop never accused; no run proves nothing."""
        ran = self.planted + self.clean_runs > 0
        # A correct shop of which every run proves nothing has not been shown to be left in peace.
        unproven = not self.clean_runs and any(one.kind is CaseKind.CLEAN for one in self.cases)
        broken = any(one.standing in {Standing.BROKEN, Standing.UNTRAPPED} for one in self.cases)
        return ran and self.caught == self.planted and not (self.false_alarms or unproven or broken)

    @property
    def proven_nothing(self) -> tuple[Result, ...]:
        """Return the cases that ended without a decision."""
        return tuple(one for one in self.cases if not one.standing.is_decided)


def summary_of(results: Sequence[Result]) -> Summary:
    """Return the figures of results."""
    counts = Counter(one.standing for one in results)
    return Summary(
        planted=sum(one.kind is CaseKind.DEFECT for one in results),
        caught=counts[Standing.CAUGHT],
        clean_runs=counts[Standing.CLEAN],
        false_alarms=counts[Standing.ALARM],
        cases=tuple(results),
    )


def untrapped(case: Case) -> Result:
    """Return the result of a bug for which there is no drill."""
    return Result(
        name=case.name,
        kind=case.kind,
        fault="",
        seed=case.seed,
        expected=(),
        found=(),
        standing=Standing.UNTRAPPED,
        verdict="",
        seconds=0.0,
        attempts=0,
        note="no drill exposes it yet: it has no trap",
    )


def results_of(cases: Sequence[Case], ledger: Ledger) -> tuple[Result, ...]:
    """Return what is known of each case, in their order; one that was not run has none."""
    found = (untrapped(case) if not case.text else ledger.last_of(case) for case in cases)
    return tuple(result for result in found if result is not None)


def told(summary: Summary) -> dict[str, Any]:
    """Return a summary as JSON tells it."""
    return msgspec.to_builtins(summary)  # type: ignore[no-any-return]
