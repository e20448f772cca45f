"""An HTTP client whose every call is counted under the name of its link."""

import asyncio
from collections.abc import Callable
from typing import TypeVar

import httpx
import msgspec

from mock_store.links import Fate, Links
from mock_store.provider_ledger import Callback

#: A call is given up after this long; its answer then counts as lost.
TOTAL_S = 1.0
CONNECT_S = 0.5
TIMEOUT = httpx.Timeout(TOTAL_S, connect=CONNECT_S)
#: What the defect no_circuit_breaker takes for patience.
PATIENT_S = 6.0

_SERVER_ERROR, _TOO_MANY = 500, 429
T = TypeVar("T")


class NotSent(msgspec.Struct, frozen=True):
    """The connection was refused: certainly without effect."""


class Lost(msgspec.Struct, frozen=True):
    """No usable answer (timeout, reset, end of stream, 5xx, 429, not JSON): the effect is unknown.

    Whoever sent it asked to be left alone for `again_after_s`. `status` is that of an answer, if one came.
    """

    again_after_s: float = 0
    status: int = 0


class CountedClient:
    """Sends requests, each over a named link. Never raises for what a network does."""

    def __init__(
        self,
        client: httpx.AsyncClient,
        links: Links,
        now_ns: Callable[[], int],
        *,
        total_s: float = TOTAL_S,
    ) -> None:
        """Take an open client; it stays the caller's to close. A call is given up after `total_s`."""
        self._total_s = total_s
        self.http = client
        self._links = links
        self._now_ns = now_ns

    async def send(
        self, link: str, request: httpx.Request, read: Callable[[httpx.Response], T | None]
    ) -> T | NotSent | Lost:
        """Return what `read` makes of the answer to a request; Lost if that is nothing, or it is a 5xx."""
        begun_ns = self._now_ns()
        fate: Fate = "lost"
        try:
            async with asyncio.timeout(self._total_s):
                response = await self.http.send(request)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout):
            fate = "refused"
            return NotSent()
        except (httpx.TransportError, TimeoutError):
            return Lost()
        else:
            found = None if _asks_for_time(response) else read(response)
            if found is None:
                return Lost(_retry_after_s(response), response.status_code)
            fate = "ok"
            return found
        finally:
            self._links.note(link, fate, self._now_ns() - begun_ns)


class CallbackOutlet:
    """The provider's way to the shop, each address counted under its name."""

    def __init__(self, client: CountedClient, names: dict[str, str]) -> None:
        """Know links by name; each maps to how its addresses begin."""
        self._client = client
        self._names = names

    async def send(self, callback: Callback) -> bool:
        """Send a callback once and tell whether it was acknowledged."""
        headers = {"Content-Type": "application/json"}
        request = self._client.http.build_request(
            "POST", callback.url, content=callback.body, headers=headers
        )
        came = await self._client.send(self._link_of(callback.url), request, _success)
        return came is True

    def _link_of(self, url: str) -> str:
        return next((name for name, base in self._names.items() if url.startswith(base)), "callback")


def _success(response: httpx.Response) -> bool:
    return response.is_success


def _asks_for_time(response: httpx.Response) -> bool:
    return response.status_code >= _SERVER_ERROR or response.status_code == _TOO_MANY


def _retry_after_s(response: httpx.Response) -> float:
    try:
        return max(0.0, float(response.headers.get("Retry-After", "0")))
    except ValueError:
        return 0.0
