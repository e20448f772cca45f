from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest

from rehearsal.model.history import Step
from rehearsal.model.plan import VisitKind
from scenarios.browse import browse
from scenarios.visit import Basis

from .conftest import FakeShop, Shopped

Visiting = Callable[[VisitKind], Shopped]


def test_a_shop_that_needs_no_opening_lets_everybody_in(
    visiting: Visiting, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An adapter whose open() asks nothing leaves no row."""
    shopped = visiting(VisitKind.BROWSE)
    monkeypatch.setattr(shopped.visit.shop, "open", lambda: None)

    assert shopped.visit.open()
    assert shopped.rows == []


def test_without_think_time_steps_follow_at_once(visiting: Visiting) -> None:
    """A think time of 0 makes each step due when the one before is done."""
    shopped = visiting(VisitKind.BROWSE)
    shopped.visit.basis = Basis(sale_sku="flash", limit_per_shopper=1, think_s=0)
    shopped.visit.open()
    browse(shopped.visit)

    assert all(later.due_ns == row.done_ns for row, later in pairwise(shopped.rows))


@pytest.mark.parametrize("returned", [None, True, "<html>"], ids=["nothing", "a condition", "a page"])
def test_an_adapter_that_answers_nothing_is_told(visiting: Visiting, returned: Any) -> None:
    """A step without an Answer is the adapter's mistake, said with its name and the mend."""
    shopped = visiting(VisitKind.BROWSE)

    with pytest.raises(TypeError, match=r"MockStorefront returned .* and no Answer for product; let it"):
        shopped.visit.step(Step.PRODUCT, lambda: returned)


def test_behaviour_follows_from_the_seed(visiting: Visiting, fake_shop: FakeShop) -> None:
    """The same arrival and seed ask for the same pages."""
    for _ in range(2):
        shopped = visiting(VisitKind.BROWSE)
        shopped.visit.open()
        browse(shopped.visit)
    paths = [path for path in fake_shop.paths() if path != "/route"]

    assert paths[: len(paths) // 2] == paths[len(paths) // 2 :]
