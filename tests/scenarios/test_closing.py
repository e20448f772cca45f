"""When a run's last visits end, and that a shop's slow answers do not put it off."""

import math
from collections.abc import Callable

import pytest

from rehearsal.model.clock import NS_PER_S
from rehearsal.model.plan import VisitKind
from scenarios.browse import browse
from scenarios.closing import LAST_VISITS_S, Closing
from scenarios.visit import Abandoned

from .conftest import SLOW, FakeShop, Shopped

Visiting = Callable[[VisitKind], Shopped]


def test_a_page_that_drips_is_waited_for_until_the_closing(visiting: Visiting, fake_shop: FakeShop) -> None:
    """Its row says that it was given up, at the very instant; nothing is asked afterwards."""
    closing = Closing(30 * NS_PER_S)
    fake_shop.script |= {path: [(SLOW, 20.0)] for path in fake_shop.script if path.startswith("/products")}
    shopped = visiting(VisitKind.BROWSE)
    shopped.visit._closing = closing
    shopped.visit.open()

    with pytest.raises(Abandoned):
        browse(shopped.visit)
    assert [row.error for row in shopped.rows if row.f == "product"] == ["timeout", "given_up"]
    assert shopped.rows[-1].outcome == "info"
    assert shopped.rows[-1].done_ns == closing.at_ns


@pytest.mark.parametrize("late_ns", [pytest.param(0, id="at it"), pytest.param(NS_PER_S, id="after it")])
def test_what_is_due_at_the_closing_is_not_asked(
    visiting: Visiting, fake_shop: FakeShop, late_ns: int
) -> None:
    """Nor is it waited for: whoever thinks for longer has left."""
    shopped = visiting(VisitKind.BROWSE)
    shopped.visit._closing = Closing(shopped.visit.due_ns - late_ns)

    with pytest.raises(Abandoned):
        shopped.visit.open()
    assert (fake_shop.asked, fake_shop.pace.at_ns) == ([], 0)


def test_a_visit_that_wakes_after_it_has_left(visiting: Visiting, fake_shop: FakeShop) -> None:
    """The closing may be told while a shopper thinks."""
    shopped = visiting(VisitKind.BROWSE)
    fake_shop.pace.at_ns = NS_PER_S
    shopped.visit._closing = Closing(NS_PER_S)

    with pytest.raises(Abandoned):
        shopped.visit.open()
    assert fake_shop.asked == []


def test_the_closing_only_comes_nearer() -> None:
    """A run that is stopped closes sooner than its plan says, and no later."""
    closing = Closing()
    seen = [closing.at_ns]
    for end_s in (100, 40, 60):
        closing.after(end_s * NS_PER_S)
        seen.append(closing.at_ns)

    last_ns = LAST_VISITS_S * NS_PER_S
    assert seen == [math.inf, 100 * NS_PER_S + last_ns, 40 * NS_PER_S + last_ns, 40 * NS_PER_S + last_ns]


@pytest.mark.parametrize(
    ("at_ns", "own_s", "expected"),
    [
        pytest.param(math.inf, None, None, id="nobody knows when it is, and she is patient"),
        pytest.param(math.inf, 3.0, 3.0, id="nobody knows when it is"),
        pytest.param(9 * NS_PER_S, None, 4.0, id="she is patient"),
        pytest.param(9 * NS_PER_S, 3.0, 3.0, id="she will not wait so long"),
        pytest.param(9 * NS_PER_S, 5.0, 4.0, id="she would wait longer"),
        pytest.param(4 * NS_PER_S, None, 0.001, id="it has been, and 0 would mean not to connect"),
    ],
)
def test_how_long_an_answer_is_waited_for(at_ns: float, own_s: float | None, expected: float | None) -> None:
    """To her own limit or to the closing, five seconds after the origin."""
    assert expected == Closing(at_ns).limit_s(own_s, 5 * NS_PER_S)
