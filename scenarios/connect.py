"""The client of one member of the pool: the load's own, or the one that the adapter brings."""

from typing import Protocol

from rehearsal.model.clock import Clock
from scenarios.bounds import Bounds
from scenarios.client import Client
from scenarios.own_client import OwnClient
from scenarios.reply import Http
from scenarios.storefront import Storefront, offers_of
from scenarios.strangers.guard import hold_to


class Connection(Http, Protocol):
    """What a member of the pool has for life, and shoppers use one after another."""

    def forget(self) -> None:
        """Forget all cookies: the next visit is another shopper's."""

    def close(self) -> None:
        """Close what is open."""


def connect(adapter: type[Storefront], clock: Clock, origin_ns: int, bounds: Bounds) -> Connection:
    """Return a client within bounds. Instants it reports count from `origin_ns`.

    RehearsalError if what the adapter brings is none.
    """
    own = adapter.connect(bounds)
    if own is not None:
        return OwnClient(own, clock, origin_ns, bounds)
    return Client(
        clock,
        origin_ns,
        connect_timeout_s=bounds.connect_timeout_s,
        timeout_s=bounds.timeout_s,
        allow=bounds.allow,
        verify=bounds.ca_file or True,
        headers=bounds.headers,
    )


def confine(adapter: type[Storefront], bounds: Bounds) -> None:
    """Hold this process to the allowed hosts if the adapter brings a client: it may do as it likes.

    There is no way back, so this is for processes that do nothing but load.
    """
    if "connect" in offers_of(adapter):
        hold_to(bounds.allow)
