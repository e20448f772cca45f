"""I22 seen failing: two confirmations, none, and one for what was never sold."""

import pytest

from chaos.invariants.books import Books
from chaos.invariants.i22_confirmed_once import check
from rehearsal.model.readings import FinalReadings
from rehearsal.model.verdict import Finding, Status
from tests.chaos.invariants.conftest import PLAN, Part, confirmed, order, readings, told


def judged(*parts: Part, undecided: int = 0) -> Finding:
    """Return the finding on books alone."""
    return check(Books.of(told(), readings(*parts, undecided=undecided)), PLAN)


@pytest.mark.parametrize(
    "parts",
    [
        pytest.param((order("o1"), confirmed("o1", 2)), id="twice"),
        pytest.param((order("o1"), confirmed("o1"), confirmed("o1")), id="twice, in two lists"),
        pytest.param((confirmed("o1", 2),), id="twice, for an order nobody knows"),
        pytest.param((order("o1"),), id="never, and nobody thought of it"),
        pytest.param((order("o1", "confirmed"), confirmed("o1", 0)), id="never, on account"),
        pytest.param((order("o1", "expired"), confirmed("o1")), id="though it expired"),
        pytest.param((order("o1", "pending_payment"), confirmed("o1")), id="though it was never paid"),
    ],
)
def test_not_once(parts: tuple[Part, ...]) -> None:
    """Anything but one confirmation for what was sold is a FAIL."""
    finding = judged(order("o2"), confirmed("o2"), *parts)

    assert (finding.status, finding.ids) == (Status.FAIL, ("o1",))


@pytest.mark.parametrize(
    "parts",
    [
        pytest.param((order("o1"), confirmed("o1")), id="once"),
        pytest.param(
            (order("o1"), confirmed("o1"), order("o2", "expired"), confirmed("o2", 0)), id="expired"
        ),
        pytest.param((order("o1", "cancelled"), confirmed("o1")), id="confirmed, and cancelled later"),
        pytest.param((order("o1"), confirmed("o1"), order("o2", "cancelled")), id="cancelled at once"),
    ],
)
def test_once(parts: tuple[Part, ...]) -> None:
    """One confirmation for each order that was sold is a PASS."""
    assert Status.PASS is judged(*parts).status


@pytest.mark.parametrize(
    ("final", "words"),
    [
        pytest.param(FinalReadings(orders=(order("o1"),)), "reading the confirmations", id="not read"),
        pytest.param(FinalReadings(confirmations=(confirmed("o1"),)), "reading the orders", id="no orders"),
        pytest.param(readings(), "nobody was sent", id="nothing was sold"),
        pytest.param(
            readings(order("o1"), order("o2"), confirmed("o1"), undecided=1),
            "still to be sent",
            id="on its way",
        ),
    ],
)
def test_unproven(final: FinalReadings, words: str) -> None:
    """Without both books, or with letters still on their way, nothing is proven."""
    finding = check(Books.of(told(), final), PLAN)

    assert (finding.status, words in finding.summary.lower()) == (Status.INCONCLUSIVE, True)


def test_an_order_that_was_still_open_may_have_been_paid_since() -> None:
    """A confirmation for an order that was pending when it was read is no proof."""
    books = (order("o1", "pending_payment"), confirmed("o1"), order("o2"), confirmed("o2"))

    assert Status.PASS is judged(*books, undecided=1).status
    assert Status.FAIL is judged(*books).status


def test_confirmations_alone_prove_two() -> None:
    """No order is needed to see one too many."""
    final = FinalReadings(confirmations=(confirmed("o1", 2),))

    assert check(Books.of(told(), final), PLAN).ids == ("o1",)
