"""Canary payments of a drill: cents that go the shop's way and are given back past it."""

from collections.abc import Callable

import httpx

from chaos.canary_payment import Canary, authorize, captured, pay, settle
from chaos.world import World
from rehearsal.model.errors import RehearsalError


class Purse:
    """Pays cents, and remembers them until nobody owes anything for them."""

    def __init__(self, world: World) -> None:
        """Take the shop whose provider is paid."""
        self._world = world
        self._unsettled: list[Canary] = []

    def pay(self, *, callback_url: str = "") -> Canary:
        """Authorize and capture a cent through the listeners."""
        world, order_id = self._world, self._next()
        sent = pay(
            world.http,
            order_id,
            authorize=world.listeners["pay_authorize"],
            capture=world.listeners["pay_capture"],
            callback_url=callback_url,
        )
        self._unsettled[-1] = sent
        return sent

    def authorize_twice(self, pause: Callable[[], None]) -> tuple[str, str]:
        """Send one authorization two times under one key, with a pause; return the payments' ids."""
        order_id = self._next()
        url = self._world.listeners["pay_authorize"]
        first = authorize(self._world.http, order_id, url)
        pause()
        return first, authorize(self._world.http, order_id, url)

    def in_ledger(self, sent: Canary) -> bool:
        """Tell whether the provider's own ledger has the capture; False if it cannot be read."""
        try:
            return captured(self._world.http, self._world.provider_url, sent.order_id)
        except httpx.HTTPError:
            return False

    def settle(self) -> bool:
        """Give back, or close, what is not settled yet; tell whether nothing is left."""
        self._unsettled = [sent for sent in self._unsettled if not self._settled(sent)]
        return not self._unsettled

    def require_settled(self) -> None:
        """Settle; RehearsalError names what is left."""
        if not self.settle():
            left = ", ".join(sent.order_id for sent in self._unsettled)
            raise RehearsalError(f"The provider still owes a cent for {left}: refund it by hand.")

    def _next(self) -> str:
        """Return a canary's name, noted before it is sent: whatever interrupts it, it will be settled."""
        order_id = f"canary-{self._world.run_id}-{next(self._world.numbers)}"
        self._unsettled.append(Canary(order_id, "", 0, "was broken off"))
        return order_id

    def _settled(self, sent: Canary) -> bool:
        try:
            return settle(self._world.http, self._world.provider_url, sent)
        except httpx.HTTPError:
            return False
