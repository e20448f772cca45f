"""A shop that has no sale can be rehearsed; a plan that wants something of a sale needs one."""

import pytest

from rehearsal.model.errors import PlanError
from rehearsal.model.plan_check import check_plan
from tests.rehearsal.model.plan_texts import BURST

ORDINARY = f"""
name = "as ever"
[target]
shop = "url"
url = "http://127.0.0.1:8000"
[traffic]
normal_per_s = 2.0
multiplier = 5.0
mix = {{ browse = 0.5, cart = 0.5, flash_sale = 0.0 }}
[forecast]
peak_per_s = 10.0
{BURST}"""


def test_a_plan_without_a_sale_is_a_plan() -> None:
    """Carts and pages are enough for a peak."""
    assert not check_plan(ORDINARY, source="p", curves=()).has_sale


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        pytest.param(
            "browse = 0.5, cart = 0.5, flash_sale = 0.0",
            "browse = 0.5, cart = 0.3, flash_sale = 0.2",
            "line 9, traffic.mix.flash_sale: is more than 0, and the plan has no [sale]",
            id="buyers without a sale",
        ),
        pytest.param(
            "rate = 5.0",
            "rate = 5.0\nmix = { browse = 0.5, cart = 0.0, flash_sale = 0.5 }",
            "phases[0].mix.flash_sale: is more than 0",
            id="buyers in a phase",
        ),
        pytest.param(
            "[slo.burst]",
            "[waiting_room]\nshoppers = 1\ngather_s = 1.0\n[slo.burst]",
            "waiting_room: has no use without [sale]",
            id="a waiting room before nothing",
        ),
        pytest.param(
            "[slo.burst]", "[sale]\nstock = 5\n[slo.burst]", "sale.opens_with: is missing", id="half a sale"
        ),
    ],
)
def test_what_belongs_to_a_sale_is_refused_without_one(old: str, new: str, says: str) -> None:
    """Each with its place."""
    with pytest.raises(PlanError) as raised:
        check_plan(ORDINARY.replace(old, new), source="p", curves=())

    assert says in str(raised.value)
