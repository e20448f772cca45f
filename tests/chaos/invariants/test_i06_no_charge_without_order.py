"""I6 seen failing: charged for an order that is missing, expired, or to be paid on account."""

import pytest

from chaos.invariants.books import Books
from chaos.invariants.i06_no_charge_without_order import check
from rehearsal.model.readings import FinalReadings, OrderReading
from rehearsal.model.verdict import Status
from tests.chaos.invariants.conftest import GOOD_BOOKS, PLAN, charge, order, readings, told

CAPTURE = charge("capture", "o1")


@pytest.mark.parametrize(
    ("kept", "now"),
    [
        pytest.param([], "missing", id="no such order"),
        pytest.param([order("o1", "expired")], "expired", id="the order expired"),
        pytest.param(
            [order("o1", "pending_payment")], "pending_payment", id="the shop does not know it is paid"
        ),
        pytest.param([order("o1", "confirmed", channel="pay_later")], "confirmed", id="charged and billed"),
        pytest.param([order("o1", "cancelled")], "cancelled", id="cancelled, and the money kept"),
    ],
)
def test_loose_charge(kept: list[OrderReading], now: str) -> None:
    """A standing charge without a paid order is a FAIL naming the order it was for."""
    finding = check(Books.of(told(), readings(CAPTURE, charge("capture", "o2"), order("o2"), *kept)), PLAN)

    assert (finding.status, finding.ids) == (Status.FAIL, ("o1",))
    assert finding.evidence["status_now"] == {"o1": now}


@pytest.mark.parametrize(
    "final",
    [
        pytest.param(readings(*GOOD_BOOKS), id="each has its order"),
        pytest.param(readings(CAPTURE, charge("refund", "o1")), id="refunded"),
        pytest.param(readings(CAPTURE, charge("void", "o1")), id="voided"),
        pytest.param(
            readings(*GOOD_BOOKS, charge("capture", "canary-7", cents=1)), id="the nemesis's own payment"
        ),
        pytest.param(readings(*GOOD_BOOKS, charge("authorize", "o9")), id="authorised only"),
    ],
)
def test_no_loose_charge(final: FinalReadings) -> None:
    """Charges with a paid order, and those taken back, are a PASS."""
    assert Status.PASS is check(Books.of(told(), final), PLAN).status


def test_a_canary_the_shop_has_an_order_for_is_an_order_like_any() -> None:
    """Only canaries unknown to the shop are left out."""
    final = readings(charge("capture", "canary-7", cents=1), order("canary-7", "expired"))

    assert Status.FAIL is check(Books.of(told(), final), PLAN).status


@pytest.mark.parametrize(
    "final",
    [
        pytest.param(FinalReadings(charges=(CAPTURE,)), id="no orders"),
        pytest.param(FinalReadings(orders=(order("o1"),)), id="no ledger"),
        pytest.param(readings(order("o1")), id="no capture at all"),
    ],
)
def test_unproven(final: FinalReadings) -> None:
    """Without both books, or a single capture, nothing is proven."""
    assert Status.INCONCLUSIVE is check(Books.of(told(), final), PLAN).status
