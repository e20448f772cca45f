from collections.abc import Callable

import pytest

from rehearsal.model.errors import Unreachable
from rehearsal.model.plan import Plan
from rehearsal.pipeline.ground import require_shop


def test_a_shop_nobody_answers_for_is_told_before_the_load(
    make_plan: Callable[..., Plan], plan_text: str
) -> None:
    """A closed port is a sentence at once, not a whole peak sent to nobody."""
    without_faults = plan_text.split("[[faults]]")[0] + "[slo.normal]" + plan_text.split("[slo.normal]")[1]
    target = '[target]\nshop = "url"\nurl = "http://127.0.0.1:1"\n[traffic]'
    plan = make_plan(without_faults.replace("[traffic]", target))

    with pytest.raises(Unreachable, match=r"The shop at http://127.0.0.1:1 does not answer"):
        require_shop(plan)


def test_the_mock_shop_is_not_asked_for(make_plan: Callable[..., Plan], plan_text: str) -> None:
    """It is started by the drill itself."""
    require_shop(make_plan(plan_text))
