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

    def __init__(self, body: object, status: int = 200) -> None:
        """Take the body and the status."""
        self.body = body
        self.status = status

    def request(self, *_: Any, **__: Any) -> Reply:
        """Answer."""
        return Reply(sent_ns=1, done_ns=2, status=self.status, body=msgspec.json.encode(self.body))


def asked(body: object, status: int = 200) -> MockStorefront:
    """Return a shop that answers everything so."""
    return MockStorefront(OneAnswer(body, status), "s", Endpoints(url="http://d"))


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


@pytest.mark.parametrize(
    ("cart", "outcome", "units"),
    [
        pytest.param({"shopper": "s", "lines": [{"qty": 2}, {"qty": 1}]}, Outcome.OK, 3, id="three units"),
        pytest.param({"shopper": "s", "lines": []}, Outcome.OK, 0, id="an empty cart"),
        pytest.param({"shopper": "t", "lines": []}, Outcome.INFO, 0, id="somebody else's cart"),
        pytest.param({"shopper": "s"}, Outcome.INFO, 0, id="no lines"),
        pytest.param(
            {"shopper": "s", "lines": [{"sku": "p1"}]}, Outcome.INFO, 0, id="a line without a count"
        ),
        pytest.param({"shopper": "s", "lines": [{"qty": "x"}]}, Outcome.INFO, 0, id="a word for a count"),
    ],
)
def test_a_look_at_the_cart(cart: object, outcome: Outcome, units: int) -> None:
    """All its units are counted; what is no cart of hers proves nothing."""
    answer = asked(cart).cart()

    assert (outcome, units) == (answer.outcome, answer.qty)


@pytest.mark.parametrize(
    ("status", "error", "outcome", "said"),
    [
        pytest.param(429, "busy", Outcome.FAIL, "busy", id="too many wait"),
        pytest.param(429, None, Outcome.FAIL, "busy", id="whatever else it says"),
        pytest.param(503, "moving", Outcome.FAIL, "busy", id="its writes are being moved"),
        pytest.param(503, "unavailable", Outcome.FAIL, "unavailable", id="the database is down"),
        pytest.param(507, "unavailable", Outcome.FAIL, "unavailable", id="the disk is full"),
        pytest.param(503, "no_region", Outcome.INFO, "http_503", id="a 503 that promises nothing"),
        pytest.param(500, "internal", Outcome.INFO, "http_500", id="a crash"),
        pytest.param(503, None, Outcome.INFO, "http_503", id="a 503 without a word"),
        pytest.param(403, "no_token", Outcome.FAIL, "no_token", id="a business answer"),
    ],
)
def test_what_is_certainly_not_done(status: int, error: str | None, outcome: Outcome, said: str) -> None:
    """Only an error with which the shop promises it; any other 5xx may have done the work."""
    answer = asked({"error": error} if error else [], status).flash_buy("flash", 1, "i")

    assert (outcome, said) == (answer.outcome, answer.error)


def test_a_number_once_drawn_is_kept() -> None:
    """A second answer without one does not lose it."""
    network = OneAnswer({"token": "t1"})
    shop = MockStorefront(network, "s", Endpoints(url="http://d"))

    assert shop.queue("flash", "i").payment_id == "t1"
    network.body = {}
    assert shop.queue("flash", "i").outcome is Outcome.INFO
    network.body = {"token": 5}
    assert shop.queue("flash", "i").payment_id == "5"
