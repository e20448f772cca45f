"""The payment channels: which provider takes new payments, and to whom a payment under way belongs.

Which one is in use stands in the database, so that both regions, and one that is started again, agree. What
was begun with a provider stays with it until it is decided: paying the same order with another meanwhile
could charge it twice.
"""

import sqlite3
from typing import Annotated

import msgspec
from msgspec import Meta

from mock_store.gateway import Gateway
from mock_store.payments import FIRST, SECOND
from mock_store.web import Refused

#: How the ids of a provider's payments begin: `config.ProviderConfig.prefix`.
PREFIXES = {"p": FIRST, "p2": SECOND}


class ChannelBody(msgspec.Struct, frozen=True):
    """Body of a change of the channel."""

    provider: Annotated[str, Meta(pattern="^(first|second)$")]


class Channels:
    """A gateway for each provider that this shop may pay through."""

    def __init__(self, gateways: dict[str, Gateway]) -> None:
        """Know the first provider's gateway, and perhaps the second's."""
        self._gateways = gateways

    def of(self, provider: str) -> Gateway:
        """Return a provider's gateway; Refused(409) if this shop has none."""
        if provider not in self._gateways:
            raise Refused(409, "no_such_channel")
        return self._gateways[provider]

    def of_payment(self, payment_id: str) -> Gateway:
        """Return the gateway of the provider that gave a payment its id."""
        return self.of(PREFIXES.get(payment_id.partition("-")[0], FIRST))


def current(connection: sqlite3.Connection) -> str:
    """Return the provider that takes new payments."""
    row = connection.execute("SELECT provider FROM channel").fetchone()
    return FIRST if row is None else str(row[0])


def switch(connection: sqlite3.Connection, provider: str) -> None:
    """Let a provider take new payments."""
    connection.execute("DELETE FROM channel")
    connection.execute("INSERT INTO channel VALUES (?)", (provider,))
