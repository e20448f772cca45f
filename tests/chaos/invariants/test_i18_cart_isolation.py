"""I18 seen failing: carts that lose what was added, hold what was not, or are another shopper's."""

from typing import Any

import pytest

from chaos.invariants.books import Books
from chaos.invariants.i18_cart_isolation import check
from rehearsal.model.history import Drop, Kind, Row
from rehearsal.model.readings import FinalReadings, OrderLine, OrderReading
from rehearsal.model.verdict import Finding, Status
from tests.chaos.invariants.conftest import PLAN, Part, asked, order, readings, told

WHO = "s-o1"
INFO: dict[str, Any] = {"outcome": "info", "error": "timeout"}


def added(sku: str, qty: int = 1, *, at: int = 1, **rest: Any) -> Row:
    """Return the answer to units put into the cart; the intent is named after the product."""
    return asked("cart_add", at, **{"shopper": WHO, "intent": f"cart:{sku}", "sku": sku, "qty": qty, **rest})


def viewed(qty: int, *, at: int = 2, **rest: Any) -> Row:
    """Return the cart as it was shown."""
    return asked("cart_view", at, **{"shopper": WHO, "qty": qty, **rest})


def placed(order_id: str = "o1", *, at: int = 3, **rest: Any) -> Row:
    """Return the answer to an order of the cart."""
    return asked("order", at, **{"shopper": WHO, "intent": f"buy:{order_id}", "order_id": order_id, **rest})


def of(order_id: str = "o1", *, shopper: str = WHO, **units: int) -> OrderReading:
    """Return an order with so many units of each product."""
    lines = tuple(OrderLine(sku=sku, qty=qty, price_cents=1) for sku, qty in units.items())
    return order(order_id, lines=lines, shopper=shopper)


def judged(rows: tuple[Row, ...], *parts: Part) -> Finding:
    """Return the finding on rows and books."""
    return check(Books.of(told(*rows), readings(*parts)), PLAN)


EMPTY = placed("", outcome="fail", error="empty_cart")


@pytest.mark.parametrize(
    ("rows", "parts"),
    [
        pytest.param((added("p1"), added("p2"), placed()), (of(p1=1),), id="a line was forgotten"),
        pytest.param((added("p1", 2), placed()), (of(p1=1),), id="a unit was forgotten"),
        pytest.param((added("p1"), placed()), (of(p1=1, p9=1),), id="a line she never added"),
        pytest.param((added("p1"), placed()), (of(p1=2),), id="a unit too many"),
        pytest.param(
            (added("p1"), added("p1"), placed()), (of(p1=2),), id="one add, tried twice, counted twice"
        ),
        pytest.param((added("p1", **INFO), placed()), (of(p1=2),), id="a doubtful add took place twice"),
        pytest.param((added("p1", outcome="fail"), placed()), (of(p1=1),), id="an add that failed"),
        pytest.param((added("p1"), placed(**INFO)), (of(p1=3),), id="an order of unknown outcome"),
        pytest.param((placed(),), (of(p1=1),), id="nothing was added at all"),
        pytest.param((added("p1", 2), viewed(1)), (), id="a view that lost a unit"),
        pytest.param((added("p1"), viewed(2)), (), id="a view with another's unit"),
        pytest.param((viewed(1),), (), id="a full cart at first"),
        pytest.param((added("p1"), EMPTY), (), id="told empty, after adding"),
        pytest.param((added("p1"), viewed(1), viewed(0, at=3)), (), id="forgotten in between"),
    ],
)
def test_broken(rows: tuple[Row, ...], parts: tuple[Part, ...]) -> None:
    """A cart that is not what its shopper added is a FAIL naming her."""
    finding = judged(rows, *parts)

    assert (finding.status, finding.ids) == (Status.FAIL, (WHO,))


@pytest.mark.parametrize(
    ("rows", "parts"),
    [
        pytest.param((added("p1"), added("p2", 2), placed()), (of(p1=1, p2=2),), id="every line"),
        pytest.param((added("p1", **INFO), placed()), (of(p1=1),), id="a doubtful add that took place"),
        pytest.param((added("p2"), added("p1", **INFO), placed()), (of(p2=1),), id="one that did not"),
        pytest.param((added("p1", **INFO), added("p1"), placed()), (of(p1=1),), id="doubtful, then done"),
        pytest.param((added("p1"), added("p2", at=4), placed()), (of(p1=1),), id="added after the order"),
        pytest.param((added("p1"), added("p2", at=3), placed()), (of(p1=1),), id="at the same moment"),
        pytest.param((added("p1"), viewed(1)), (), id="a view"),
        pytest.param((added("p1"), viewed(0, at=1)), (), id="a view at the same moment as the add"),
        pytest.param((added("p1"), viewed(9, **INFO)), (), id="a view that timed out is no evidence"),
        pytest.param((added("p1"), placed(at=2), viewed(0, at=3)), (of(p1=1),), id="empty after the order"),
        pytest.param(
            (added("p1"), placed(at=2, **INFO), EMPTY), (), id="the first attempt may have taken it"
        ),
        pytest.param((EMPTY,), (), id="told empty, and it was"),
        pytest.param((added("p1"), placed("", outcome="fail", error="coupon_used_up")), (), id="another no"),
        pytest.param((added("p1"), placed("", outcome="info", error="empty_cart")), (), id="an unknown no"),
        pytest.param((added("p1"), placed()), (), id="the order is lost: another's matter"),
        pytest.param(
            (added("p1"), placed("o1"), added("p2", at=4), placed("o2", at=5)),
            (of(p1=1), of("o2", p2=1)),
            id="two carts, one after another",
        ),
        pytest.param(
            (added("p1"), viewed(0), Row(kind=Kind.DROP, f=Drop.ABORTED, visit=-1)), (), id="the visit died"
        ),
        pytest.param((added("p1"), placed()), (of(p1=1), of("o9", shopper="x", p1=5)), id="others' orders"),
    ],
)
def test_held(rows: tuple[Row, ...], parts: tuple[Part, ...]) -> None:
    """What may have been in the cart is no violation, wherever the doubt lies."""
    whole = asked("cart_add", 1, shopper="w", visit=7, intent="cart:w", sku="p1", qty=1)
    ordered = asked("order", 2, shopper="w", visit=7, intent="buy:w", order_id="w")
    kept = order("w", shopper="w", lines=(OrderLine(sku="p1", qty=1, price_cents=1),))
    finding = judged((*rows, whole, ordered), *parts, kept)

    assert (finding.status, finding.ids) == (Status.PASS, ())


@pytest.mark.parametrize(
    ("rows", "final", "words"),
    [
        pytest.param((added("p1"), placed()), FinalReadings(), "reading the orders", id="no orders"),
        pytest.param((added("p1"), viewed(1)), readings(), "nobody ordered a cart", id="nobody ordered"),
        pytest.param((), readings(of(p1=1)), "nobody ordered a cart", id="nobody of ours"),
        pytest.param(
            (added("p1"), placed()), readings(), "no order is read with the intent", id="read without intents"
        ),
    ],
)
def test_unproven(rows: tuple[Row, ...], final: FinalReadings, words: str) -> None:
    """Without the books, or an order of a cart, nothing is proven."""
    finding = check(Books.of(told(*rows), final), PLAN)

    assert (finding.status, words in finding.summary.lower()) == (Status.INCONCLUSIVE, True)


def test_views_alone_are_proof() -> None:
    """A cart that shows too little needs no reading."""
    rows = told(added("p1"), viewed(0))

    assert check(Books.of(rows, FinalReadings()), PLAN).ids == (WHO,)
