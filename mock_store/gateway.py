"""The region's side of a payment provider: what was answered, what was not sent, what was lost."""

from collections.abc import Callable
from typing import Any

import httpx
import msgspec

from mock_store.breaker import Breaker
from mock_store.config import ProviderUrls
from mock_store.counted import CountedClient, Lost, NotSent
from mock_store.defects import Defect
from mock_store.pool import Pool

LIMITS = httpx.Limits(max_connections=None, max_keepalive_connections=64, keepalive_expiry=30)
#: How often the defect retry_storm tries.
_STORM = 8
CLASSES = ("authorize", "capture", "status", "refund")


class Answered(msgspec.Struct, frozen=True):
    """The provider's answer, parsed."""

    status: int
    body: dict[str, Any]


Outcome = Answered | NotSent | Lost


class Gateway:
    """Calls to one provider, a breaker on each endpoint that takes money."""

    def __init__(
        self,
        client: CountedClient,
        *,
        urls: ProviderUrls,
        callback_url: str,
        now_ns: Callable[[], int],
        link: str = "pay",
        defects: frozenset[Defect] = frozenset(),
    ) -> None:
        """Take a client that stays open meanwhile. Links are named `link`_authorize, and so on."""
        self._client = client
        self._pools = {name: Pool(f"{link}_{name}", getattr(urls, name), now_ns) for name in CLASSES}
        self._callback_url = callback_url
        self._now_ns = now_ns
        self._defects = defects
        self.authorize_breaker = Breaker()
        self.capture_breaker = Breaker()

    def admit(self) -> bool:
        """Tell whether a payment may begin: not while a breaker is open."""
        if Defect.NO_CIRCUIT_BREAKER in self._defects:
            return True
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
        outcome = await self._post("authorize", "/authorize", body, key)
        return self._noted(self.authorize_breaker, outcome)

    async def capture(self, payment_id: str, order_id: str, amount_cents: int, *, key: str) -> Outcome:
        """Take the money of an authorization."""
        body: dict[str, Any] = {"payment_id": payment_id, "order_id": order_id, "amount_cents": amount_cents}
        if Defect.CAPTURE_WITHOUT_AUTHORIZATION in self._defects:
            body["callback_url"] = self._callback_url
        outcome = await self._post("capture", "/capture", body, key)
        return self._noted(self.capture_breaker, outcome)

    async def refund(self, payment_id: str, amount_cents: int, *, key: str) -> Outcome:
        """Give captured money back."""
        body = {"payment_id": payment_id, "amount_cents": amount_cents}
        return await self._post("refund", "/refund", body, key)

    async def void(self, order_id: str, *, key: str) -> Outcome:
        """Make sure that nothing can be captured for an order any more."""
        return await self._post("status", "/void", {"order_id": order_id}, key)

    async def payments_of(self, order_id: str) -> Outcome:
        """Ask what the provider knows of an order."""
        return await self._call("status", "GET", "/payments", params={"order_id": order_id})

    def note_callback(self) -> None:
        """Note that a capture's callback has come."""
        self.capture_breaker.note_proof(self._now_ns())

    async def _post(self, cls: str, path: str, body: dict[str, Any], key: str) -> Outcome:
        headers = {"Idempotency-Key": key, "Content-Type": "application/json"}
        return await self._call(cls, "POST", path, content=msgspec.json.encode(body), headers=headers)

    async def _call(self, cls: str, method: str, path: str, **request: Any) -> Outcome:
        outcome = await self._once(cls, method, path, **request)
        tries = _STORM if Defect.RETRY_STORM in self._defects else 1
        while isinstance(outcome, Lost) and (tries := tries - 1):
            outcome = await self._once(cls, method, path, **request)
        return outcome

    async def _once(self, cls: str, method: str, path: str, **request: Any) -> Outcome:
        outcome: Outcome = NotSent()
        for member in self._pools[cls].in_turn():
            built = self._client.http.build_request(method, f"{member.url}{path}", **request)
            outcome = self._noted(member.breaker, await self._client.send(member.link, built, _parsed))
            # Only where nothing was sent may the same be sent another way.
            if not isinstance(outcome, NotSent):
                return outcome
        return outcome

    def _noted(self, breaker: Breaker, outcome: Outcome) -> Outcome:
        if isinstance(outcome, Answered):
            breaker.answered()
        elif isinstance(outcome, NotSent):
            breaker.note_refused(self._now_ns())
        else:
            breaker.note_lost(self._now_ns())
        return outcome


def link_names(link: str, urls: ProviderUrls) -> list[str]:
    """Return the names of all links to a provider, those of its pools' members included."""
    return [
        member.link
        for name in CLASSES
        for member in Pool(f"{link}_{name}", getattr(urls, name), lambda: 0).members
    ]


def _parsed(response: httpx.Response) -> Answered | None:
    try:
        return Answered(response.status_code, msgspec.json.decode(response.content, type=dict[str, Any]))
    except msgspec.MsgspecError:
        return None
