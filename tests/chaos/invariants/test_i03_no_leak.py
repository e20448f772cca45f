"""I3 seen failing: units reserved for nobody, reservations without an end, buyers refused for no reason."""

import pytest

from chaos.invariants.books import Books
from chaos.invariants.i03_no_leak import check
from rehearsal.model.history import Row
from rehearsal.model.plan import Plan
from rehearsal.model.plan_shop import Store, Target
from rehearsal.model.readings import FinalReadings, OrderLine
from rehearsal.model.verdict import Finding, Status
from tests.chaos.invariants.conftest import (
    GOOD_BOOKS,
    GOOD_ROWS,
    PLAN,
    Part,
    bought,
    charge,
    order,
    paid,
    readings,
    sold_out,
    stock,
    told,
)

PENDING = order("o1", "pending_payment")
HELD = stock(0, reserved=1)
DOUBT = paid("o1", outcome="info", error="timeout")
ELSEWHERE = PLAN.model_copy(update={"target": Target(shop="url", url="http://127.0.0.1:1")})


def judged(rows: tuple[Row, ...], *parts: Part, plan: Plan = PLAN) -> Finding:
    """Return the finding on rows and books."""
    return check(Books.of(told(*rows), readings(*parts)), plan)


@pytest.mark.parametrize(
    ("rows", "parts", "ids"),
    [
        pytest.param((), (order("o1"), stock(1, reserved=1)), ("flash",), id="a unit reserved for nobody"),
        pytest.param((), (PENDING, stock(0, reserved=2)), ("flash", "o1"), id="for one too many"),
        pytest.param((bought("o1"),), (PENDING, HELD), ("o1",), id="never paid, and never freed"),
        pytest.param(
            (bought("o1"), paid("o1", outcome="fail", error="declined")),
            (PENDING, HELD),
            ("o1",),
            id="declined, and never freed",
        ),
        pytest.param(
            (sold_out(intent="late"),), (order("o9", "expired"), stock(0)), ("late",), id="refused at once"
        ),
        pytest.param(
            (bought("o1", at=1), sold_out(at=2, intent="late")),
            (order("o1"), stock(1)),
            ("late",),
            id="refused with one unit left",
        ),
        pytest.param(
            (*(bought("o1", at=at) for at in (1, 2)), sold_out(at=3, intent="late")),
            (order("o1"), stock(1)),
            ("late",),
            id="two attempts take one unit",
        ),
        pytest.param(
            (bought("", at=1, outcome="info", intent="a"), sold_out(at=2, intent="late")),
            (order("o1", intent="a"), stock(1)),
            ("late",),
            id="an order of unknown outcome took one of two",
        ),
    ],
)
def test_leaks(rows: tuple[Row, ...], parts: tuple[Part, ...], ids: tuple[str, ...]) -> None:
    """A unit that nobody can buy any more, or could not though it was there, is a FAIL."""
    finding = judged(rows, *parts)

    assert (finding.status, finding.ids) == (Status.FAIL, ids)


@pytest.mark.parametrize(
    ("rows", "parts"),
    [
        pytest.param(GOOD_ROWS, GOOD_BOOKS, id="sold out"),
        pytest.param((bought("o1"),), (order("o1", "expired"), stock(0)), id="ran out and was freed"),
        pytest.param((bought("o1"), DOUBT), (PENDING, HELD), id="in doubt: another's matter"),
        pytest.param(
            (bought("o1"),), (PENDING, HELD, charge("authorize", "o1")), id="the provider knows of it"
        ),
        pytest.param(
            (bought("", at=1, qty=2, outcome="info", intent="a"), sold_out(at=2)),
            (order("o1", "expired"), stock(0)),
            id="an answer that was lost may have taken both",
        ),
        pytest.param(
            (bought("o1", at=1), sold_out(at=2, qty=2)), (order("o1"), stock(1)), id="two wanted, one left"
        ),
        pytest.param((sold_out(error="busy"),), (order("o1"), stock(1)), id="turned away for another reason"),
        pytest.param(
            (*(bought("o1", at=at, qty=2, outcome="info") for at in (1, 9)), sold_out(at=5)),
            (order("o1", qty=2), stock(2)),
            id="an intent's first attempt counts",
        ),
        pytest.param(
            (sold_out(at=2),), (order("o8", qty=2, intent="bot"), stock(2)), id="others bought it all"
        ),
        pytest.param(
            (bought("o1", at=1), bought("o2", at=3), sold_out(at=3)),
            (order("o1"), order("o2"), stock(2)),
            id="both at the same time",
        ),
        pytest.param(
            (sold_out(sku="p1"),),
            (order("o1"), stock(1)),
            id="another product, whose stock is not in the plan",
        ),
    ],
)
def test_no_leak(rows: tuple[Row, ...], parts: tuple[Part, ...]) -> None:
    """What may have been held at that moment, and what is still in doubt, excuses the shop."""
    assert Status.PASS is judged(rows, *parts).status


@pytest.mark.parametrize(
    ("final", "words"),
    [
        pytest.param(FinalReadings(), "reading the stock and the orders", id="nothing was read"),
        pytest.param(FinalReadings(orders=(PENDING,)), "reading the stock after", id="no stock"),
        pytest.param(FinalReadings(stock=(HELD,)), "reading the orders after", id="no orders"),
        pytest.param(readings(stock(0)), "nothing was ever reserved", id="nobody ordered"),
    ],
)
def test_unproven(final: FinalReadings, words: str) -> None:
    """Without both books, or a single order, nothing is proven."""
    finding = check(Books.of(told(), final), PLAN)

    assert Status.INCONCLUSIVE is finding.status
    assert words in finding.summary.lower()


@pytest.mark.parametrize(
    ("plan", "status"),
    [
        pytest.param(ELSEWHERE, Status.INCONCLUSIVE, id="another shop"),
        pytest.param(
            PLAN.model_copy(update={"store": Store(reservation_s=60.0)}), Status.PASS, id="not waited for"
        ),
    ],
)
def test_a_reservation_whose_time_is_not_over_is_no_leak(plan: Plan, status: Status) -> None:
    """How long a reservation lasts is known of the mock shop, and judged if it was waited for."""
    assert status is judged((bought("o1"),), PENDING, HELD, plan=plan).status


@pytest.mark.parametrize(
    ("plan", "status"),
    [pytest.param(PLAN, Status.FAIL, id="mock"), pytest.param(ELSEWHERE, Status.PASS, id="url")],
)
def test_what_was_read_while_orders_were_open(plan: Plan, status: Status) -> None:
    """Another shop's stock may have been read before an order that was still open expired."""
    final = readings(order("o1", "expired"), stock(0, reserved=1), undecided=1)

    assert status is check(Books.of(told(), final), plan).status


def test_products_that_are_not_on_sale_count_too() -> None:
    """A unit of the catalogue may leak as well."""
    line = OrderLine(sku="p1", qty=1, price_cents=1)
    books = (order("o1", lines=(line,)), stock(0), stock(1, reserved=1, sku="p1"))

    assert judged((), *books).ids == ("p1",)


def test_what_was_tested_is_said() -> None:
    """The sentence counts the reservations that ran out."""
    assert "1 reservations ran out and were freed" in judged((), order("o1", "expired"), stock(0)).summary
