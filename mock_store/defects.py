"""Bugs that real shops had, each off until a configuration names it, each a thing the harness must catch."""

from enum import StrEnum


class Defect(StrEnum):
    """A switchable bug; `BITES` says what it does and where."""

    OVERSELL_RACE = "oversell_race"
    DOUBLE_CHARGE_ON_RETRY = "double_charge_on_retry"
    DOUBLE_CLICK_CHARGES = "double_click_charges"
    ACK_BEFORE_COMMIT = "ack_before_commit"
    ALL_PAYMENTS_DECLINED = "all_payments_declined"
    CONFIRMED_TWICE = "confirmed_twice"
    OVERSELL_CACHE = "oversell_cache"
    OVERSELL_TWO_REGIONS = "oversell_two_regions"
    SPLIT_BRAIN = "split_brain"
    SOLD_OUT_FLAPS = "sold_out_flaps"
    LIMIT_PER_REGION = "limit_per_region"
    PROMO_PRICE_FOR_EVER = "promo_price_for_ever"
    OPENS_EARLY = "opens_early"
    IDEMPOTENCY_IGNORED = "idempotency_ignored"
    ORDER_ID_REUSED = "order_id_reused"
    TOKEN_REUSED = "token_reused"  # noqa: S105 - a number drawn in a queue, not a password
    RESERVATION_NEVER_FREED = "reservation_never_freed"
    STOCK_FREED_TWICE = "stock_freed_twice"
    RESTOCKED_TWICE = "restocked_twice"
    COUPON_RACE = "coupon_race"
    GIFT_CARD_RACE = "gift_card_race"
    CART_FORGOTTEN_ON_FAILOVER = "cart_forgotten_on_failover"
    PAID_GOES_BACK = "paid_goes_back"


#: What each does and where, as `python -m mock_store defects` prints it.
BITES = {
    Defect.OVERSELL_RACE: "flash_sale: reads the stock, dawdles 5-40 ms, writes back what it read minus "
    "the quantity.",
    Defect.DOUBLE_CHARGE_ON_RETRY: "charge: after a lost capture answer it authorizes and captures again "
    "under new keys; payments: a second capture of a paid order is not refunded.",
    Defect.DOUBLE_CLICK_CHARGES: "charge: a second request to pay under the key of one still under way "
    "authorizes and captures anew; payments: the surplus is not refunded.",
    Defect.ACK_BEFORE_COMMIT: 'early_ack: answers "paid" and acknowledges callbacks from memory; the '
    "database hears of both 2 s later.",
    Defect.ALL_PAYMENTS_DECLINED: "provider: answers every authorization with status 200 and a body that "
    "says it was declined; charge: hands that on as 200, so the shop lies by status code.",
    Defect.CONFIRMED_TWICE: "worker: sends first and crosses off half a second later; whoever takes over "
    "from a killed worker sends again.",
    Defect.OVERSELL_CACHE: "wrong_stock: sells whatever the region's cached page says is available, and "
    "takes it from the shelf unasked.",
    Defect.OVERSELL_TWO_REGIONS: "wrong_stock: each region takes the whole stock for its own and counts only "
    "its own orders against it.",
    Defect.SPLIT_BRAIN: "wrong_stock: a region sells from a count in its memory, which only its own sales "
    "and its peer's word change: cut off, each sells its own copy of the stock.",
    Defect.SOLD_OUT_FLAPS: "wrong_stock: one buy in four asks a replica that knows of no stock, and is told "
    "sold_out; the next is served.",
    Defect.LIMIT_PER_REGION: "flash_sale: counts only what the shopper bought in the same region against the "
    "limit.",
    Defect.PROMO_PRICE_FOR_EVER: "flash_sale: takes the sale's price for new orders after its end too.",
    Defect.OPENS_EARLY: "flash_sale: opens the sale by the region's own clock, which is two seconds fast.",
    Defect.IDEMPOTENCY_IGNORED: "flash_sale, carts: make a new order for every request, whatever its "
    "Idempotency-Key.",
    Defect.ORDER_ID_REUSED: "flash_sale: numbers each fifth order by a counter in the region's memory, which "
    "begins at 1 in the other region and after a restart too; the later order takes the earlier one's row.",
    Defect.TOKEN_REUSED: "queue_tokens: does not look whether a number was used for an order before.",
    Defect.RESERVATION_NEVER_FREED: "expiry: an order that nobody paid expires, and its units stay reserved.",
    Defect.STOCK_FREED_TWICE: "expiry: reads which orders are overdue, dawdles 300 ms and frees their units "
    "unasked; so does the other region.",
    Defect.RESTOCKED_TWICE: "refunds: units of a cancelled order go back on the shelf when it is cancelled, "
    "and again when its refund is made.",
    Defect.COUPON_RACE: "stale_vouchers: reads how often the coupon is used, dawdles 100-500 ms, writes that "
    "plus one.",
    Defect.GIFT_CARD_RACE: "stale_vouchers: reads what is on the card, dawdles 100-500 ms, writes that minus "
    "what the order takes.",
    Defect.CART_FORGOTTEN_ON_FAILOVER: "carts: each region keeps carts of its own; whoever is sent to "
    "another finds an empty one.",
    Defect.PAID_GOES_BACK: "journal: a callback sets a paid order back to pending_payment for 20-50 ms, then "
    "it is paid again.",
}
