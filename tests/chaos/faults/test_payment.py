"""Payment faults against a provider that is played by a function."""

from typing import Any

import httpx
import pytest

from chaos.catalogue import DEFINITIONS
from chaos.faults.canaries import Cent, Money, cent_served
from chaos.toxics import Stream
from chaos.world import PAYMENT_LISTENERS
from rehearsal.model.errors import RehearsalError
from rehearsal.model.faults import FaultKind

DOWN, LOST = FaultKind.PAYMENT_UNREACHABLE, FaultKind.ANSWER_LOST_AFTER_CAPTURE
CAPTURES = ("pay_capture", "pay_capture_2", "pay_capture_3")


def test_unreachable_closes_every_way(shop: Any, drill: Any) -> None:
    """All of the provider's listeners are closed, refusing is the proof, opening them is the cure."""
    fault = drill(DOWN)
    assert not fault.prove_effect().proven

    fault.inject()

    assert shop.listeners.calls == [("disable", name) for name in PAYMENT_LISTENERS]
    assert fault.prove_effect().proven
    assert not fault.prove_heal().proven

    fault.heal()

    assert fault.prove_heal().proven
    assert "pay_refund answers 200" in fault.prove_heal().saw


def test_unreachable_in_part_is_unproven(shop: Any, drill: Any) -> None:
    """One listener left open means that payments may get through."""
    fault = drill(DOWN)
    fault.inject()
    shop.listeners.closed.discard("pay_status")

    seen = fault.prove_effect()

    assert not seen.proven
    assert "pay_status still answers (200)" in seen.saw


def test_lost_answer_is_proven_by_the_ledger(shop: Any, drill: Any, provider: Any) -> None:
    """The client waits in vain, the ledger has the capture, and the cent is given back."""
    shop.answer = books = provider()
    fault = drill(LOST)

    fault.inject()
    seen = fault.prove_effect()

    assert shop.listeners.calls == [("add_toxic", name, "answers_lost") for name in CAPTURES]
    assert seen.proven
    assert seen.saw.endswith(
        "canary-r1-1: capture was not answered (ReadTimeout), and the capture is in the provider's ledger"
    )
    assert books.kinds() == ["capture", "refund"]


def test_lost_answer_heals(shop: Any, drill: Any, provider: Any) -> None:
    """After healing a second canary is answered and refunded."""
    shop.answer = books = provider()
    fault = drill(LOST)

    fault.inject()
    fault.heal()
    seen = fault.prove_heal()

    assert shop.listeners.calls[3:] == [("heal", name) for name in CAPTURES]
    assert seen.proven
    assert seen.saw.endswith("canary-r1-1: capture was answered 200, refunded")
    assert books.kinds() == ["capture", "refund"]


@pytest.mark.parametrize(
    ("sick", "saw", "kinds"),
    [
        pytest.param({}, "capture was answered 200", ["capture", "refund"], id="the answer came"),
        pytest.param({"dropped": True}, "the capture is not in", ["void"], id="the request was lost"),
        pytest.param({"declines": True}, "authorization was answered 200", [], id="declined"),
        pytest.param({"garbled": True}, "200 with no JSON", ["void"], id="an authorization that is not JSON"),
    ],
)
def test_unproven_effect(
    shop: Any, site: Any, provider: Any, sick: dict[str, Any], saw: str, kinds: list[str]
) -> None:
    """Anything but a capture without an answer is no proof, and no cent is left owing."""
    shop.answer = books = provider(**sick)

    seen = Cent(Money.TAKEN)(site(LOST))

    assert not seen.proven
    assert saw in seen.saw
    assert kinds == books.kinds()


@pytest.mark.parametrize(
    ("sick", "proven"),
    [
        pytest.param({"dropped": True}, True, id="a lost capture charges nothing"),
        pytest.param({"lost": True}, False, id="a lost answer has charged"),
        pytest.param({}, False, id="it was answered"),
    ],
)
def test_a_cent_that_is_kept(shop: Any, site: Any, provider: Any, sick: dict[str, Any], proven: bool) -> None:
    """Where requests vanish, the ledger must not know of the capture."""
    shop.answer = provider(**sick)

    assert Cent(Money.KEPT)(site(FaultKind.PAYMENT_BLACK_HOLE)).proven is proven


