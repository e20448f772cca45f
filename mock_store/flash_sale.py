"""The flash sale: opens at T-0, at most so many units for each shopper, never more than there are."""

import sqlite3
from secrets import token_hex

import msgspec

from mock_store import catalogue, orders, queue_tokens
from mock_store.defects import Defect
from mock_store.region import Region
from mock_store.units import NS_PER_S
from mock_store.web import Refused
from mock_store.wrong_stock import Take, way_to_take

#: How far ahead a region's clock is, where a defect goes by it.
_FAST_NS = 2 * NS_PER_S


class Wish(msgspec.Struct, frozen=True, kw_only=True):
    """What a shopper wants once. `key` is the Idempotency-Key of all attempts at it.

    `token` is a number drawn from the queue, for a sale that asks for one.
    """

    shopper: str
    key: str
    sku: str
    qty: int
    token: str = ""
    salt: str = ""

    @property
    def intent_key(self) -> str:
        """Return the key, told apart from those of other operations and shoppers; correct without salt."""
        return f"flash/{self.shopper}/{self.key}{self.salt}"

    @property
    def fingerprint(self) -> str:
        """Return what a replay must repeat."""
        return f"{self.sku}/{self.qty}"


async def buy(region: Region, wish: Wish) -> tuple[orders.Order, bool]:
    """Order units of the sale; return the order and whether it is new.

    Refused: 404 unknown_sku; 403 not_open or no_token; 409 token_used, limit_reached or sold_out;
    422 idempotency_mismatch.
    """
    if region.has(Defect.IDEMPOTENCY_IGNORED):
        wish = msgspec.structs.replace(wish, salt=f"/{token_hex(4)}")
    # A snapshot answers replays and refusals, most of a sale's traffic, without waiting for the writer.
    known, available = region.storage.read(_check, wish, region)
    if known is not None:
        return known, False
    take = await way_to_take(region, wish.sku, wish.qty, available)
    return await region.storage.write(_buy, wish, region, take)


def _buy(connection: sqlite3.Connection, wish: Wish, region: Region, take: Take) -> tuple[orders.Order, bool]:
    known, _ = _check(connection, wish, region)
    if known is not None:
        return known, False
    if not take(connection, wish.sku, wish.qty):
        raise Refused(409, "sold_out")
    return _order(connection, wish, region), True


def _check(connection: sqlite3.Connection, wish: Wish, region: Region) -> tuple[orders.Order | None, int]:
    known = orders.by_intent(connection, wish.intent_key, wish.fingerprint)
    if known is not None:
        return known, 0
    item = catalogue.on_flash_sale(connection, wish.sku)
    now_ns = region.wall_ns() + _FAST_NS if region.has(Defect.OPENS_EARLY) else region.now_ns()
    if now_ns < item.opens_at_ns:
        raise Refused(403, "not_open", opens_in_ms=catalogue.opens_in_ms(item, now_ns))
    if item.tokens:
        _check_token(connection, wish, region)
    counted_in = region.name if region.has(Defect.LIMIT_PER_REGION) else ""
    held = orders.held_units(connection, wish.shopper, wish.sku, region=counted_in)
    if held + wish.qty > item.limit_per_shopper:
        raise Refused(409, "limit_reached")
    return None, item.available


def _check_token(connection: sqlite3.Connection, wish: Wish, region: Region) -> None:
    again = region.has(Defect.TOKEN_REUSED)
    queue_tokens.check(connection, wish.token, shopper=wish.shopper, sku=wish.sku, again=again)


def _order(connection: sqlite3.Connection, wish: Wish, region: Region) -> orders.Order:
    item = catalogue.product(connection, wish.sku)
    priced_at_ns = 0 if region.has(Defect.PROMO_PRICE_FOR_EVER) else region.now_ns()
    if item.tokens:
        queue_tokens.use(connection, wish.token, again=region.has(Defect.TOKEN_REUSED))
    return orders.insert(
        connection,
        orders.Draft(
            shopper=wish.shopper,
            intent=wish.key,
            intent_key=wish.intent_key,
            fingerprint=wish.fingerprint,
            region=region.name,
            order_id=_number(region),
            expires_at_ns=region.reserved_until_ns(),
            lines=(orders.Line(wish.sku, wish.qty, item.price_at(priced_at_ns)),),
        ),
    )


def _number(region: Region) -> str:
    """Return "" for an id that nobody else can have; with the defect, each fifth is a counter's."""
    if not region.has(Defect.ORDER_ID_REUSED):
        return ""
    number = region.memory.next_number()
    return "" if number % 5 else f"o-{number:016d}"
