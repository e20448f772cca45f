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
    CALLBACK_NOT_DEDUPLICATED = "callback_not_deduplicated"
    CALLBACK_RESURRECTS = "callback_resurrects"
    LATE_CAPTURE_KEPT = "late_capture_kept"
    CAPTURE_BEFORE_COMMIT = "capture_before_commit"
    PENDING_FOR_EVER = "pending_for_ever"
    REFUNDED_TWICE = "refunded_twice"
    FAIL_BUT_CHARGED = "fail_but_charged"
    PAID_WITHOUT_CAPTURE = "paid_without_capture"
    EMPTY_200_IS_PAID = "empty_200_is_paid"
    PARTIAL_CAPTURE_TAKEN = "partial_capture_taken"
    CHARGED_ON_BOTH_PROVIDERS = "charged_on_both_providers"
    CAPTURE_WITHOUT_AUTHORIZATION = "capture_without_authorization"
    NO_CIRCUIT_BREAKER = "no_circuit_breaker"
    RETRY_STORM = "retry_storm"
    UNBOUNDED_QUEUE = "unbounded_queue"
    CONNECTION_LEAK = "connection_leak"
    MEMORY_LEAK = "memory_leak"
    HEALTH_ALWAYS_YES = "health_always_yes"
    STALE_ROUTING = "stale_routing"


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
    Defect.CONFIRMED_TWICE: "worker: sends first and crosses off two seconds later; whoever takes over "
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
    Defect.COUPON_RACE: "stale_vouchers: reads how often the coupon is used, dawdles 0.4-1.2 s, writes that "
    "plus one.",
    Defect.GIFT_CARD_RACE: "stale_vouchers: reads what is on the card, dawdles 0.4-1.2 s, writes that minus "
    "what the order takes.",
    Defect.CART_FORGOTTEN_ON_FAILOVER: "carts: each region keeps carts of its own; whoever is sent to "
    "another finds an empty one.",
    Defect.PAID_GOES_BACK: "journal: a callback sets a paid order back to pending_payment for 20-50 ms, then "
    "it is paid again.",
    Defect.CALLBACK_NOT_DEDUPLICATED: "payments: every arrival of a callback takes effect, and the shopper "
    "is written to once more for it.",
    Defect.CALLBACK_RESURRECTS: "reconciler: gives up an unknown payment past its deadline without having "
    "the provider close it; payments: a capture makes an expired order paid and sells its units again.",
    Defect.LATE_CAPTURE_KEPT: "reconciler: gives up an unknown payment past its deadline without having the "
    "provider close it; payments: money for an expired order is kept.",
    Defect.CAPTURE_BEFORE_COMMIT: "hasty: writes an attempt to pay down only once it is captured; a callback "
    "about one that is not in the books is dropped.",
    Defect.PENDING_FOR_EVER: "reconciler: never asks what became of a payment whose answer was lost.",
    Defect.REFUNDED_TWICE: "reconciler: tries a refund whose answer was lost under a new key; provider: "
    "gives back what it gave back before.",
    Defect.FAIL_BUT_CHARGED: "charge: says that the card was declined after a lost capture answer, and "
    "forgets the attempt.",
    Defect.PAID_WITHOUT_CAPTURE: "charge: takes a capture that was not sent, or whose answer was lost, for "
    "done.",
    Defect.EMPTY_200_IS_PAID: "charge: takes any answer 200 for success, whether or not it can be read, that "
    "to the authorization too.",
    Defect.PARTIAL_CAPTURE_TAKEN: "payments: does not compare what was captured with what the order costs.",
    Defect.CHARGED_ON_BOTH_PROVIDERS: "charge: charges the order with the other provider after a lost "
    "capture answer; payments: the surplus is not refunded.",
    Defect.CAPTURE_WITHOUT_AUTHORIZATION: "charge: captures at once, under a payment id of its own making; "
    "provider: lets it.",
    Defect.NO_CIRCUIT_BREAKER: "gateway: asks a provider that does not answer again and again, and waits 6 s "
    "each time.",
    Defect.RETRY_STORM: "gateway: repeats a call up to eight times at once while its answer is lost; "
    "reconciler: waits for nothing between looks.",
    Defect.UNBOUNDED_QUEUE: "service_time: lets everybody wait, however many there are.",
    Defect.CONNECTION_LEAK: "leaks: a request that ends in an error, or is left pending, keeps a server for "
    "ever.",
    Defect.MEMORY_LEAK: "leaks: keeps 256 KiB for every request, up to 512 MiB.",
    Defect.HEALTH_ALWAYS_YES: "vitals: says that the region is well, whatever has become of it.",
    Defect.STALE_ROUTING: "director: acts on health checks every 30 s only.",
}
