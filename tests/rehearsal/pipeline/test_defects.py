from collections.abc import Callable

import pytest

from rehearsal.model.errors import RehearsalError
from rehearsal.model.plan import Plan
from rehearsal.pipeline.defects import check_defects, known_defects


def test_the_shop_itself_says_which_bugs_it_has() -> None:
    """Each with a sentence on where it bites."""
    known = known_defects()

    assert {"oversell_race", "double_charge_on_retry", "ack_before_commit"} <= set(known)
    assert all(known.values())


def test_names_are_checked_and_doubles_dropped(make_plan: Callable[..., Plan]) -> None:
    """A name twice is one bug; a name unknown is refused with the names there are."""
    plan = make_plan()

    assert check_defects(plan, []) == ()
    assert check_defects(plan, ["oversell_race", "oversell_race"]) == ("oversell_race",)
    with pytest.raises(RehearsalError, match=r"no defect 'oversel'; it has .*oversell_race"):
        check_defects(plan, ["oversel"])


def test_no_bugs_are_planted_in_somebodys_shop(make_plan: Callable[..., Plan]) -> None:
    """Only the mock shop has switchable bugs."""
    plan = make_plan()
    elsewhere = plan.model_copy(update={"target": plan.target.model_copy(update={"shop": "url"})})

    with pytest.raises(RehearsalError, match="another shop"):
        check_defects(elsewhere, ["oversell_race"])
