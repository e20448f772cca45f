"""I24 seen failing: numbers used twice, shared, lacking, and shoppers who were overtaken."""

import pytest
from msgspec.structs import replace

from chaos.invariants.books import Books
from chaos.invariants.i24_queue_fair import check
from rehearsal.model.history import Row
from rehearsal.model.readings import FinalReadings, TokenReading
from rehearsal.model.verdict import Finding, Status
from tests.chaos.invariants.conftest import PLAN, Part, asked, bought, order, readings, told


def number(name: str, place: int = 1, *, admitted: int = 0, uses: int = 0) -> TokenReading:
    """Return the number of the shopper of an order of that name."""
    return TokenReading(token=f"q-{name}", shopper=f"s-{name}", place=place, admitted=admitted, uses=uses)


def drew(name: str, *, at: int, **rest: str) -> Row:
    """Return the answer to a shopper who drew her number."""
    return asked("queue", at, **{"shopper": f"s-{name}", "payment_id": f"q-{name}", **rest})


def judged(rows: tuple[Row, ...], *parts: Part) -> Finding:
    """Return the finding on rows and books."""
    return check(Books.of(told(*rows), readings(*parts)), PLAN)


USED = number("w", place=90, admitted=90, uses=1)
FIRST, SECOND = number("o1", 1, admitted=1, uses=1), number("o2", 2, admitted=2, uses=1)


@pytest.mark.parametrize(
    ("rows", "parts", "named"),
    [
        pytest.param((), (replace(FIRST, uses=2),), "q-o1", id="used twice"),
        pytest.param(
            (drew("o1", at=1), drew("o2", at=2, payment_id="q-o1")), (), "q-o1", id="given to two shoppers"
        ),
        pytest.param((), (FIRST, FIRST), "q-o1", id="stands twice in the queue"),
        pytest.param((), (number("o1"), order("o1")), "s-o1", id="an order, and the number not used"),
        pytest.param((), (order("o1"),), "s-o1", id="an order without a number"),
        pytest.param(
            (), (FIRST, order("o1"), order("o9", shopper="s-o1")), "s-o1", id="two orders, one number"
        ),
        pytest.param(
            (drew("o1", at=1), drew("o2", at=2)), (number("o1", 2), number("o2", 1)), "q-o1", id="place taken"
        ),
        pytest.param(
            (bought("o1", at=1), bought("o2", at=2)),
            (replace(FIRST, admitted=2), replace(SECOND, admitted=1)),
            "q-o1",
            id="let in after one who came later, with a higher number",
        ),
    ],
)
def test_unfair(rows: tuple[Row, ...], parts: tuple[Part, ...], named: str) -> None:
    """A number that is good for more than one order, or no place in the queue, is a FAIL."""
    finding = judged(rows, USED, *parts)

    assert (finding.status, named in finding.ids) == (Status.FAIL, True)


@pytest.mark.parametrize(
    ("rows", "parts"),
    [
        pytest.param((drew("o1", at=1), drew("o2", at=2)), (FIRST, SECOND), id="in order"),
        pytest.param((), (FIRST, order("o1")), id="one order, one number"),
        pytest.param((), (FIRST, order("o1", "expired")), id="its order expired"),
        pytest.param((drew("o1", at=2), drew("o2", at=2)), (number("o1", 2), number("o2", 1)), id="at once"),
        pytest.param(
            (drew("o1", at=1, outcome="info"), drew("o1", at=3), drew("o2", at=2)),
            (FIRST, SECOND),
            id="drawn by the first attempt, whose answer was lost",
        ),
        pytest.param(
            (bought("o2", at=1), bought("o1", at=2)),
            (replace(FIRST, admitted=2), replace(SECOND, admitted=1)),
            id="let in as they came",
        ),
        pytest.param(
            (bought("o2", at=1), bought("o1", at=2)),
            (FIRST, SECOND),
            id="let in by number, though she came later",
        ),
        pytest.param(
            (drew("o1", at=1), drew("o2", at=2)),
            (number("o1", 2), replace(number("o1", 3), token="q-x"), number("o2", 1)),
            id="with two numbers she has no one place",
        ),
        pytest.param((drew("o1", at=1, payment_id=""),), (FIRST,), id="an answer that names no number"),
        pytest.param(
            (drew("o1", at=1), drew("o2", at=2, payment_id="q-o1", outcome="info")),
            (FIRST,),
            id="an answer that was cut short is no proof",
        ),
    ],
)
def test_fair(rows: tuple[Row, ...], parts: tuple[Part, ...]) -> None:
    """What overlapped may go either way, and a shop may let in by number or by arrival."""
    finding = judged(rows, USED, *parts)

    assert (finding.status, finding.ids) == (Status.PASS, ())


@pytest.mark.parametrize(
    ("final", "words"),
    [
        pytest.param(FinalReadings(), "reading the queue's numbers", id="not read"),
        pytest.param(readings(), "no number of the queue was used", id="nobody drew"),
        pytest.param(readings(number("o1")), "no number of the queue was used", id="nobody bought"),
    ],
)
def test_unproven(final: FinalReadings, words: str) -> None:
    """Without numbers, or their use, nothing is proven."""
    finding = check(Books.of(told(), final), PLAN)

    assert (finding.status, words in finding.summary.lower()) == (Status.INCONCLUSIVE, True)


def test_the_numbers_alone_are_proof() -> None:
    """No order is needed to see a number used twice."""
    final = FinalReadings(tokens=(replace(FIRST, uses=2),))

    assert check(Books.of(told(), final), PLAN).ids == ("q-o1",)
