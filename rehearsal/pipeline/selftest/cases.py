"""The cases of a selftest: every bug under its drill, and the correct shop under every drill."""

from collections.abc import Collection, Mapping, Sequence

from msgspec.structs import replace

from rehearsal.model.errors import RehearsalError
from rehearsal.model.faults import FaultKind
from rehearsal.pipeline.selftest.case import Case, CaseKind
from rehearsal.pipeline.selftest.defects import TRAPS, Trap
from rehearsal.pipeline.selftest.drills import DRILLS, plan_text
from rehearsal.pipeline.selftest.peculiar import CALM

SEEDS = tuple(range(1, 11))
#: Runs of the correct shop under each drill, if not `ONCE` (the kinds that are a plan's own) or calm.
RUNS, CALM_RUNS = 2, 6
ONCE = frozenset({FaultKind.TOXIC.value, FaultKind.COMMAND.value})
#: The quick form takes one case of so many.
QUICK = 3


def defect_cases(
    known: Collection[str], seeds: Sequence[int] = SEEDS, traps: Mapping[str, Trap] = TRAPS
) -> tuple[Case, ...]:
    """Return a case for each bug the shop knows, in the traps' order; last those without a trap.

    A case without a trap has no plan, and expects nothing: it cannot be run.
    """
    names = [*(name for name in traps if name in known), *sorted(set(known) - set(traps))]
    return tuple(
        _defect_case(name, seeds[number % len(seeds)], traps.get(name)) for number, name in enumerate(names)
    )


def clean_cases(seeds: Sequence[int] = SEEDS, drills: Collection[str] = tuple(DRILLS)) -> tuple[Case, ...]:
    """Return the runs of the correct shop, spread over the seeds one after another."""
    pairs = [name for name in drills for _ in range(min(_runs(name), len(seeds)))]
    return tuple(
        Case(
            name=f"{drill}-{seed}",
            kind=CaseKind.CLEAN,
            seed=seed,
            fault=drill,
            text=plan_text(DRILLS[drill], seed),
        )
        for number, drill in enumerate(pairs)
        for seed in (seeds[number % len(seeds)],)
    )


def chosen(cases: Sequence[Case], *, only: Collection[str], quick: bool) -> tuple[Case, ...]:
    """Return the cases that are asked for: `only` names cases, bugs, drills or a kind.

    RehearsalError if a name is none of these. `quick` takes every third of each kind.
    """
    found = [case for case in cases if not only or _names(case) & set(only)]
    if unknown := sorted(set(only).difference(*map(_names, cases))):
        raise RehearsalError(
            f"The selftest has no case {unknown[0]!r}; name a bug (python -m mock_store defects), "
            "a kind of fault, or a case such as region_killed-3."
        )
    if not quick:
        return tuple(found)
    return tuple(case for kind in CaseKind for case in [one for one in found if one.kind is kind][::QUICK])


def _defect_case(name: str, seed: int, trap: Trap | None) -> Case:
    bare = Case(name=name, kind=CaseKind.DEFECT, seed=seed, defect=name, text="")
    if trap is None:
        return bare
    text = plan_text(DRILLS[trap.drill], seed)
    return replace(bare, text=text, fault=trap.drill, expected=trap.expected)


def _names(case: Case) -> set[str]:
    return {case.name, case.fault, case.kind.value} - {""}


def _runs(drill: str) -> int:
    if drill == CALM:
        return CALM_RUNS
    return 1 if drill in ONCE else RUNS
