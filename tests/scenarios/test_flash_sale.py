"""What a buy is about, if the shop's answer leaves it out."""

from collections.abc import Callable
from typing import Any

import pytest
from msgspec.structs import replace

from rehearsal.model.plan import VisitKind
from scenarios.flash_sale import flash_sale
from scenarios.mock_storefront import MockStorefront
from scenarios.storefront import Answer
from tests.scenarios.conftest import Shopped


@pytest.mark.parametrize(
    ("named", "expected"),
    [
        pytest.param({"sku": "", "qty": 0}, ("flash", 1), id="nothing named: what was asked for"),
        pytest.param({"sku": "other", "qty": 2}, ("other", 2), id="what the shop says stands"),
    ],
)
def test_an_order_is_of_what_the_shop_says_or_else_of_what_was_asked(
    named: dict[str, Any],
    expected: tuple[str, int],
    visiting: Callable[[VisitKind], Shopped],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The audit counts units: an answer without them must not go uncounted."""
    flash_buy = MockStorefront.flash_buy

    def saying(self: MockStorefront, sku: str, qty: int, intent: str) -> Answer:
        return replace(flash_buy(self, sku, qty, intent), **named)

    monkeypatch.setattr(MockStorefront, "flash_buy", saying)
    shopped = visiting(VisitKind.FLASH_SALE)
    shopped.visit.open()
    flash_sale(shopped.visit)
    row = next(row for row in shopped.rows if row.f == "flash_buy")

    assert (row.sku, row.qty) == expected


def test_a_buy_without_an_answer_is_the_adapter_s_mistake(
    visiting: Callable[[VisitKind], Shopped], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is named, as any other method's would be."""
    monkeypatch.setattr(MockStorefront, "flash_buy", lambda *_: None)
    shopped = visiting(VisitKind.FLASH_SALE)
    shopped.visit.open()

    with pytest.raises(TypeError, match="MockStorefront returned no Answer for flash_buy"):
        flash_sale(shopped.visit)
