"""The region's side of the payment provider: what was answered, what was not sent, what was lost."""

import asyncio
from collections.abc import Callable
from typing import Any

import httpx
import msgspec

from mock_store.breaker import Breaker
from mock_store.config import ProviderUrls

#: A call is given up after this long; its answer then counts as lost.
TOTAL_S = 1.0
TIMEOUT = httpx.Timeout(TOTAL_S, connect=0.5)
LIMITS = httpx.Limits(max_connections=None, max_keepalive_connections=64, keepalive_expiry=30)

_SERVER_ERROR = 500


class Answered(msgspec.Struct, frozen=True):
    """The provider's answer, parsed."""

    status: int
    body: dict[str, Any]


class NotSent(msgspec.Struct, frozen=True):
    """The connection was refused: certainly without effect."""


class Lost(msgspec.Struct, frozen=True):
    """No usable answer (timeout, reset, end of stream, 5xx, not JSON): the effect is unknown."""


Outcome = Answered | NotSent | Lost


class Gateway:
    """Calls to the provider, a breaker on each endpoint that takes money."""

    def __init__(
        self, client: httpx.AsyncClient, *, urls: ProviderUrls, callback_url: str, now_ns: Callable[[], int]
    ) -> None:
        """Take an open client; it stays the caller's to close."""
        self._client = client
        self._urls = urls
        self._callback_url = callback_url
        self._now_ns = now_ns
        self.authorize_breaker = Breaker()
        self.capture_breaker = Breaker()

    def admit(self) -> bool:
        """Tell whether a payment may begin: not while a breaker is open."""
        now_ns = self._now_ns()
        breakers = (self.authorize_breaker, self.capture_breaker)
        if any(breaker.is_open(now_ns) for breaker in breakers):
            return False
        for breaker in breakers:
            breaker.admit(now_ns)
        return True

    async def authorize(self, order_id: str, amount_cents: int, *, key: str) -> Outcome:
        """Ask for an authorization."""
        body = {"order_id": order_id, "amount_cents": amount_cents, "callback_url": self._callback_url}
        outcome = await self._post(f"{self._urls.authorize}/authorize", body, key)
        return self._noted(self.authorize_breaker, outcome)

    async def capture(self, payment_id: str, order_id: str, amount_cents: int, *, key: str) -> Outcome:
        """Take the money of an authorization."""
        body = {"payment_id": payment_id, "order_id": order_id, "amount_cents": amount_cents}
        outcome = await self._post(f"{self._urls.capture}/capture", body, key)
        return self._noted(self.capture_breaker, outcome)

    async def refund(self, payment_id: str, amount_cents: int, *, key: str) -> Outcome:
        """Give captured money back."""
        body = {"payment_id": payment_id, "amount_cents": amount_cents}
        return await self._post(f"{self._urls.refund}/refund", body, key)

    async def void(self, order_id: str, *, key: str) -> Outcome:
        """Make sure that nothing can be captured for an order any more."""
        return await self._post(f"{self._urls.status}/void", {"order_id": order_id}, key)

    async def payments_of(self, order_id: str) -> Outcome:
        """Ask what the provider knows of an order."""
        url = f"{self._urls.status}/payments"
        return await self._call(self._client.build_request("GET", url, params={"order_id": order_id}))

    def note_callback(self) -> None:
        """Note that a capture's callback has come."""
        self.capture_breaker.note_proof(self._now_ns())

    async def _post(self, url: str, body: dict[str, Any], key: str) -> Outcome:
        headers = {"Idempotency-Key": key, "Content-Type": "application/json"}
        content = msgspec.json.encode(body)
        return await self._call(self._client.build_request("POST", url, content=content, headers=headers))

    async def _call(self, request: httpx.Request) -> Outcome:
        try:
            async with asyncio.timeout(TOTAL_S):
                response = await self._client.send(request)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout):
            return NotSent()
        except (httpx.TransportError, TimeoutError):
            return Lost()
        return _parsed(response)

    def _noted(self, breaker: Breaker, outcome: Outcome) -> Outcome:
        if isinstance(outcome, Answered):
            breaker.answered()
        elif isinstance(outcome, NotSent):
            breaker.note_refused(self._now_ns())
        else:
            breaker.note_lost(self._now_ns())
        return outcome


def _parsed(response: httpx.Response) -> Outcome:
    if response.status_code >= _SERVER_ERROR:
        return Lost()
    try:
        return Answered(response.status_code, msgspec.json.decode(response.content, type=dict[str, Any]))
    except msgspec.MsgspecError:
        return Lost()
