"""The payment provider fails in two ways: it cannot be reached; or it charges and its answer is lost."""

from itertools import count

import httpx

from chaos import canary
from chaos.canary_payment import Canary, captured, pay, settle
from chaos.drill import Evidence, all_of
from chaos.toxics import answers_lost
from chaos.world import PAYMENT_LISTENERS, World
from rehearsal.model.errors import RehearsalError
from rehearsal.model.plan import FaultKind

_CAPTURE = "pay_capture"


class ProviderUnreachable:
    """Every way to the provider is closed: connections are refused, so nothing can have been charged."""

    name = FaultKind.PAYMENT_UNREACHABLE.value
    effect = "No payment reaches the provider; nothing is charged."

    def __init__(self, world: World) -> None:
        """Take the shop whose provider becomes unreachable."""
        self._world = world
        self._names = tuple(name for name in PAYMENT_LISTENERS if name in world.listeners)

    def inject(self) -> None:
        """Close the provider's listeners."""
        for name in self._names:
            self._world.toxiproxy.disable(name)

    def prove_effect(self) -> Evidence:
        """Connect to each listener: all must refuse."""
        world = self._world
        return all_of(tuple(canary.refused(world.http, name, world.listeners[name]) for name in self._names))

    def heal(self) -> None:
        """Open the listeners."""
        for name in self._names:
            self._world.toxiproxy.heal(name)

    def prove_heal(self) -> Evidence:
        """Ask the provider for its health through each listener: all must answer."""
        world = self._world
        return all_of(tuple(canary.answered(world.http, name, world.listeners[name]) for name in self._names))


class AnswerLostAfterCapture:
    """Captures are carried out and their answers lost: the shop cannot know whether it was paid."""

    name = FaultKind.ANSWER_LOST_AFTER_CAPTURE.value
    effect = "The provider charges the shopper, and its answer never reaches the shop."

    def __init__(self, world: World) -> None:
        """Take the shop whose captures lose their answers."""
        self._world = world
        self._numbers = count(1)
        self._unsettled: list[Canary] = []

    def inject(self) -> None:
        """Drop whatever the provider answers to a capture."""
        self._world.toxiproxy.add_toxic(_CAPTURE, answers_lost())

    def prove_effect(self) -> Evidence:
        """Pay a cent: its client must wait in vain and the provider's own ledger must show the capture."""
        sent = self._pay()
        if sent.status or not sent.payment_id:
            self._settle()
            return Evidence(proven=False, saw=f"{sent.order_id}: {sent.met}")
        in_ledger = self._in_ledger(sent)
        self._settle()
        where = "is" if in_ledger else "is not"
        saw = f"{sent.order_id}: {sent.met}, and the capture {where} in the provider's ledger"
        return Evidence(proven=in_ledger, saw=saw)

    def heal(self) -> None:
        """Let answers through again, and settle every canary of a cent."""
        self._world.toxiproxy.heal(_CAPTURE)
        if not self._settle():
            left = ", ".join(canary.order_id for canary in self._unsettled)
            raise RehearsalError(f"The provider still owes a cent for {left}: refund it by hand.")

    def prove_heal(self) -> Evidence:
        """Pay a cent: it must be answered, and refunded.

        A provider that declines takes no cent; then any answer through the listener must do as the proof.
        """
        sent = self._pay()
        settled = self._settle()
        if sent.status and not sent.payment_id:
            world = self._world
            passed = canary.answered(world.http, _CAPTURE, world.listeners[_CAPTURE])
            return Evidence(proven=passed.proven, saw=f"{sent.order_id}: {sent.met}; {passed.saw}")
        books = "refunded" if settled else "not refunded"
        proven = sent.status == httpx.codes.OK and bool(sent.payment_id) and settled
        return Evidence(proven=proven, saw=f"{sent.order_id}: {sent.met}, {books}")

    def _pay(self) -> Canary:
        world = self._world
        order_id = f"canary-{world.run_id}-{next(self._numbers)}"
        sent = pay(
            world.http,
            order_id,
            authorize=world.listeners["pay_authorize"],
            capture=world.listeners[_CAPTURE],
        )
        self._unsettled.append(sent)
        return sent

    def _in_ledger(self, sent: Canary) -> bool:
        try:
            return captured(self._world.http, self._world.provider_url, sent.order_id)
        except httpx.HTTPError:
            return False

    def _settle(self) -> bool:
        self._unsettled = [sent for sent in self._unsettled if not self._settled(sent)]
        return not self._unsettled

    def _settled(self, sent: Canary) -> bool:
        try:
            return settle(self._world.http, self._world.provider_url, sent)
        except httpx.HTTPError:
            return False
