import pytest

from rehearsal.model.faults import FaultKind
from rehearsal.model.plan_check import check_plan
from rehearsal.pipeline.selftest.drills import DRILLS, merged, plan_text, template
from rehearsal.pipeline.selftest.peculiar import CALM, Table
from scenarios import curve
from scenarios.schedule import build

#: A selftest of 150 cases, four at a time, must be over in an hour.
_LONGEST_S, _MOST_VISITS = 22.0, 400


def test_every_kind_of_fault_has_a_drill_and_there_is_one_without() -> None:
    """So no kind is left out of the clean runs."""
    assert {CALM, *(kind.value for kind in FaultKind)} <= set(DRILLS)
    assert DRILLS[CALM].faults == ()


@pytest.mark.parametrize("name", DRILLS)
def test_every_drill_is_a_plan_that_is_short_and_small(name: str) -> None:
    """No mistakes in it, its own fault in it, and no more load than several such drills may send at once."""
    plan = check_plan(plan_text(DRILLS[name], 7), source=name, curves=curve.names())

    assert (plan.seed, plan.name) == (7, name.replace("_", " "))
    assert [fault.kind for fault in plan.faults] == [one["kind"] for one in DRILLS[name].faults]
    assert plan.duration_s <= _LONGEST_S
    assert sum(build(plan).planned.values()) <= _MOST_VISITS


def test_the_seed_is_all_that_differs_between_two_runs_of_a_drill() -> None:
    """A plan is made from nothing but its drill and its seed."""
    one, two = (plan_text(DRILLS["region_killed"], seed) for seed in (1, 2))

    assert one.replace("seed = 1\n", "seed = 2\n") == two


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        pytest.param({}, {"a": {"b": 1, "c": 2}, "rows": [{"name": "x", "d": 1}, {"name": "y"}]}, id="none"),
        pytest.param(
            {"a": {"c": 3}},
            {"a": {"b": 1, "c": 3}, "rows": [{"name": "x", "d": 1}, {"name": "y"}]},
            id="a key of a table",
        ),
        pytest.param(
            {"rows": {"y": {"d": 4}}},
            {"a": {"b": 1, "c": 2}, "rows": [{"name": "x", "d": 1}, {"name": "y", "d": 4}]},
            id="a row by its name",
        ),
        pytest.param({"a": 5, "rows": []}, {"a": 5, "rows": []}, id="all of it"),
        pytest.param(
            {"new": {"e": 1}},
            {"a": {"b": 1, "c": 2}, "rows": [{"name": "x", "d": 1}, {"name": "y"}], "new": {"e": 1}},
            id="a table that was not there",
        ),
    ],
)
def test_changes_are_merged(changes: Table, expected: Table) -> None:
    """Tables key by key, rows by name, anything else in its place; the table itself stays as it was."""
    table: Table = {"a": {"b": 1, "c": 2}, "rows": [{"name": "x", "d": 1}, {"name": "y"}]}

    assert merged(table, changes) == expected
    assert table == {"a": {"b": 1, "c": 2}, "rows": [{"name": "x", "d": 1}, {"name": "y"}]}


def test_the_template_is_a_plan_for_itself() -> None:
    """Somebody may rehearse it as it is."""
    assert template()["name"] == "selftest"
