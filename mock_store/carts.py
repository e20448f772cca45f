"""Carts, and the order of a whole cart."""

import sqlite3
from collections.abc import Callable
from functools import partial
from secrets import token_hex
from typing import Any, Literal

import msgspec

from mock_store import catalogue, inventory, orders, vouchers
from mock_store.defects import Defect
from mock_store.region import Region
from mock_store.stale_vouchers import Use, way_to_use
from mock_store.web import Refused


class Addition(msgspec.Struct, frozen=True, kw_only=True):
    """Units to put into a cart, once for each `key`."""

    shopper: str
    key: str
    sku: str
    qty: int

    @property
    def asked(self) -> "Asked":
        """Return it as a request that may be repeated."""
        return Asked(self.shopper, f"{self.shopper}/{self.key}", f"{self.sku}/{self.qty}")


class Voucher(msgspec.Struct, frozen=True, kw_only=True):
    """A coupon or a gift card to enter into a cart, once for each `key`."""

    shopper: str
    key: str
    kind: Literal["coupon", "gift_card"]
    code: str

    @property
    def asked(self) -> "Asked":
        """Return it as a request that may be repeated."""
        return Asked(self.shopper, f"{self.kind}/{self.shopper}/{self.key}", self.code)


class Asked(msgspec.Struct, frozen=True):
    """A change of a cart: what tells its key apart from others, and what a replay must repeat."""

    shopper: str
    intent_key: str
    fingerprint: str


class CartOrder(msgspec.Struct, frozen=True, kw_only=True):
    """The order of a whole cart, once for each `key`; `note` goes with the parcel."""

    shopper: str
    key: str
    note: str = ""


def view(connection: sqlite3.Connection, shopper: str, region: Region) -> dict[str, Any]:
    """Return a cart, what its lines come to and which vouchers it holds; one that nobody filled is empty."""
    lines = lines_of(connection, holder(shopper, region))
    total_cents = orders.sum_of(lines)
    held = msgspec.structs.asdict(vouchers.held(connection, shopper))
    return {"shopper": shopper, "lines": lines, "total_cents": total_cents, **held, "region": region.name}


def holder(shopper: str, region: Region) -> str:
    """Return whose a cart is: the shopper's, in all regions; with the defect, a region's shopper's."""
    return f"{region.name}/{shopper}" if region.has(Defect.CART_FORGOTTEN_ON_FAILOVER) else shopper


def lines_of(connection: sqlite3.Connection, shopper: str) -> tuple[orders.Line, ...]:
    """Return the lines of a cart at today's prices."""
    rows = connection.execute(
        "SELECT sku, qty, price_cents FROM cart_lines JOIN stock USING (sku) WHERE shopper = ? ORDER BY sku",
        (shopper,),
    )
    return tuple(orders.Line(*row) for row in rows)


def add(connection: sqlite3.Connection, addition: Addition, region: Region) -> bytes:
    """Put units into a cart and return the cart as JSON; a replay gets the same bytes.

    Refused: 404 unknown_sku, 422 idempotency_mismatch.
    """
    return _once(connection, addition.asked, region, partial(_put, connection, addition, region))


def enter(connection: sqlite3.Connection, voucher: Voucher, region: Region) -> bytes:
    """Enter a voucher into a cart and return the cart as JSON; a replay gets the same bytes.

    Refused: 404 unknown_coupon or unknown_gift_card, 409 coupon_used_up or gift_card_empty,
    422 idempotency_mismatch.
    """
    hold = vouchers.hold_coupon if voucher.kind == "coupon" else vouchers.hold_gift_card
    change = partial(hold, connection, voucher.shopper, voucher.code)
    return _once(connection, voucher.asked, region, change)


def replay(connection: sqlite3.Connection, intent_key: str, fingerprint: str) -> bytes | None:
    """Return the saved answer of a change, or None; Refused(422) if its key changed something else."""
    row = connection.execute(
        "SELECT fingerprint, answer FROM cart_answers WHERE intent_key = ?", (intent_key,)
    ).fetchone()
    if row is None:
        return None
    if row[0] != fingerprint:
        raise Refused(422, "idempotency_mismatch")
    return bytes(row[1])


def share_of(region: Region, shopper: str, rules: int) -> float:
    """Return how much of a usual request's work the order of a cart is, with promotion rules stacked on it.

    Each rule is held against each line, at `rule_share` of a usual request: 1 + rule_share x rules x lines.
    None of them grants anything, so prices are what they are without: what is modelled is what looking costs.
    """
    if not rules:
        return 1.0
    lines = len(region.storage.read(lines_of, holder(shopper, region)))
    return 1.0 + region.config.rule_share * rules * lines


async def order(region: Region, asked: CartOrder) -> tuple[orders.Order, list[orders.Line], bool]:
    """Order everything in the cart and empty it; return the order, its lines and whether it is new.

    Refused: 409 empty_cart; sold_out if any line cannot be reserved (then none is); coupon_used_up; 422
    idempotency_mismatch if the key ordered with another note.
    """
    use = await way_to_use(region, asked.shopper)
    return await region.storage.write(_order, asked, region, use)


def _order(
    connection: sqlite3.Connection, asked: CartOrder, region: Region, use: Use
) -> tuple[orders.Order, list[orders.Line], bool]:
    ignored = region.has(Defect.IDEMPOTENCY_IGNORED)
    intent_key = f"cart/{asked.shopper}/{asked.key}" + (f"/{token_hex(4)}" if ignored else "")
    known = orders.by_intent(connection, intent_key, asked.note)
    if known is not None:
        return known, orders.lines_of(connection, known.order_id), False
    whose = holder(asked.shopper, region)
    lines = lines_of(connection, whose)
    if not lines:
        raise Refused(409, "empty_cart")
    _reserve_all(connection, lines)
    relief = use(connection, asked.shopper, orders.sum_of(lines))
    connection.execute("DELETE FROM cart_lines WHERE shopper = ?", (whose,))
    draft = orders.Draft(
        shopper=asked.shopper,
        intent=asked.key,
        intent_key=intent_key,
        fingerprint=asked.note,
        region=region.name,
        expires_at_ns=region.reserved_until_ns(),
        lines=lines,
        relief=relief,
    )
    return orders.insert(connection, draft), list(lines), True


def _once(connection: sqlite3.Connection, asked: Asked, region: Region, change: Callable[[], None]) -> bytes:
    saved = replay(connection, asked.intent_key, asked.fingerprint)
    if saved is not None:
        return saved
    change()
    cart = msgspec.json.encode(view(connection, asked.shopper, region))
    row = (asked.intent_key, asked.fingerprint, cart)
    connection.execute("INSERT INTO cart_answers VALUES (?, ?, ?)", row)
    return cart


def _put(connection: sqlite3.Connection, addition: Addition, region: Region) -> None:
    catalogue.ordinary(connection, addition.sku)
    connection.execute(
        "INSERT INTO cart_lines VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET qty = qty + excluded.qty",
        (holder(addition.shopper, region), addition.sku, addition.qty),
    )


def _reserve_all(connection: sqlite3.Connection, lines: tuple[orders.Line, ...]) -> None:
    for line in lines:
        if not inventory.reserve(connection, line.sku, line.qty):
            raise Refused(409, "sold_out")
