"""I26: captures with, without and beyond their authorization."""

import pytest

from chaos.invariants.books import Books
from chaos.invariants.i26_capture_authorized import check
from rehearsal.model.readings import ChargeReading, FinalReadings
from rehearsal.model.verdict import Status
from tests.chaos.invariants.conftest import PLAN, PRICE, charge, readings, told

AUTHORIZED = charge("authorize", "o1")
CAPTURED = charge("capture", "o1")


@pytest.mark.parametrize(
    ("charges", "status", "ids"),
    [
        pytest.param([AUTHORIZED, CAPTURED], Status.PASS, (), id="authorized and captured"),
        pytest.param([CAPTURED, AUTHORIZED], Status.PASS, (), id="a ledger has its own order"),
        pytest.param([AUTHORIZED, charge("capture", "o1", cents=40)], Status.PASS, (), id="captured in part"),
        pytest.param([AUTHORIZED, charge("authorize", "o2"), CAPTURED], Status.PASS, (), id="one is open"),
        pytest.param(
            [AUTHORIZED, CAPTURED, charge("capture", "o2")],
            Status.FAIL,
            ("o2",),
            id="one was never so",
        ),
        pytest.param(
            [AUTHORIZED, charge("capture", "o1", cents=PRICE + 1)], Status.FAIL, ("o1",), id="a cent too much"
        ),
        pytest.param([AUTHORIZED, CAPTURED, CAPTURED], Status.FAIL, ("o1",), id="captured twice"),
        pytest.param(
            [AUTHORIZED, charge("capture", "o1", payment="other")],
            Status.FAIL,
            ("o1",),
            id="for another",
        ),
        pytest.param([AUTHORIZED], Status.INCONCLUSIVE, (), id="nothing was captured"),
        pytest.param([CAPTURED], Status.FAIL, ("o1",), id="no authorization at all"),
        pytest.param([], Status.INCONCLUSIVE, (), id="an empty ledger"),
    ],
)
def test_authorizations(charges: list[ChargeReading], status: Status, ids: tuple[str, ...]) -> None:
    """A capture is covered by the authorization of the same payment."""
    finding = check(Books.of(told(), readings(*charges)), PLAN)

    assert (status, ids) == (finding.status, finding.ids)


def test_another_shops_ledger_may_not_tell_of_authorizations() -> None:
    """The adapter may not read them; only of the mock provider it is known that it has some."""
    target = PLAN.target.model_copy(update={"shop": "url"})
    theirs = PLAN.model_copy(update={"target": target})
    finding = check(Books.of(told(), readings(CAPTURED)), theirs)

    assert (finding.status, "authorizations" in finding.summary) == (Status.INCONCLUSIVE, True)


def test_without_the_ledger_nothing_is_known() -> None:
    """The sentence says which reading would settle it."""
    finding = check(Books.of(told(), FinalReadings()), PLAN)

    assert (finding.status, "the provider's ledger" in finding.summary) == (Status.INCONCLUSIVE, True)
