from rehearsal.model.errors import (
    BrokenOff,
    Mistake,
    PlanError,
    PrerequisiteMissing,
    RehearsalError,
    RunDirError,
    Stopped,
    TargetRefused,
    Unreachable,
)


def test_exit_codes_follow_the_tree() -> None:
    """A stopped drill exits with 5, one that broke off with 4, what a person can mend with 2."""
    usage = (RehearsalError, PlanError, TargetRefused, Unreachable, PrerequisiteMissing, RunDirError)

    assert {error.exit_code for error in usage} == {2}
    assert Stopped.exit_code == 5
    assert BrokenOff.exit_code == 4


def test_plan_error_lists_all_mistakes_in_file_order() -> None:
    """Every mistake is told, sorted by line, each with its place."""
    error = PlanError("p.toml", (Mistake(9, "slo", "is missing"), Mistake(2, "seed", "must be a number")))

    assert str(error).splitlines() == [
        "p.toml has 2 mistakes:",
        "  line 2, seed: must be a number",
        "  line 9, slo: is missing",
    ]


def test_a_mistake_of_the_whole_file_names_no_line() -> None:
    """Line 0 is the file as a whole."""
    assert str(PlanError("p", (Mistake(0, "syntax", "not TOML"),))) == "p has 1 mistake:\n  syntax: not TOML"
