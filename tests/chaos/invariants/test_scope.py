"""What a plan does not have is left out of its audit; what is broken is told all the same."""

import pytest

from chaos.invariants.audit import audit
from chaos.invariants.scope import ALWAYS, applies
from rehearsal.model.plan import Behaviour, Coupon, GiftCards, Mix, Plan
from rehearsal.model.verdict import Finding, Status
from tests.chaos.invariants.conftest import (
    GOOD_BOOKS,
    GOOD_ROWS,
    PLAN,
    Part,
    charge,
    order,
    readings,
    told,
)

NO_SALE = PLAN.model_copy(update={"sale": PLAN.sale.model_copy(update={"opens_with": ""})})
TOKENS = PLAN.sale.model_copy(update={"tokens": True})
CARTS = PLAN.traffic.model_copy(update={"mix": Mix(browse=0.0, cart=1.0, flash_sale=0.0)})
CART_PHASE = PLAN.phases[0].model_copy(update={"mix": CARTS.mix})


def plan_with(**update: object) -> Plan:
    """Return the plan with other tables."""
    return PLAN.model_copy(update=update)


@pytest.mark.parametrize(
    ("check", "without", "having"),
    [
        pytest.param("I1.no_oversell", NO_SALE, PLAN, id="a sale"),
        pytest.param("I12.limit_per_shopper", NO_SALE, PLAN, id="its limit"),
        pytest.param("I19.sold_out_stable", NO_SALE, PLAN, id="its end"),
        pytest.param("I25.no_early_sale", NO_SALE, PLAN, id="its beginning"),
        pytest.param("I24.queue_fair", PLAN, plan_with(sale=TOKENS), id="a queue"),
        pytest.param("I13.coupon_cap", PLAN, plan_with(coupon=Coupon()), id="a coupon"),
        pytest.param("I23.gift_card_balance", PLAN, plan_with(gift_cards=GiftCards()), id="gift cards"),
        pytest.param(
            "I10.idempotent_replay", PLAN, plan_with(behaviour=Behaviour(send_again=0.1)), id="replays"
        ),
        pytest.param("I15.refund_once", PLAN, plan_with(behaviour=Behaviour(cancel=0.1)), id="cancellations"),
        pytest.param("I18.cart_isolation", PLAN, plan_with(traffic=CARTS), id="carts"),
        pytest.param("I18.cart_isolation", PLAN, plan_with(phases=(CART_PHASE,)), id="carts in one phase"),
    ],
)
def test_what_a_plan_has(check: str, without: Plan, having: Plan) -> None:
    """Each such invariant applies to plans that have what it is about, and to no others."""
    assert (applies(check, without), applies(check, having)) == (False, True)


def test_a_plan_with_nothing_is_still_audited() -> None:
    """What every shop owes is asked of every plan."""
    assert all(
        applies(check, NO_SALE) for check in ("I2.stock_conserved", "I5.no_lost_paid_order", "I8.fail")
    )


def found(*broken: Finding) -> set[str]:
    """Return the names of what is broken."""
    return {finding.check for finding in broken if finding.status is Status.FAIL}


def test_what_is_broken_is_told_though_the_plan_asked_nothing_of_it() -> None:
    """Retries repeat and late captures are refunded in any run: silent when right, loud when wrong."""
    back = charge("refund", "o9")
    twice: tuple[Part, ...] = (order("o9", "expired"), charge("capture", "o9"), back, back)
    again = order("o8", shopper="s-o1", intent="buy:o1")
    right = audit(told(*GOOD_ROWS), readings(*GOOD_BOOKS), PLAN)
    wrong = audit(told(*GOOD_ROWS), readings(*GOOD_BOOKS, *twice, again), PLAN)

    assert not {f"invariant.{check}" for check in ALWAYS} & {finding.check for finding in right}
    assert {f"invariant.{check}" for check in ALWAYS} <= found(*wrong)
