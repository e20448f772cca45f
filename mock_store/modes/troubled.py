"""The provider's endpoints as its fault modes let them be met."""

import json
from collections.abc import Awaitable, Callable
from contextlib import suppress

from starlette.requests import Request
from starlette.responses import Response

from mock_store import provider_ledger
from mock_store.calls import Calls
from mock_store.modes.provider import Errors, Garbled, RefundErrors
from mock_store.modes.registry import Modes
from mock_store.storage import Storage
from mock_store.web import Refused

Handler = Callable[[Request], Awaitable[Response]]
_SERVER_ERROR = 500


class Troubled:
    """Counts what comes in, and spoils answers. Half of those that become a 500 are served before it."""

    def __init__(self, modes: Modes, calls: Calls, storage: Storage) -> None:
        """Count in `calls`; `storage` knows which order a payment is of."""
        self._modes = modes
        self._calls = calls
        self._storage = storage
        self._errors = 0

    def wrap(self, endpoint: str, handler: Handler) -> Handler:
        """Return a handler as callers of an endpoint meet it."""

        async def meet(request: Request) -> Response:
            self._calls.note(endpoint, await self._order_of(request))
            error = self._error(endpoint)
            if error is not None and not self._is_served(error):
                raise error
            response = await handler(request)
            if error is not None:
                raise error
            if self._modes.strikes(Garbled):
                return Response(
                    bytes(response.body)[: len(response.body) // 2], media_type="application/json"
                )
            return response

        return meet

    def _error(self, endpoint: str) -> Refused | None:
        if endpoint == "refund" and self._modes.strikes(RefundErrors):
            return Refused(_SERVER_ERROR, "provider_error")
        mode = self._modes.strikes(Errors)
        if mode is None:
            return None
        return Refused(mode.status, "provider_error", retry_after_s=mode.retry_after_s)

    def _is_served(self, error: Refused) -> bool:
        # Only of a 500 nobody can tell; every other status says that nothing was done.
        if error.status != _SERVER_ERROR:
            return False
        self._errors += 1
        return self._errors % 2 == 0

    async def _order_of(self, request: Request) -> str:
        order_id = request.query_params.get("order_id", "")
        with suppress(ValueError, AttributeError, Refused):
            body = json.loads(await request.body() or b"{}")
            order_id = order_id or str(body.get("order_id", ""))
            if not order_id:
                payment_id = str(body.get("payment_id", ""))
                order_id = self._storage.read(provider_ledger.by_id, payment_id).order_id
        return order_id
