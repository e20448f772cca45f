"""What walked visits show besides refusals."""

import pytest

from rehearsal.model.history import Outcome
from rehearsal.model.plan import VisitKind
from rehearsal.pipeline.tryout.child import Tried
from rehearsal.pipeline.tryout.sight import Sight, State
from rehearsal.pipeline.tryout.visits import exchanges_of, visits_seen
from scenarios.tryout.told import Began, StepTold, Told, VisitTold
from tests.hostile.tried import tried

HERE = "tests.hostile.storefront:"


def seen(walked: Tried) -> tuple[Sight, ...]:
    """Return what is said of a walk."""
    return visits_seen(walked, 0.5)


def _said(step: str, outcome: str, error: str = "", **facts: object) -> StepTold:
    return StepTold(kind=VisitKind.CART, step=step, shopper="s1", outcome=outcome, error=error, facts=facts)


def test_a_visit_that_goes_well_is_praised() -> None:
    """One sentence for each kind."""
    found = seen(tried({}, VisitKind.BROWSE, VisitKind.CART))

    assert [(sight.state, sight.sentence.partition(":")[0]) for sight in found] == [
        (State.OK, "browse"),
        (State.OK, "cart"),
    ]


def test_a_visit_with_an_ailment_is_not() -> None:
    """A cart may be ordered though its product page never came; that is no visit as a shopper wants it."""
    found = seen(tried({"/products": "missing"}))

    assert [sight.state for sight in found] == [State.WRONG]


def test_an_adapter_that_breaks_is_named_with_the_answer_before() -> None:
    """File, line, function and exception, and what the shop had said."""
    found = seen(tried({"/orders": "html"}, adapter=f"{HERE}CarelessStorefront"))

    assert [sight.state for sight in found] == [State.WRONG]
    assert found[0].sentence.startswith("cart: the adapter broke at storefront.py:")
    assert "in order(): TypeError: " in found[0].sentence
    assert found[0].sentence.endswith(
        "the answer before was 200 with an HTML page titled “Please sign in” to POST /orders."
    )


def test_an_adapter_without_products_is_told_so() -> None:
    """The sentence is its own mend, and has no line."""
    found = seen(tried({}, VisitKind.BROWSE, adapter=f"{HERE}EmptyStorefront"))

    assert found[0].sentence.startswith("browse: the adapter broke: The adapter's `catalogue` is empty;")


def test_an_answer_without_a_number_cannot_be_audited() -> None:
    """An ok that names no order is a lie to the audit; without an amount it only says less."""
    found = seen(tried({}, adapter=f"{HERE}VagueStorefront"))
    states = {sight.sentence.partition(": ")[2][:40]: sight.state for sight in found}

    assert states["the adapter's answer is ok without an or"] is State.WRONG
    assert states["the adapter's answer names no amount_cen"] is State.WARN


@pytest.mark.parametrize(
    "end",
    [
        pytest.param((_said("pay", Outcome.FAIL, "sold_out", sku="p1", qty=1),), id="refused"),
        pytest.param((VisitTold(kind=VisitKind.CART, broke="KeyError: 'no'"),), id="the adapter broke"),
        pytest.param((_said("pay", Outcome.OK, order_id="o1", sku="p1", qty=1),), id="paid"),
    ],
)
def test_where_paying_makes_the_order_none_is_asked_for_before(end: tuple[Told, ...]) -> None:
    """Nor is it while nobody knows whether paying would have named it."""
    ordered = _said("order", Outcome.OK, sku="p1", qty=1, amount_cents=1990)

    assert not [sight for sight in seen(Tried(told=(ordered, *end))) if "order_id" in sight.sentence]


def test_a_page_read_as_ok_is_a_warning() -> None:
    """Whoever asks with JSON and takes a page for a yes does not look."""
    found = seen(tried({"/cart": "html"}))

    assert [sight.state for sight in found] == [State.WARN, State.OK]
    assert "titled “Please sign in” to POST /cart as ok, though it asked with JSON" in found[0].sentence


@pytest.mark.parametrize(
    ("told", "where"),
    [
        pytest.param((Began(kind=VisitKind.CART, step="pay"),), "cart, step pay: ", id="in a step"),
        pytest.param((), "before its first step: ", id="before the first"),
    ],
)
def test_a_walk_that_never_ended_says_where(told: tuple[Began, ...], where: str) -> None:
    """The last step that began is where the adapter waits."""
    found = seen(Tried(told=told, ended="it did not end within 9 s"))

    assert found[0].state is State.WRONG
    assert found[0].sentence.startswith(f"{where}the walk did not end by itself (it did not end within 9 s)")


def test_a_visit_that_was_left_is_neither_praised_nor_blamed() -> None:
    """There is nothing to say of it."""
    assert seen(Tried(told=(VisitTold(kind=VisitKind.CART),))) == ()


def test_every_request_counts() -> None:
    """Those of a step that broke too."""
    walked = tried({"/orders": "html"}, adapter=f"{HERE}CarelessStorefront")
    paths = [one.url.rpartition("/")[2] for one in exchanges_of(walked)]

    assert paths == ["login", "p1", "cart", "orders"]
