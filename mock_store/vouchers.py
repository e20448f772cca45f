"""The coupon and the gift card that a cart holds until its order uses them."""

import sqlite3
from collections.abc import Callable

import msgspec

from mock_store import coupons, gift_cards
from mock_store.orders import Relief

UseCoupon = Callable[[sqlite3.Connection, str, str], coupons.Coupon]
Spend = Callable[[sqlite3.Connection, str, int], int]


class Held(msgspec.Struct, frozen=True):
    """What a cart holds; "" for none."""

    coupon: str = ""
    gift_card: str = ""


def held(connection: sqlite3.Connection, shopper: str) -> Held:
    """Return what a shopper's cart holds."""
    row = connection.execute(
        "SELECT coupon, gift_card FROM cart_vouchers WHERE shopper = ?", (shopper,)
    ).fetchone()
    return Held() if row is None else Held(*row)


def hold_coupon(connection: sqlite3.Connection, shopper: str, code: str) -> None:
    """Enter a coupon, "" to take it out; Refused: 404 unknown_coupon, 409 coupon_used_up."""
    if code:
        coupons.check(connection, code, shopper)
    _hold(connection, shopper, msgspec.structs.replace(held(connection, shopper), coupon=code))


def hold_gift_card(connection: sqlite3.Connection, shopper: str, code: str) -> None:
    """Enter a gift card, "" to take it out; Refused: 404 unknown_gift_card, 409 gift_card_empty."""
    if code:
        gift_cards.check(connection, code)
    _hold(connection, shopper, msgspec.structs.replace(held(connection, shopper), gift_card=code))


def use(
    connection: sqlite3.Connection,
    shopper: str,
    sum_cents: int,
    *,
    use_coupon: UseCoupon = coupons.use,
    spend: Spend = gift_cards.spend,
) -> Relief:
    """Use what a cart of `sum_cents` holds, and empty its hands; a cent is left to pay where there was one.

    Refused: 409 coupon_used_up. A gift card that others emptied meanwhile pays nothing.
    """
    mine = held(connection, shopper)
    most_cents = max(0, sum_cents - 1)
    discount_cents = gift_cents = 0
    if mine.coupon:
        discount_cents = min(use_coupon(connection, mine.coupon, shopper).cents, most_cents)
    if mine.gift_card:
        gift_cents = spend(connection, mine.gift_card, most_cents - discount_cents)
    connection.execute("DELETE FROM cart_vouchers WHERE shopper = ?", (shopper,))
    return Relief(
        coupon=mine.coupon,
        discount_cents=discount_cents,
        gift_card=mine.gift_card if gift_cents else "",
        gift_cents=gift_cents,
    )


def _hold(connection: sqlite3.Connection, shopper: str, now: Held) -> None:
    row = (shopper, now.coupon, now.gift_card)
    connection.execute("INSERT OR REPLACE INTO cart_vouchers VALUES (?, ?, ?)", row)
