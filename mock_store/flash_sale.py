"""The flash sale: opens at T-0, at most so many units for each shopper, never more than there are."""

import sqlite3

import msgspec

from mock_store import catalogue, inventory, orders, queue_tokens
from mock_store.defects import Defect
from mock_store.region import Region
from mock_store.web import Refused


class Wish(msgspec.Struct, frozen=True, kw_only=True):
    """What a shopper wants once. `key` is the Idempotency-Key of all attempts at it.

    `token` is a number drawn from the queue, for a sale that asks for one.
    """

    shopper: str
    key: str
    sku: str
    qty: int
    token: str = ""

    @property
    def intent_key(self) -> str:
        """Return the key, told apart from those of other operations and shoppers."""
        return f"flash/{self.shopper}/{self.key}"

    @property
    def fingerprint(self) -> str:
        """Return what a replay must repeat."""
        return f"{self.sku}/{self.qty}"


async def buy(region: Region, wish: Wish) -> tuple[orders.Order, bool]:
    """Order units of the sale; return the order and whether it is new.

    Refused: 404 unknown_sku; 403 not_open or no_token; 409 token_used, limit_reached or sold_out;
    422 idempotency_mismatch.
    """
    # A snapshot answers replays and refusals, most of a sale's traffic, without waiting for the writer.
    known, available = region.storage.read(_check, wish, region.now_ns())
    if known is not None:
        return known, False
    if available < wish.qty:
        raise Refused(409, "sold_out")
    if region.has(Defect.OVERSELL_RACE):
        await region.sleep(region.rng.uniform(0.005, 0.040))
        return await region.storage.write(_buy_stale, wish, region, available)
    return await region.storage.write(_buy, wish, region)


def _buy(connection: sqlite3.Connection, wish: Wish, region: Region) -> tuple[orders.Order, bool]:
    known, _ = _check(connection, wish, region.now_ns())
    if known is not None:
        return known, False
    if not inventory.reserve(connection, wish.sku, wish.qty):
        raise Refused(409, "sold_out")
    return _order(connection, wish, region), True


def _buy_stale(
    connection: sqlite3.Connection, wish: Wish, region: Region, available: int
) -> tuple[orders.Order, bool]:
    known, _ = _check(connection, wish, region.now_ns())
    if known is not None:
        return known, False
    connection.execute(
        "UPDATE stock SET available = ?, reserved = reserved + ? WHERE sku = ?",
        (available - wish.qty, wish.qty, wish.sku),
    )
    return _order(connection, wish, region), True


def _check(connection: sqlite3.Connection, wish: Wish, now_ns: int) -> tuple[orders.Order | None, int]:
    known = orders.by_intent(connection, wish.intent_key, wish.fingerprint)
    if known is not None:
        return known, 0
    item = catalogue.on_flash_sale(connection, wish.sku)
    if now_ns < item.opens_at_ns:
        raise Refused(403, "not_open", opens_in_ms=catalogue.opens_in_ms(item, now_ns))
    if item.tokens:
        queue_tokens.check(connection, wish.token, shopper=wish.shopper, sku=wish.sku)
    if orders.held_units(connection, wish.shopper, wish.sku) + wish.qty > item.limit_per_shopper:
        raise Refused(409, "limit_reached")
    return None, item.available


def _order(connection: sqlite3.Connection, wish: Wish, region: Region) -> orders.Order:
    item = catalogue.product(connection, wish.sku)
    if item.tokens:
        queue_tokens.use(connection, wish.token)
    return orders.insert(
        connection,
        orders.Draft(
            shopper=wish.shopper,
            intent=wish.key,
            intent_key=wish.intent_key,
            fingerprint=wish.fingerprint,
            region=region.name,
            expires_at_ns=region.reserved_until_ns(),
            lines=(orders.Line(wish.sku, wish.qty, item.price_at(region.now_ns())),),
        ),
    )
