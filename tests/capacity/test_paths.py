"""A plan's shares decide which steps are expected of its visits."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from capacity.judge import judge_numbers
from capacity.paths import PATHS, Due, paths_of
from rehearsal.model.history import Row, Step
from rehearsal.model.plan import Behaviour, Coupon, GiftCards, Plan, Sale
from rehearsal.model.verdict import Status
from tests.capacity.conftest import op, plan_of, told, visit

WAY = ("product", "cart_add", "order", "pay", "logistics")
CODES = {"coupon": Coupon(share=0.5), "gift_cards": GiftCards(share=0.5)}


def coverage(plan: Plan, visits: int, *more: str) -> tuple[Status, dict[str, list[str]]]:
    """Judge so many cart visits, each of which went the usual way and `more`."""
    rows: list[Row] = []
    for number in range(visits):
        rows.append(visit(1, visit=number, f="cart"))
        rows += [op(1, visit=number, f=step) for step in (*WAY, *more)]
    frame, timeline = told(plan, *rows)
    findings = {finding.check: finding for finding in judge_numbers(frame, plan, timeline, {})}
    found = findings["slo.coverage"]
    return found.status, found.evidence["missing"]


def with_(**tables: Any) -> Plan:
    """Return a plan of one phase with these tables besides."""
    return plan_of().model_copy(update=tables)


def test_a_plan_without_extras_expects_the_usual_way() -> None:
    """Nothing is added where nothing is offered."""
    assert paths_of(with_()) == PATHS


def test_what_a_plan_adds_to_each_way() -> None:
    """Codes belong to carts, numbers to the sale, second thoughts to whoever pays."""
    plan = with_(**CODES, sale=Sale(tokens=True), behaviour=Behaviour(cancel=0.1))
    more = {kind: set(steps) - set(PATHS[kind]) for kind, steps in paths_of(plan).items()}

    assert more == {
        "browse": set(),
        "cart": {Step.COUPON, Step.GIFT_CARD, Step.CART_VIEW, Step.CANCEL},
        "flash_sale": {Step.QUEUE, Step.CANCEL},
        "waiting_room": {Step.QUEUE, Step.CANCEL},
    }
    assert paths_of(plan)["flash_sale"][Step.FLASH_BUY] == Due(Step.QUEUE)


EVERYTHING = ("pay", "logistics", "cancel", "queue", "apply_coupon", "apply_gift_card", "cart")


@pytest.mark.parametrize(
    ("lacking", "kind", "expected"),
    [
        pytest.param((), "cart", PATHS["cart"], id="nothing"),
        pytest.param(
            ("pay",),
            "flash_sale",
            {Step.PRODUCT: Due(), Step.FLASH_BUY: Due(), Step.LOGISTICS: Due(Step.FLASH_BUY)},
            id="a shop that takes no payment here",
        ),
        pytest.param(
            ("pay", "logistics"),
            "flash_sale",
            {Step.PRODUCT: Due(), Step.FLASH_BUY: Due()},
            id="nor tells of parcels",
        ),
    ],
)
def test_what_an_adapter_lacks_is_expected_of_nobody(
    lacking: tuple[str, ...], kind: str, expected: dict[Step, Due]
) -> None:
    """What followed on it follows on what it followed on."""
    offers = set(EVERYTHING) - set(lacking)

    assert expected == paths_of(with_(), offers)[kind]


def test_a_queue_that_an_adapter_lacks_makes_nobody_wait() -> None:
    """The buy is due at once again."""
    plan = with_(sale=Sale(tokens=True), behaviour=Behaviour(cancel=0.1))

    assert paths_of(plan, ["pay", "logistics", "cancel"])["flash_sale"] == {
        **PATHS["flash_sale"],
        Step.CANCEL: Due(Step.LOGISTICS, 0.1),
    }


@pytest.mark.parametrize(
    ("visits", "more", "missing"),
    [
        pytest.param(40, ("coupon", "gift_card", "cart_view"), [], id="all seen"),
        pytest.param(40, ("gift_card", "cart_view"), ["coupon"], id="nobody entered a coupon"),
        pytest.param(40, (), ["coupon", "gift_card", "cart_view"], id="the shop offers none of it"),
        pytest.param(3, ("cart_view",), [], id="of three visits it may well be none"),
        pytest.param(3, (), ["cart_view"], id="but each of them looks at the cart"),
    ],
)
def test_a_step_of_a_share_is_missed_where_chance_cannot_spare_it(
    visits: int, more: tuple[str, ...], missing: list[str]
) -> None:
    """INCONCLUSIVE then, and never because of bad luck."""
    status, lacks = coverage(with_(**CODES), visits, *more)

    assert lacks == ({"cart": missing} if missing else {})
    assert status is (Status.INCONCLUSIVE if missing else Status.PASS)


@given(share=st.floats(0.01, 1), visits=st.integers(0, 5000))
def test_expected_means_that_chance_would_hardly_spare_it(share: float, visits: int) -> None:
    """More visits or a larger share never make a step less expected; none is expected of no visit."""
    due = Due(share=share)

    assert not due.expected(0)
    assert due.expected(visits) <= due.expected(visits + 1)
    assert due.expected(visits) <= Due(share=min(1.0, share * 1.5)).expected(visits)
    assert due.expected(visits) is (visits > 0 and (1 - share) ** visits < 1e-6)
