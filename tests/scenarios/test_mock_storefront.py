from typing import Any

import msgspec
import pytest

from rehearsal.model.history import Outcome
from scenarios.mock_storefront import MockStorefront
from scenarios.reply import Reply
from scenarios.storefront import Endpoints


class OneAnswer:
    """A network on which every request gets the same answer."""

    give_up_s: float | None = None

    def __init__(self, body: object) -> None:
        """Take the body."""
        self.body = body

    def request(self, *_: Any, **__: Any) -> Reply:
        """Answer 200."""
        return Reply(sent_ns=1, done_ns=2, status=200, body=msgspec.json.encode(self.body))


@pytest.mark.parametrize(
    ("lines", "outcome"),
    [
        pytest.param([{"sku": "p1", "qty": 2}], Outcome.OK, id="it holds them"),
        pytest.param([{"sku": "p1", "qty": 1}], Outcome.INFO, id="too few"),
        pytest.param([], Outcome.INFO, id="an empty cart"),
        pytest.param(None, Outcome.INFO, id="no cart"),
        pytest.param(5, Outcome.INFO, id="a number for a cart"),
        pytest.param(["p1"], Outcome.INFO, id="texts for lines"),
        pytest.param([{"sku": "p1", "qty": "two"}], Outcome.INFO, id="a word for a count"),
    ],
)
def test_a_cart_must_hold_what_was_put_in(lines: object, outcome: Outcome) -> None:
    """A 200 with another body, of whatever shape, is info: it proves nothing, and it breaks nothing."""
    shop = MockStorefront(OneAnswer({"lines": lines}), "s", Endpoints(url="http://d"))

    assert outcome is shop.add_to_cart("p1", 2, "i").outcome
