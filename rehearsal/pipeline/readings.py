"""What the shop says of itself: asked for over HTTP, outside any fault."""

import json
import sys
import threading
import time
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import httpx
import msgspec

from rehearsal.model.errors import RehearsalError, Stopped, Unreachable
from rehearsal.model.protocol import ProtocolStep
from rehearsal.model.readings import FinalReadings
from rehearsal.model.secrets import masker
from rehearsal.pipeline.bounded import TooLong, within
from rehearsal.pipeline.readings_check import checked, counted
from scenarios.blame import frame_of
from scenarios.http.tls import context_of
from scenarios.storefront import Endpoints, Storefront

_TIMEOUT_S = 10.0
_ASK_EVERY_S = 0.25
#: One reading of a large shop takes a minute; a drill that shows no life is ended after three.
READINGS_S = 120.0

T = TypeVar("T")


def _go_on() -> None:
    """Let a reading go on."""


def reading_client(ca_file: str = "", headers: Mapping[str, str] | None = None) -> httpx.Client:
    """Return a client for readings; it goes through no proxy. `ca_file` names the authorities it trusts.

    `headers` go with every request.
    """
    verify = context_of(ca_file) if ca_file else True
    return httpx.Client(timeout=_TIMEOUT_S, trust_env=False, verify=verify, headers=headers)


class Reader:
    """Reads one shop through its adapter. Safe to use from several threads."""

    def __init__(
        self,
        adapter: type[Storefront],
        endpoints: Endpoints,
        client: httpx.Client,
        *,
        limit_s: float = READINGS_S,
    ) -> None:
        """Take the adapter, where it reads, over what client, and how long one reading may take."""
        self._adapter = adapter
        self._limit_s = limit_s
        self._endpoints = endpoints
        self._client = client
        self._mask = masker(endpoints.secrets.values())
        self._lock = threading.Lock()

    def stock(self, sku: str) -> int | None:
        """Return the units that can still be bought, from the first address that answers."""
        for admin_url in self._endpoints.admin_urls:
            one = msgspec.structs.replace(self._endpoints, admin_urls=(admin_url,), ledger_url="")
            try:
                return self._asked("stock", partial(self._stock, one, sku))
            except Unreachable:
                continue
        return None

    def quiesce(self, limit_s: float, check: Callable[[], object]) -> int:
        """Wait until nothing is undecided, at most `limit_s`; return what still is. `check` may raise."""
        deadline = time.monotonic() + limit_s
        while left := self._asked("unsettled", self._unsettled, check):
            if time.monotonic() >= deadline:
                return left
            check()
            time.sleep(_ASK_EVERY_S)
        return 0

    def final(self, check: Callable[[], object] = _go_on) -> FinalReadings:
        """Return the final readings; RehearsalError if the adapter's reading breaks. `check` may raise."""
        return self._asked("final_readings", self._final, check)

    def settled(
        self,
        limit_s: float,
        check: Callable[[], object],
        enter: Callable[[ProtocolStep], object] = lambda _: None,
    ) -> FinalReadings:
        """Return the final readings once nothing is undecided; `unread` says why if there are none.

        `enter` is told of both steps. A shop that fell under the load and answers no more is judged all the
        same: by what shoppers met.
        """
        try:
            enter(ProtocolStep.QUIESCE)
            undecided = self.quiesce(limit_s, check)
            enter(ProtocolStep.FINAL)
            return msgspec.structs.replace(self.final(check), undecided=undecided)
        except Stopped:
            raise
        except RehearsalError as error:
            return FinalReadings(unread=self._mask(str(error)))

    def _final(self) -> FinalReadings:
        return checked(self._adapter.final_readings(self._get_json, self._endpoints))

    def _unsettled(self) -> int:
        return counted(self._adapter.unsettled(self._get_json, self._endpoints))

    def _stock(self, endpoints: Endpoints, sku: str) -> int | None:
        units = self._adapter.stock(self._get_json, endpoints, sku)
        return None if units is None else counted(units)

    def _asked(self, method: str, reading: Callable[[], T], check: Callable[[], object] = _go_on) -> T:
        """Return a reading; RehearsalError if the adapter, a stranger's code, breaks or never returns."""
        try:
            return within(self._limit_s, reading, check)
        except (RehearsalError, KeyboardInterrupt):
            raise
        except TooLong:
            words = f"{self._adapter.__name__}.{method} had not returned after {self._limit_s:g} s"
            raise RehearsalError(f"{words}; let it read less, or give up by itself.") from None
        # sys.exit() must not be how a drill ends: it says "all well".
        except (Exception, SystemExit) as error:
            broke = f"{self._adapter.__name__}.{method} broke"
            words = f"{broke}: {type(error).__name__}: {error}{self._where(error)}"
            raise RehearsalError(self._mask(words)) from error

    def _where(self, error: BaseException) -> str:
        """Return the last line of the adapter's own that an exception came through, for a sentence."""
        own = getattr(sys.modules.get(self._adapter.__module__), "__file__", None)
        last = frame_of(error, str(own))
        return f" ({Path(last.filename).name}, line {last.lineno})" if last else ""

    def _body_of(self, url: str, headers: Mapping[str, str] | None) -> bytes:
        # httpx bounds the wait for each piece alone: a body that drips would never end.
        deadline = time.monotonic() + _TIMEOUT_S
        body = bytearray()
        with self._lock, self._client.stream("GET", url, headers=headers) as answer:
            if not answer.is_success:
                raise Unreachable(f"{url} gave no reading: it answers {answer.status_code}.")
            for piece in answer.iter_bytes():
                body += piece
                if time.monotonic() > deadline:
                    raise Unreachable(f"{url} gave no whole reading in {_TIMEOUT_S:g} s.")
        return bytes(body)

    def _get_json(self, url: str, *, headers: Mapping[str, str] | None = None) -> Any:
        try:
            return json.loads(self._body_of(url, headers))
        except (httpx.HTTPError, ValueError) as error:
            raise Unreachable(f"{url} gave no reading: {error}") from None
