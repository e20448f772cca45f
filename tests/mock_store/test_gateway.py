import asyncio

import httpx
import pytest

from mock_store import counted
from mock_store.config import ProviderUrls
from mock_store.counted import CountedClient, Lost, NotSent
from mock_store.gateway import Answered, Gateway, Outcome
from mock_store.links import Links

pytestmark = pytest.mark.anyio

URLS = ProviderUrls(authorize="http://a", capture="http://c", status="http://s", refund="http://r")


async def outcome_of(handler: httpx.AsyncBaseTransport) -> Outcome:
    """Return what a gateway makes of a server."""
    async with httpx.AsyncClient(transport=handler, timeout=counted.TIMEOUT) as client:
        gate = Gateway(
            CountedClient(client, Links(), lambda: 0), urls=URLS, callback_url="http://cb", now_ns=lambda: 0
        )
        return await gate.payments_of("o")


class Failing(httpx.AsyncBaseTransport):
    """A network that fails in one way."""

    def __init__(self, error: Exception) -> None:
        self.error = error

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Fail."""
        raise self.error


class Silent(httpx.AsyncBaseTransport):
    """A server that never answers."""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Wait for ever."""
        return await asyncio.Future()


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (httpx.ConnectError(""), NotSent()),
        (httpx.ConnectTimeout(""), NotSent()),
        (httpx.PoolTimeout(""), NotSent()),
        (httpx.ReadTimeout(""), Lost()),
        (httpx.WriteTimeout(""), Lost()),
        (httpx.ReadError(""), Lost()),
        (httpx.WriteError(""), Lost()),
        (httpx.RemoteProtocolError(""), Lost()),
    ],
    ids=lambda value: type(value).__name__,
)
async def test_only_a_connection_never_made_is_certainly_not_sent(
    error: Exception, expected: Outcome
) -> None:
    """Whatever happens after the connection stands leaves the effect unknown."""
    assert expected == await outcome_of(Failing(error))


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (200, b'{"payments":[]}', Answered(200, {"payments": []})),
        (402, b'{"error":"declined"}', Answered(402, {"error": "declined"})),
        (500, b'{"error":"internal"}', Lost(status=500)),
        (200, b"", Lost(status=200)),
        (200, b'{"payment_id":', Lost(status=200)),
        (200, b"[]", Lost(status=200)),
    ],
    ids=["an answer", "a refusal", "an error of the server", "an empty 200", "a cut 200", "not an object"],
)
async def test_only_a_parsed_answer_counts(status: int, body: bytes, expected: Outcome) -> None:
    """A 200 without a whole body is as good as none; a 5xx says nothing of the effect."""
    assert expected == await outcome_of(httpx.MockTransport(lambda _: httpx.Response(status, content=body)))


async def test_a_silent_server_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """After the total time the answer is lost, whatever the transport's own timeouts are."""
    monkeypatch.setattr(counted, "TOTAL_S", 0.0)

    assert Lost() == await outcome_of(Silent())
