"""Drills without time, and a payment provider that is played by a function."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest

from chaos.catalogue import definition_of
from chaos.faults.composed import Composed
from chaos.faults.site import Site
from rehearsal.model.faults import FaultKind
from rehearsal.model.plan import Fault


@dataclass
class Provider:
    """A payment provider with a ledger; the flags are what is wrong with it or with the way to it."""

    ledger: list[dict[str, Any]] = field(default_factory=list)
    lost: bool = False
    dropped: bool = False
    declines: bool = False
    garbled: bool = False
    refuses_refunds: bool = False
    ledger_down: bool = False
    late_capture: dict[str, Any] | None = None
    errors: int = 0

    def __call__(self, request: httpx.Request) -> httpx.Response:
        """Answer as the provider does."""
        if request.method == "GET":
            return self._read(request)
        body = json.loads(request.content)
        return getattr(self, f"_{request.url.path[1:]}")(request, body)  # type: ignore[no-any-return]

    def kinds(self) -> list[str]:
        """Return what the ledger says was done, in order."""
        return [entry["kind"] for entry in self.ledger]

    def _read(self, request: httpx.Request) -> httpx.Response:
        if self.ledger_down:
            raise httpx.ReadTimeout("slow", request=request)
        if request.url.path == "/health":
            return httpx.Response(200)
        return httpx.Response(200, json={"entries": self.ledger})

    def _authorize(self, _: httpx.Request, body: dict[str, Any]) -> httpx.Response:
        if self.garbled:
            return httpx.Response(200, text="<html>")
        if self.declines:
            return httpx.Response(200, json={"status": "declined"})
        return httpx.Response(200, json={"payment_id": f"p-{body['order_id']}", "status": "authorized"})

    def _capture(self, request: httpx.Request, body: dict[str, Any]) -> httpx.Response:
        if self.dropped:
            raise httpx.ReadTimeout("lost", request=request)
        self._write("capture", body["order_id"])
        if self.lost and request.url.host == "pay-capture":
            raise httpx.ReadTimeout("lost", request=request)
        return httpx.Response(200, json={"status": "captured"})

    def _refund(self, _: httpx.Request, body: dict[str, Any]) -> httpx.Response:
        if self.refuses_refunds:
            return httpx.Response(500)
        self._write("refund", body["payment_id"].removeprefix("p-"))
        return httpx.Response(200, json={"status": "refunded"})

    def _void(self, _: httpx.Request, body: dict[str, Any]) -> httpx.Response:
        if self.late_capture:
            self.ledger.append(self.late_capture)
            return httpx.Response(409, json={"error": "captured"})
        self._write("void", body["order_id"])
        return httpx.Response(200, json={"status": "voided"})

    def _write(self, kind: str, order_id: str) -> None:
        self.ledger.append({"kind": kind, "order_id": order_id})


@pytest.fixture
def site(shop: Any) -> Callable[..., Site]:
    """Return a function that gives a fault's place in the shop; nobody waits there."""

    def place(kind: FaultKind, **facts: Any) -> Site:
        fault = Fault(kind=kind, phase="p", hold_s=10.0, recover_within_s=1.0, **facts)
        return Site(
            shop.world, fault, wait_back=lambda look: look(), sleep=lambda _: None, now_s=lambda: shop.now_s
        )

    return place


@pytest.fixture
def drill(site: Callable[..., Site]) -> Callable[..., Composed]:
    """Return a function that gives the drill of a kind."""

    def compose(kind: FaultKind, **facts: Any) -> Composed:
        placed = site(kind, **facts)
        return Composed(definition_of(placed.fault), placed)

    return compose


@pytest.fixture
def provider() -> type[Provider]:
    """Return the class of providers, to be made as sick as a test needs."""
    return Provider
