"""The GraphQL shop audited: visits of real shoppers over the real client, in no time at all."""

from threading import Barrier

import polars as pl
import pytest

from chaos.invariants.audit import audit
from rehearsal.model.history import Outcome, Step
from rehearsal.model.plan import Plan, VisitKind
from rehearsal.model.verdict import Finding, Status
from tests.examples.graphql_kit import PLAN, Opened, opened, settled, visits

STOCK = 5


def of_five() -> Plan:
    """Return the example's plan with a stock of five and shoppers who do not think."""
    sale = PLAN.sale.model_copy(update={"stock": STOCK})
    traffic = PLAN.traffic.model_copy(update={"think_s": 0.0})
    return PLAN.model_copy(update={"sale": sale, "traffic": traffic})


def judged(place: Opened, history: pl.DataFrame) -> dict[str, Finding]:
    """Return the audit's findings by the number of the invariant."""
    findings = audit(history, settled(place), of_five())
    return {finding.check.split(".")[1]: finding for finding in findings}


def test_the_correct_shop_passes_every_invariant() -> None:
    """Nothing is inconclusive either: the adapter reads all that the audit asks for."""
    kinds = [VisitKind.BROWSE] * 2 + [VisitKind.FLASH_SALE] * 8 + [VisitKind.CART] * 8
    with opened(STOCK, slow_every=4) as place:
        found = judged(place, visits(place, of_five(), kinds))

    assert {finding.status for finding in found.values()} == {Status.PASS}
    assert len(found) > 20


def test_a_shop_that_oversells_is_found_though_every_answer_was_good() -> None:
    """All nine who rushed for five units were told that they have one; the orders beyond are named."""
    together, rush = Barrier(9), [VisitKind.FLASH_SALE] * 9
    with opened(STOCK, oversells=True, hesitate=lambda: together.wait(10)) as place:
        history = visits(place, of_five(), rush, at_once=True)
        found = judged(place, history)
    asked = history.filter(pl.col("kind") == "op")

    assert set(asked["outcome"]) == {Outcome.OK}
    assert found["I1"].status is Status.FAIL
    assert found["I1"].evidence["sold"] > STOCK
    assert found["I1"].ids
    assert found["I2"].status is Status.FAIL


def test_a_rush_smaller_than_the_stock_is_no_oversell() -> None:
    """The bug is there, and nobody met it."""
    together = Barrier(2)
    with opened(STOCK, oversells=True, hesitate=lambda: together.wait(10)) as place:
        found = judged(place, visits(place, of_five(), [VisitKind.FLASH_SALE] * 2, at_once=True))

    assert found["I1"].status is Status.INCONCLUSIVE


@pytest.mark.parametrize("kind", [VisitKind.FLASH_SALE, VisitKind.CART])
def test_declined_cards_are_failures_though_every_answer_is_a_200(kind: VisitKind) -> None:
    """No payment is ok, and no order is paid in the end."""
    with opened(STOCK, declines=True) as place:
        history = visits(place, of_five(), [kind] * 3)
        readings = settled(place)
    paying = history.filter((pl.col("kind") == "op") & (pl.col("f") == Step.PAY))

    assert paying["outcome"].to_list() == [Outcome.FAIL] * 3
    assert set(paying["status"]) == {200}
    assert set(paying["error"]) == {"declined"}
    assert readings.orders is not None
    assert {order.status for order in readings.orders} == {"expired"}
    assert readings.charges == ()


def test_a_payment_that_is_pending_is_asked_for_until_it_is_paid() -> None:
    """Never paid a second time: one charge, and the shopper is told in the end."""
    with opened(STOCK, slow_every=1) as place:
        history = visits(place, of_five(), [VisitKind.CART])
        readings = settled(place)
    said = history.filter(pl.col("f").is_in([Step.PAY, Step.QUERY])).select("f", "outcome", "error").rows()

    assert said == [("pay", "info", "pending"), ("query", "ok", "")]
    assert readings.charges is not None
    assert [charge.kind for charge in readings.charges] == ["authorize", "capture"]
