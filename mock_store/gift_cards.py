"""Gift cards: money that anybody with the code may spend, never below nothing, given back with the order."""

import sqlite3

import msgspec

from mock_store.web import Refused


class GiftCard(msgspec.Struct, frozen=True):
    """One card: what it was worth at first, and what is left."""

    code: str
    initial_cents: int
    balance_cents: int


_COLUMNS = ", ".join(GiftCard.__struct_fields__)


def snapshot(connection: sqlite3.Connection) -> list[GiftCard]:
    """Return every card."""
    rows = connection.execute(f"SELECT {_COLUMNS} FROM gift_cards ORDER BY code")  # noqa: S608 - constant
    return [GiftCard(*row) for row in rows]


def by_code(connection: sqlite3.Connection, code: str) -> GiftCard:
    """Return a card; Refused(404) if there is none of that code."""
    row = connection.execute(f"SELECT {_COLUMNS} FROM gift_cards WHERE code = ?", (code,)).fetchone()  # noqa: S608
    if row is None:
        raise Refused(404, "unknown_gift_card")
    return GiftCard(*row)


def check(connection: sqlite3.Connection, code: str) -> GiftCard:
    """Return a card with money on it; Refused: 404 unknown_gift_card, 409 gift_card_empty."""
    card = by_code(connection, code)
    if card.balance_cents <= 0:
        raise Refused(409, "gift_card_empty")
    return card


def spend(connection: sqlite3.Connection, code: str, most_cents: int) -> int:
    """Take what is on a card, at most so much, and return it; 0 if another spent it all meanwhile."""
    taken_cents = min(by_code(connection, code).balance_cents, most_cents)
    taken = connection.execute(
        "UPDATE gift_cards SET balance_cents = balance_cents - :cents"
        " WHERE code = :code AND balance_cents >= :cents",
        {"code": code, "cents": taken_cents},
    )
    return taken_cents if taken.rowcount else 0


def give_back(connection: sqlite3.Connection, code: str, cents: int) -> None:
    """Put money back on a card, of an order that expired or was cancelled."""
    connection.execute(
        "UPDATE gift_cards SET balance_cents = balance_cents + ? WHERE code = ?", (cents, code)
    )
