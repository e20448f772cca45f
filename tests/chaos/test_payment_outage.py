"""Both payment drills against a provider that is played by a function."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest

from chaos.payment_outage import AnswerLostAfterCapture, ProviderUnreachable
from chaos.world import PAYMENT_LISTENERS
from rehearsal.model.errors import RehearsalError


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


def test_unreachable_closes_every_way(shop: Any) -> None:
    """All of the provider's listeners are closed, refusing is the proof, opening them is the cure."""
    drill = ProviderUnreachable(shop.world)
    assert not drill.prove_effect().proven

    drill.inject()

    assert shop.listeners.calls == [("disable", name) for name in PAYMENT_LISTENERS]
    assert drill.prove_effect().proven
    assert not drill.prove_heal().proven

    drill.heal()

    assert drill.prove_heal().proven
    assert "pay_refund answers 200" in drill.prove_heal().saw


def test_unreachable_in_part_is_unproven(shop: Any) -> None:
    """One listener left open means that payments may get through."""
    drill = ProviderUnreachable(shop.world)
    drill.inject()
    shop.listeners.closed.discard("pay_status")

    seen = drill.prove_effect()

    assert not seen.proven
    assert "pay_status still answers (200)" in seen.saw


def test_lost_answer_is_proven_by_the_ledger(shop: Any) -> None:
    """The client waits in vain, the ledger has the capture, and the cent is given back."""
    shop.answer = provider = Provider(lost=True)
    drill = AnswerLostAfterCapture(shop.world)

    drill.inject()
    seen = drill.prove_effect()

    assert shop.listeners.calls == [("add_toxic", "pay_capture", "answers_lost")]
    assert seen.proven
    assert seen.saw == (
        "canary-r1-1: capture was not answered (ReadTimeout), and the capture is in the provider's ledger"
    )
    assert provider.kinds() == ["capture", "refund"]


def test_lost_answer_heals(shop: Any) -> None:
    """After healing a second canary is answered and refunded."""
    shop.answer = provider = Provider()
    drill = AnswerLostAfterCapture(shop.world)

    drill.heal()
    seen = drill.prove_heal()

    assert shop.listeners.calls == [("heal", "pay_capture")]
    assert seen.proven
    assert seen.saw == "canary-r1-1: capture was answered 200, refunded"
    assert provider.kinds() == ["capture", "refund"]


@pytest.mark.parametrize(
    ("provider", "saw", "books"),
    [
        pytest.param(Provider(), "capture was answered 200", ["capture", "refund"], id="the answer came"),
        pytest.param(Provider(dropped=True), "the capture is not in", ["void"], id="the request was lost"),
        pytest.param(Provider(declines=True), "authorization was answered 200", [], id="declined"),
        pytest.param(Provider(garbled=True), "200 with no JSON", [], id="not JSON"),
    ],
)
def test_unproven_effect(shop: Any, provider: Provider, saw: str, books: list[str]) -> None:
    """Anything but a capture without an answer is no proof, and no cent is left owing."""
    shop.answer = provider
    drill = AnswerLostAfterCapture(shop.world)

    seen = drill.prove_effect()

    assert not seen.proven
    assert saw in seen.saw
    assert books == provider.kinds()


def test_silent_ledger_is_no_proof(shop: Any) -> None:
    """Without its witness the drill claims nothing, remembers the canary, and settles it when it can."""
    shop.answer = provider = Provider(lost=True, ledger_down=True)
    drill = AnswerLostAfterCapture(shop.world)

    assert not drill.prove_effect().proven
    with pytest.raises(RehearsalError, match="still owes a cent for canary-r1-1: refund it by hand"):
        drill.heal()
    provider.ledger_down = False
    drill.heal()

    assert provider.kinds() == ["capture", "refund"]


def test_a_provider_that_declines_is_healed_when_its_answers_come_through(shop: Any) -> None:
    """No cent can be captured where all cards are declined: that the listener answers is the proof."""
    shop.answer = provider = Provider(declines=True)
    drill = AnswerLostAfterCapture(shop.world)

    seen = drill.prove_heal()
    provider.ledger_down = True
    silent = drill.prove_heal()

    assert seen.proven
    assert seen.saw == "canary-r1-1: authorization was answered 200; pay_capture answers 200"
    assert not silent.proven


def test_refused_refund_is_no_heal(shop: Any) -> None:
    """A canary that is not refunded leaves the books out of balance: not healed."""
    shop.answer = Provider(refuses_refunds=True)
    drill = AnswerLostAfterCapture(shop.world)

    seen = drill.prove_heal()

    assert not seen.proven
    assert seen.saw == "canary-r1-1: capture was answered 200, not refunded"


def test_other_charges_are_left_alone(shop: Any) -> None:
    """Only the canary's own entries prove its capture, and only it is refunded."""
    theirs = {"kind": "capture", "order_id": "o-1"}
    shop.answer = provider = Provider(ledger=[theirs], dropped=True)

    assert not AnswerLostAfterCapture(shop.world).prove_effect().proven
    assert provider.kinds() == ["capture", "void"]


def test_capture_that_overtakes_its_void(shop: Any) -> None:
    """A capture that lands while it is being voided is refunded instead."""
    late = {"kind": "capture", "order_id": "canary-r1-1"}
    shop.answer = provider = Provider(dropped=True, late_capture=late)

    AnswerLostAfterCapture(shop.world).prove_effect()

    assert provider.kinds() == ["capture", "refund"]


@pytest.mark.parametrize("drill_of", [ProviderUnreachable, AnswerLostAfterCapture])
def test_names(shop: Any, drill_of: Callable[[Any], Any]) -> None:
    """A drill is called as plans call it, and says what it means in a sentence."""
    drill = drill_of(shop.world)

    assert drill.name in {"payment_unreachable", "answer_lost_after_capture"}
    assert drill.effect.endswith(".")
