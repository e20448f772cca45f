"""Numbers drawn before the sale: each is its shopper's own, and good for one order."""

import sqlite3
from secrets import token_hex

import msgspec

from mock_store import catalogue
from mock_store.web import Refused


class Token(msgspec.Struct, frozen=True):
    """One number: whose, which place, the rank in which its holder was let in (0: not yet), its orders."""

    token: str
    sku: str
    shopper: str
    place: int
    admitted: int
    uses: int


_COLUMNS = ", ".join(Token.__struct_fields__)


def snapshot(connection: sqlite3.Connection) -> list[Token]:
    """Return every number, in the order in which they were drawn."""
    rows = connection.execute(f"SELECT {_COLUMNS} FROM queue_tokens ORDER BY place")  # noqa: S608 - constant
    return [Token(*row) for row in rows]


def draw(connection: sqlite3.Connection, shopper: str, key: str, sku: str) -> Token:
    """Draw a number for a flash sale; the same key gets the same one. Refused(404): no such sale."""
    catalogue.on_flash_sale(connection, sku)
    intent_key = f"{sku}/{shopper}/{key}"
    connection.execute(
        "INSERT INTO queue_tokens (token, sku, shopper, intent_key, admitted, uses)"
        " VALUES (?, ?, ?, ?, 0, 0) ON CONFLICT DO NOTHING",
        (f"q-{token_hex(8)}", sku, shopper, intent_key),
    )
    row = connection.execute(
        f"SELECT {_COLUMNS} FROM queue_tokens WHERE intent_key = ?",  # noqa: S608 - constant
        (intent_key,),
    ).fetchone()
    return Token(*row)


def check(connection: sqlite3.Connection, token: str, *, shopper: str, sku: str, again: bool = False) -> None:
    """Let pass who holds a fresh number, or one used `again`; Refused: 403 no_token, 409 token_used."""
    row = connection.execute(
        "SELECT uses FROM queue_tokens WHERE token = ? AND shopper = ? AND sku = ?", (token, shopper, sku)
    ).fetchone()
    if row is None:
        raise Refused(403, "no_token")
    if row[0] and not again:
        raise Refused(409, "token_used")


def use(connection: sqlite3.Connection, token: str, *, again: bool = False) -> None:
    """Use a number for an order; its holder is let in after all who were before. Refused(409) token_used."""
    used = connection.execute(
        "UPDATE queue_tokens SET uses = uses + 1, admitted = 1 + (SELECT MAX(admitted) FROM queue_tokens)"
        " WHERE token = ? AND (uses = 0 OR ?)",
        (token, again),
    )
    if not used.rowcount:
        raise Refused(409, "token_used")
