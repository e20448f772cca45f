"""The defects coupon_race and gift_card_race: what was read before is written back, whatever came between."""

import sqlite3
from collections.abc import Callable
from functools import partial

import msgspec

from mock_store import coupons, gift_cards, vouchers
from mock_store.coupons import Coupon
from mock_store.defects import Defect
from mock_store.gift_cards import GiftCard
from mock_store.orders import Relief
from mock_store.region import Region

#: As long as it takes to ask another service what a coupon or a card is still worth.
_DAWDLES_S = (0.4, 1.2)

#: Lets a cart of a shopper, worth so many cents, use what it holds.
Use = Callable[[sqlite3.Connection, str, int], Relief]


class _Seen(msgspec.Struct, frozen=True):
    """What a cart held, as it was when it was read."""

    coupon: Coupon | None
    gift_card: GiftCard | None


async def way_to_use(region: Region, shopper: str) -> Use:
    """Return how a region uses vouchers: as it should, or, with a defect, what it reads now a moment later.

    Refused: 409 coupon_used_up, 409 gift_card_empty by what is read now.
    """
    races = [region.has(defect) for defect in (Defect.COUPON_RACE, Defect.GIFT_CARD_RACE)]
    if not any(races):
        return vouchers.use
    seen = region.storage.read(_look, shopper, *races)
    await region.sleep(region.rng.uniform(*_DAWDLES_S))
    return partial(_use_stale, seen)


def _look(connection: sqlite3.Connection, shopper: str, coupon_races: bool, card_races: bool) -> _Seen:  # noqa: FBT001
    held = vouchers.held(connection, shopper)
    return _Seen(
        coupons.check(connection, held.coupon, shopper) if held.coupon and coupon_races else None,
        gift_cards.check(connection, held.gift_card) if held.gift_card and card_races else None,
    )


def _use_stale(seen: _Seen, connection: sqlite3.Connection, shopper: str, sum_cents: int) -> Relief:
    return vouchers.use(
        connection,
        shopper,
        sum_cents,
        use_coupon=coupons.use if seen.coupon is None else partial(_count, seen.coupon),
        spend=gift_cards.spend if seen.gift_card is None else partial(_spend, seen.gift_card),
    )


def _count(seen: Coupon, connection: sqlite3.Connection, code: str, shopper: str) -> Coupon:
    connection.execute("UPDATE coupons SET used = ? WHERE code = ?", (seen.used + 1, code))
    connection.execute("INSERT OR REPLACE INTO coupon_uses VALUES (?, ?, 1)", (code, shopper))
    return seen


def _spend(seen: GiftCard, connection: sqlite3.Connection, code: str, most_cents: int) -> int:
    taken_cents = min(seen.balance_cents, most_cents)
    connection.execute(
        "UPDATE gift_cards SET balance_cents = ? WHERE code = ?", (seen.balance_cents - taken_cents, code)
    )
    return taken_cents
