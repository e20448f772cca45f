"""What each check needs of an adapter before it can pass: readings after the run, and methods for shoppers.

A check that misses one of its needs may still be broken by what there is; but it cannot be held, and is
INCONCLUSIVE. `tests/chaos/invariants/test_needs.py` holds this table against the invariants themselves.
"""

from collections.abc import Collection, Mapping

from chaos.invariants.scope import applies
from rehearsal.model.plan import Plan
from rehearsal.model.readings import FinalReadings

#: By check: fields of `FinalReadings`, and methods of the adapter that a shop may lack (`METHODS`).
NEEDS: dict[str, tuple[str, ...]] = {
    "I1.no_oversell": ("orders",),
    "I2.stock_conserved": ("stock", "orders"),
    "I3.no_leak": ("stock", "orders"),
    "I4.no_double_charge": ("charges", "orders", "pay"),
    "I5.no_lost_paid_order": ("orders",),
    "I6.no_charge_without_order": ("charges", "orders", "pay"),
    "I7.no_order_without_charge": ("charges", "orders", "pay"),
    "I8.fail_means_fail": ("orders", "charges"),
    "I9.indeterminate_resolves": ("orders",),
    "I10.idempotent_replay": (),
    "I11.callback_once": ("events", "pay"),
    "I12.limit_per_shopper": ("orders",),
    "I13.coupon_cap": ("orders", "coupons", "apply_coupon"),
    "I14.price_honoured": ("orders",),
    "I15.refund_once": ("charges", "orders", "pay", "cancel"),
    "I16.legal_states": ("transitions",),
    "I17.unique_ids": ("orders", "charges"),
    "I18.cart_isolation": ("orders",),
    "I19.sold_out_stable": ("orders",),
    "I20.no_lost_order": ("orders",),
    "I21.ledger_balance": ("charges", "orders", "pay"),
    "I22.confirmed_once": ("confirmations", "orders"),
    "I23.gift_card_balance": ("gift_cards", "orders", "apply_gift_card"),
    "I24.queue_fair": ("tokens",),
    "I25.no_early_sale": (),
    "I26.capture_authorized": ("charges", "pay"),
}

#: What else is judged of a run and rests on an adapter's offers, by the name of the finding.
BESIDES: dict[str, tuple[str, ...]] = {
    "slo.payment_success": ("pay",),
    "recovery.lost_orders": ("orders",),
}

#: Every need in words: what the adapter would have to tell or do.
WORDS: dict[str, str] = {
    "stock": "final_readings(): stock, the units of each SKU (initial, available, reserved, sold)",
    "orders": "final_readings(): orders, every order with its lines, status, total and shopper",
    "charges": "final_readings(): charges, the entries of the payment provider's own ledger",
    "transitions": "final_readings(): transitions, every change of an order's status",
    "events": "final_readings(): events, how often each of the provider's callbacks came and took effect",
    "confirmations": "final_readings(): confirmations, how many each order's shopper was sent",
    "coupons": "final_readings(): coupons, how often each was used as the shop counts",
    "gift_cards": "final_readings(): gift_cards, what each was worth and what is left",
    "tokens": "final_readings(): tokens, the numbers of the queue and what became of them",
    "pay": "pay(): the shopper pays the order",
    "cancel": "cancel(): the shopper takes a paid order back",
    "apply_coupon": "apply_coupon(): the shopper enters a coupon",
    "apply_gift_card": "apply_gift_card(): the shopper enters a gift card",
}

#: The needs that are methods of an adapter; the others are readings.
METHODS = ("pay", "cancel", "apply_coupon", "apply_gift_card")
READINGS = tuple(name for name in WORDS if name not in METHODS)


def offered(readings: FinalReadings, methods: Collection[str]) -> frozenset[str]:
    """Return the needs that are met: readings that were there, and of the adapter's `methods` those asked."""
    read = {name for name in READINGS if getattr(readings, name) is not None}
    return frozenset(read.union(name for name in METHODS if name in methods))


def asked_of(plan: Plan) -> dict[str, tuple[str, ...]]:
    """Return the needs of the checks that a plan puts a shop to, by check."""
    needs = {check: wanted for check, wanted in NEEDS.items() if applies(check, plan)}
    besides = {
        "slo.payment_success": any(slo.payment_success is not None for slo in plan.slo.values()),
        "recovery.lost_orders": bool(plan.faults),
    }
    return {**needs, **{name: BESIDES[name] for name, asked in besides.items() if asked}}


def costs(plan: Plan, met: Collection[str]) -> dict[str, tuple[str, ...]]:
    """Return by need that is not `met` the checks of a plan that are INCONCLUSIVE for the lack of it."""
    asked = asked_of(plan)
    lacking = (need for need in WORDS if need not in met)
    found = {need: tuple(check for check, wanted in asked.items() if need in wanted) for need in lacking}
    return {need: checks for need, checks in found.items() if checks}


def settled_by(check: str, met: Collection[str] = ()) -> tuple[str, ...]:
    """Return what would settle a check, in words, less the needs that are `met`; none for another's name.

    `check` is a finding's name, with or without its first word ("invariant.I1.no_oversell").
    """
    table: Mapping[str, tuple[str, ...]] = {**NEEDS, **BESIDES}
    parts = check.split(".")
    names = (check, check.removeprefix("invariant."), f"{parts[0]}.{parts[-1]}")
    wanted = next((table[name] for name in names if name in table), ())
    return tuple(WORDS[need] for need in wanted if need not in met)
