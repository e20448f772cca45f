from collections.abc import Mapping

import httpx
import pytest

from rehearsal.model.errors import RehearsalError
from rehearsal.model.readings import FinalReadings, StockReading
from rehearsal.model.secrets import Secrets
from rehearsal.pipeline.readings import Reader
from scenarios.storefront import Endpoints, GetJson, Storefront

KEY = "geheimnis"


class Keyed(Storefront):
    """A shop whose books are read with a key."""

    @classmethod
    def final_readings(cls, get_json: GetJson, endpoints: Endpoints) -> FinalReadings:
        """Read with the key, and break if it does not fit."""
        found: Mapping[str, str] = get_json(
            f"{endpoints.admin_urls[0]}/orders?key={endpoints.secrets['key']}",
            headers={"Authorization": f"Bearer {endpoints.secrets['key']}"},
        )
        if "wrong" in found:
            raise ValueError(found["wrong"])
        return FinalReadings(stock=(StockReading(sku="f", initial=1, available=1, reserved=0, sold=0),))

    @classmethod
    def stock(cls, get_json: GetJson, endpoints: Endpoints, sku: str) -> int | None:
        """Tell how long the key is."""
        del get_json, sku
        return len(endpoints.secrets["key"])


def reader(answer: httpx.Response, asked: list[httpx.Request]) -> Reader:
    """Return a reader with a key, whose shop answers alike each time."""
    endpoints = Endpoints(url="http://d", admin_urls=("http://a",), secrets=Secrets({"key": KEY}))

    def said(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return answer

    return Reader(Keyed, endpoints, httpx.Client(transport=httpx.MockTransport(said)))


def test_secrets_reach_whoever_reads() -> None:
    """In final readings, and in those of the stock while the drill runs."""
    asked: list[httpx.Request] = []
    found = reader(httpx.Response(200, json={}), asked)

    assert found.final().stock is not None
    assert asked[0].headers["Authorization"] == f"Bearer {KEY}"
    assert found.stock("f") == len(KEY)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (httpx.Response(403), "http://a/orders?key=*** gave no reading: it answers 403."),
        (
            httpx.Response(200, json={"wrong": f"no {KEY}"}),
            "Keyed.final_readings broke: ValueError: no ***",
        ),
    ],
    ids=["an address", "an adapter's words"],
)
def test_what_could_not_be_read_is_told_without_secrets(answer: httpx.Response, words: str) -> None:
    """Neither the address nor the adapter's own words give them away."""
    assert reader(answer, []).settled(1.0, lambda: None).unread.startswith(words)


def test_an_adapter_that_breaks_tells_no_secret() -> None:
    """Also where the drill ends with it."""
    with pytest.raises(RehearsalError, match=r"ValueError: \*\*\* \("):
        reader(httpx.Response(200, json={"wrong": KEY}), []).final()