@pytest.mark.parametrize(
    ("after", "proven", "words"),
    [
        pytest.param(3, True, "charged about 0.2 s after that", id="later"),
        pytest.param(0, False, "charged at once", id="at once"),
        pytest.param(99, False, "not charged 2.5 s later", id="never"),
    ],
)
def test_a_cent_that_is_charged_late(
    shop: Any, site: Any, provider: Any, after: int, proven: bool, words: str
) -> None:
    """A late capture is in the ledger only some time after its client has given up."""
    books = provider(dropped=True)
    looks = 0

    def serve(request: httpx.Request) -> httpx.Response:
        nonlocal looks
        if request.url.path == "/admin/ledger":
            looks += 1
            if looks == after or (after == 0 and looks == 1):
                books.ledger.append({"kind": "capture", "order_id": "canary-r1-1"})
        return books(request)  # type: ignore[no-any-return]

    shop.answer = serve
    seen = Cent(Money.TAKEN_LATE)(site(FaultKind.LATE_CAPTURE))

    assert seen.proven is proven
    assert words in seen.saw


def test_silent_ledger_is_no_proof(shop: Any, drill: Any, provider: Any) -> None:
    """Without its witness the drill claims nothing, remembers the canary, and settles it when it can."""
    shop.answer = books = provider(ledger_down=True)
    fault = drill(LOST)
    fault.inject()

    assert not fault.prove_effect().proven
    with pytest.raises(RehearsalError, match="still owes a cent for canary-r1-1: refund it by hand"):
        fault.heal()
    books.ledger_down = False
    fault.heal()

    assert books.kinds() == ["capture", "refund"]


def test_a_provider_that_declines_is_healed_when_it_answers(shop: Any, site: Any, provider: Any) -> None:
    """No cent can be captured where all cards are declined: that this is said is the proof."""
    shop.answer = provider(declines=True)

    seen = cent_served(site(LOST))

    assert seen.proven
    assert seen.saw == "canary-r1-1: authorization was answered 200"


def test_refused_refund_is_no_heal(shop: Any, site: Any, provider: Any) -> None:
    """A canary that is not refunded leaves the books out of balance: not healed."""
    shop.answer = provider(refuses_refunds=True)

    seen = cent_served(site(LOST))

    assert not seen.proven
    assert seen.saw == "canary-r1-1: capture was answered 200, not refunded"


def test_other_charges_are_left_alone(shop: Any, site: Any, provider: Any) -> None:
    """Only the canary's own entries prove its capture, and only it is refunded."""
    shop.answer = books = provider(ledger=[{"kind": "capture", "order_id": "o-1"}], dropped=True)

    assert not Cent(Money.TAKEN)(site(LOST)).proven
    assert books.kinds() == ["capture", "void"]


def test_capture_that_overtakes_its_void(shop: Any, site: Any, provider: Any) -> None:
    """A capture that lands while it is being voided is refunded instead."""
    late = {"kind": "capture", "order_id": "canary-r1-1"}
    shop.answer = books = provider(dropped=True, late_capture=late)

    Cent(Money.TAKEN)(site(LOST))

    assert books.kinds() == ["capture", "refund"]


@pytest.mark.parametrize(
    ("kind", "money", "stream"),
    [
        pytest.param(FaultKind.PAYMENT_BLACK_HOLE, Money.KEPT, Stream.REQUEST, id="vanished requests"),
        pytest.param(LOST, Money.TAKEN, Stream.ANSWER, id="lost answers"),
        pytest.param(FaultKind.RESET_AFTER_CAPTURE, Money.TAKEN, Stream.ANSWER, id="reset answers"),
        pytest.param(FaultKind.PAYMENT_ANSWER_GARBLED, Money.TAKEN, Stream.ANSWER, id="cut answers"),
        pytest.param(FaultKind.LATE_CAPTURE, Money.TAKEN_LATE, Stream.REQUEST, id="late requests"),
    ],
)
def test_direction_decides_what_becomes_of_the_money(kind: FaultKind, money: Money, stream: Stream) -> None:
    """A toxic on the way there never claims a charge at once, one on the way back always does."""
    definition = DEFINITIONS[kind]

    assert definition.canary == Cent(money)
    assert definition.breaks[0].toxics[0].stream is stream  # type: ignore[attr-defined]
