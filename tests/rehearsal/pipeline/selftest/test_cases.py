import pytest

from rehearsal.model.errors import RehearsalError
from rehearsal.model.faults import FaultKind
from rehearsal.pipeline.defects import known_defects
from rehearsal.pipeline.selftest.case import CaseKind
from rehearsal.pipeline.selftest.cases import chosen, clean_cases, defect_cases
from rehearsal.pipeline.selftest.defects import TRAPS, Trap
from rehearsal.pipeline.selftest.drills import DRILLS

TRAPPED = {"one": Trap("no_fault", ("invariant.I1",)), "two": Trap("region_killed", ("invariant.I5",))}


def test_every_bug_of_the_mock_shop_has_a_trap() -> None:
    """A bug that nobody looks for would be counted as planted and never caught."""
    assert set(known_defects()) - set(TRAPS) == set()


def test_every_trap_names_a_drill_and_what_it_expects() -> None:
    """A misspelt drill would be found only when it runs."""
    assert {trap.drill for trap in TRAPS.values()} <= set(DRILLS)
    assert all(trap.expected for trap in TRAPS.values())


def test_a_bug_without_a_trap_is_a_case_that_cannot_be_run() -> None:
    """It comes last, has no plan and expects nothing; a trap for a bug that the shop lacks is no case."""
    cases = defect_cases(("two", "three"), (5,), TRAPPED)

    assert [(case.name, case.fault, case.expected) for case in cases] == [
        ("two", "region_killed", ("invariant.I5",)),
        ("three", "", ()),
    ]
    assert [bool(case.text) for case in cases] == [True, False]


def test_the_clean_runs_are_a_hundred_over_ten_seeds_under_every_kind() -> None:
    """Kinds twice, those that are a plan's own once, each run with a name of its own."""
    cases = clean_cases()
    runs = [case.fault for case in cases]

    assert len(cases) >= 100
    assert len({case.name for case in cases}) == len(cases)
    assert {case.seed for case in cases} == set(range(1, 11))
    assert {kind: runs.count(kind) for kind in ("toxic", "command")} == {"toxic": 1, "command": 1}
    assert all(runs.count(kind) >= 2 for kind in set(FaultKind) - {FaultKind.TOXIC, FaultKind.COMMAND})
    assert all(case.kind is CaseKind.CLEAN and not case.defect and not case.expected for case in cases)


def test_one_seed_gives_one_run_of_each_drill() -> None:
    """A run with the same seed twice would prove nothing more."""
    cases = clean_cases((4,))

    assert [case.name for case in cases] == [f"{drill}-4" for drill in DRILLS]


@pytest.mark.parametrize(
    ("only", "names"),
    [
        ((), ["one", "two", "no_fault-1", "no_fault-2", "region_killed-1", "region_killed-2"]),
        (("two",), ["two"]),
        (("region_killed",), ["two", "region_killed-1", "region_killed-2"]),
        (("region_killed-2", "one"), ["one", "region_killed-2"]),
        (("defect",), ["one", "two"]),
        (("clean",), ["no_fault-1", "no_fault-2", "region_killed-1", "region_killed-2"]),
    ],
)
def test_cases_are_chosen_by_any_of_their_names(only: tuple[str, ...], names: list[str]) -> None:
    """A bug, a drill with all its cases, one case, or a kind of case."""
    cases = (*defect_cases(TRAPPED, (1, 2), TRAPPED), *clean_cases((1, 2), ("no_fault", "region_killed")))

    assert [case.name for case in chosen(cases, only=only, quick=False)] == names


def test_a_name_that_no_case_has_is_refused() -> None:
    """A misspelt name must not pass as a selftest of nothing."""
    with pytest.raises(RehearsalError, match="no case 'oversel_race'"):
        chosen(defect_cases(TRAPPED, (1,), TRAPPED), only=("one", "oversel_race"), quick=False)


def test_the_quick_form_is_a_third_of_each_kind() -> None:
    """And of the clean runs it takes two drills of three."""
    cases = (*defect_cases(tuple(TRAPS)), *clean_cases())
    quick = chosen(cases, only=(), quick=True)
    for kind in CaseKind:
        whole = sum(case.kind is kind for case in cases)
        assert sum(case.kind is kind for case in quick) == -(-whole // 3)
    assert len({case.fault for case in quick if case.kind is CaseKind.CLEAN}) >= len(DRILLS) * 0.6
