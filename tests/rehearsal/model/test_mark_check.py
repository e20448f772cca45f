"""What [marks] and [hooks] may say."""

from collections.abc import Callable

import pytest

from rehearsal.model.errors import PlanError
from rehearsal.model.plan import Plan


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ('[marks]\nheader = "Host"', "marks.header: Host has a meaning of its own"),
        ('[marks]\nheader = "content-LENGTH"', "marks.header: content-LENGTH has a meaning of its own"),
        ('[marks]\nheader = "X: y"', "marks.header: must match"),
        ("[hooks]", "hooks: has no command"),
        ('[hooks]\nbefore = " "\ntimeout_s = 5.0', "hooks: has no command"),
        ('[hooks]\nbefore = "true"\ntimeout_s = 0', "hooks.timeout_s: must be greater than 0"),
    ],
)
def test_what_cannot_mark_or_do_anything_is_refused(
    make_plan: Callable[..., Plan], plan_text: str, more: str, says: str
) -> None:
    """A header that HTTP needs for itself would break every request; hooks without a command do nothing."""
    with pytest.raises(PlanError) as caught:
        make_plan(f"{plan_text}\n{more}\n")

    assert says in str(caught.value)


@pytest.mark.parametrize(
    ("more", "headers"),
    [
        ("", {"X-Rehearsal": "r1"}),
        ('[marks]\nheader = "X-Test"', {"X-Test": "r1"}),
        ('[hooks]\nafter = "true"', {"X-Rehearsal": "r1"}),
    ],
)
def test_a_plan_says_which_header_names_the_run(
    make_plan: Callable[..., Plan], plan_text: str, more: str, headers: dict[str, str]
) -> None:
    """Unless it chooses another, a plan marks its traffic by X-Rehearsal."""
    assert make_plan(f"{plan_text}\n{more}\n").marks.headers("r1") == headers
