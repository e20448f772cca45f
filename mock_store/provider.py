"""The payment provider over HTTP: authorize, capture, refund, void, and a ledger that anybody may read."""

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from secrets import token_hex
from typing import Annotated, Any

import msgspec
from msgspec import Meta
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from mock_store import provider_ledger as ledger
from mock_store.callbacks import Callbacks
from mock_store.calls import Calls
from mock_store.config import ProviderConfig
from mock_store.defects import Defect
from mock_store.links import Links
from mock_store.modes.provider import CallbacksEarly, Declines, ForgetKeys, PartialCapture
from mock_store.modes.registry import Modes
from mock_store.modes.troubled import Troubled
from mock_store.plumbing import plumbing
from mock_store.provider_keys import Asked, Effect, Saved, once
from mock_store.provider_ledger import Payment
from mock_store.storage import Storage
from mock_store.units import NS_PER_S
from mock_store.web import Refused, answer, body_as, header, starlette
from mock_store.work import Station

Cents = Annotated[int, Meta(ge=0, le=2**53)]


class AuthorizeBody(msgspec.Struct, frozen=True):
    """Body of an authorization."""

    order_id: str
    amount_cents: Cents
    callback_url: str


class CaptureBody(msgspec.Struct, frozen=True):
    """Body of a capture."""

    payment_id: str
    order_id: str
    amount_cents: Cents
    callback_url: str = ""


class RefundBody(msgspec.Struct, frozen=True):
    """Body of a refund."""

    payment_id: str
    amount_cents: Cents


class VoidBody(msgspec.Struct, frozen=True):
    """Body of a void: one of the two."""

    order_id: str = ""
    payment_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """The provider's parts. `in_flight` holds the idempotency keys at work in this process."""

    config: ProviderConfig
    storage: Storage
    station: Station
    callbacks: Callbacks
    modes: Modes
    links: Links
    now_ns: Callable[[], int]
    calls: Calls = field(default_factory=Calls)
    in_flight: set[str] = field(default_factory=set)


class Endpoints:
    """The provider's paths."""

    def __init__(self, provider: Provider) -> None:
        """Serve a provider."""
        self._provider = provider

    async def health(self, _: Request) -> Response:
        """Say that the provider is there."""
        return answer({"status": "ok"})

    async def authorize(self, request: Request) -> Response:
        """Authorize an amount for an order."""
        body = await body_as(request, AuthorizeBody)
        header(request, "Idempotency-Key")
        if Defect.ALL_PAYMENTS_DECLINED in self._provider.config.defects:
            return answer({"status": "declined"})
        payment_id = f"{self._provider.config.prefix}-{token_hex(8)}"
        payment = Payment(payment_id, body.order_id, body.amount_cents, ledger.AUTHORIZED, body.callback_url)
        effect = ledger.decline if self._provider.modes.strikes(Declines) else ledger.authorize
        return _as_given(await self._once(request, effect, payment))

    async def capture(self, request: Request) -> Response:
        """Take the money, then tell the shop by callback."""
        body = await body_as(request, CaptureBody)
        asked = Payment(
            body.payment_id, body.order_id, body.amount_cents, ledger.AUTHORIZED, body.callback_url
        )
        partly = self._provider.modes.strikes(PartialCapture)
        unasked = Defect.CAPTURE_WITHOUT_AUTHORIZATION in self._provider.config.defects
        effect = partial(ledger.capture, part=partly.part if partly else 1, unasked=unasked)
        saved = await self._once(request, effect, asked)
        if saved.fresh and saved.status == 200:  # noqa: PLR2004 - HTTP "OK"
            callback = self._provider.storage.read(ledger.callback_of, body.payment_id)
            if self._provider.modes.strikes(CallbacksEarly):
                await self._provider.callbacks.hurry(callback)
            else:
                self._provider.callbacks.send(callback)
        return _as_given(saved)

    async def refund(self, request: Request) -> Response:
        """Give the money back."""
        body = await body_as(request, RefundBody)
        twice = Defect.REFUNDED_TWICE in self._provider.config.defects
        effect = partial(ledger.refund, again=twice)
        return _as_given(await self._once(request, effect, body.payment_id, body.amount_cents))

    async def void(self, request: Request) -> Response:
        """Close an order, or one payment, to any further capture."""
        body = await body_as(request, VoidBody)
        if bool(body.order_id) == bool(body.payment_id):
            raise Refused(400, "bad_request")
        if body.order_id:
            return _as_given(await self._once(request, ledger.void_order, body.order_id))
        return _as_given(await self._once(request, ledger.void_payment, body.payment_id))

    async def payments(self, request: Request) -> Response:
        """Tell what is known of an order."""
        order_id = request.query_params.get("order_id", "")
        found = self._provider.storage.read(ledger.of_order, order_id)
        fields = ("payment_id", "status", "amount_cents", "order_id")
        return answer({"payments": [{name: getattr(entry, name) for name in fields} for entry in found]})

    async def ledger(self, _: Request) -> Response:
        """Read the whole ledger."""
        return answer({"entries": self._provider.storage.read(ledger.entries)})

    async def calls(self, _: Request) -> Response:
        """Count what was asked of the provider."""
        return answer({"calls": self._provider.calls.report()})

    async def _once(self, request: Request, effect: Callable[..., dict[str, Any]], *args: Any) -> Saved:
        """Run an effect under the request's idempotency key; Refused: 400 without one, 409 key_in_use."""
        key = header(request, "Idempotency-Key")
        fingerprint = f"{request.url.path}\n{(await request.body()).decode()}"
        in_flight = self._provider.in_flight
        if key in in_flight:
            raise Refused(409, "key_in_use")
        in_flight.add(key)
        try:
            await self._provider.station.serve()
            asked = Asked(key=key, fingerprint=fingerprint, at_ns=self._provider.now_ns())
            return await self._remembered(asked, _bound(effect, args, key))
        finally:
            in_flight.discard(key)

    async def _remembered(self, asked: Asked, effect: Effect) -> Saved:
        modes = self._provider.modes
        forgets = modes.get(ForgetKeys)
        age_ns = None if forgets is None else round(forgets.after_s * NS_PER_S)
        saved = await self._provider.storage.write(once, asked, effect, forgotten_after_ns=age_ns)
        if saved.forgotten:
            modes.hit(ForgetKeys)
        return saved


def provider_app(provider: Provider) -> Starlette:
    """Return the application of the provider."""
    endpoints = Endpoints(provider)
    met = Troubled(provider.modes, provider.calls, provider.storage).wrap
    return starlette(
        [
            Route("/health", endpoints.health),
            Route("/authorize", met("authorize", endpoints.authorize), methods=["POST"]),
            Route("/capture", met("capture", endpoints.capture), methods=["POST"]),
            Route("/refund", met("refund", endpoints.refund), methods=["POST"]),
            Route("/void", met("status", endpoints.void), methods=["POST"]),
            Route("/payments", met("status", endpoints.payments)),
            Route("/admin/ledger", endpoints.ledger),
            Route("/admin/calls", endpoints.calls),
            *plumbing(provider.modes, provider.links),
        ]
    )


def _bound(effect: Callable[..., dict[str, Any]], args: tuple[Any, ...], key: str) -> Effect:
    def run(connection: sqlite3.Connection) -> dict[str, Any]:
        return effect(connection, *args, key)

    return run


def _as_given(saved: Saved) -> Response:
    return Response(saved.body, saved.status, media_type="application/json")
