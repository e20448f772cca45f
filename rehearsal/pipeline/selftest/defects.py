"""Which drill exposes which planted bug of the mock shop, and which check has to say so."""

from typing import NamedTuple

from rehearsal.model.faults import FaultKind
from rehearsal.pipeline.selftest.peculiar import CALM, COME_AGAIN, IMPATIENT, SALE_ENDS, SHED, TOO_LATE


class Trap(NamedTuple):
    """A drill by its name, and the checks of which one must fail."""

    drill: str
    expected: tuple[str, ...]


#: Bugs of carts, orders, stock and what is given away with them.
_SALES: dict[str, Trap] = {
    "oversell_race": Trap(CALM, ("invariant.I1",)),
    "oversell_cache": Trap(FaultKind.CACHE_STALE, ("invariant.I1",)),
    "oversell_two_regions": Trap(CALM, ("invariant.I1",)),
    "split_brain": Trap(FaultKind.REPLICATION_CUT, ("invariant.I1", "invariant.I20")),
    "reservation_never_freed": Trap(FaultKind.PAYMENT_DECLINES, ("invariant.I3",)),
    "stock_freed_twice": Trap(FaultKind.PAYMENT_DECLINES, ("invariant.I2",)),
    "restocked_twice": Trap(CALM, ("invariant.I2", "invariant.I15")),
    "coupon_race": Trap(CALM, ("invariant.I13",)),
    "gift_card_race": Trap(CALM, ("invariant.I23",)),
    "limit_per_region": Trap(COME_AGAIN, ("invariant.I12",)),
    "token_reused": Trap(FaultKind.TOKEN_REPLAY, ("invariant.I24",)),
    "promo_price_for_ever": Trap(SALE_ENDS, ("invariant.I14",)),
    "opens_early": Trap(CALM, ("invariant.I25",)),
    "sold_out_flaps": Trap(CALM, ("invariant.I19",)),
    "idempotency_ignored": Trap(CALM, ("invariant.I10",)),
    "order_id_reused": Trap(CALM, ("invariant.I17",)),
    "cart_forgotten_on_failover": Trap(FaultKind.REGION_KILLED, ("invariant.I18",)),
    "paid_goes_back": Trap(CALM, ("invariant.I16",)),
    "confirmed_twice": Trap(FaultKind.WORKER_KILLED, ("invariant.I22",)),
    "ack_before_commit": Trap(FaultKind.REGION_KILLED, ("invariant.I5",)),
}

#: Bugs of payments.
_PAYMENTS: dict[str, Trap] = {
    "double_charge_on_retry": Trap(FaultKind.ANSWER_LOST_AFTER_CAPTURE, ("invariant.I4",)),
    "double_click_charges": Trap(CALM, ("invariant.I4",)),
    "all_payments_declined": Trap(CALM, ("slo.payment_success",)),
    "callback_not_deduplicated": Trap(FaultKind.CALLBACK_REPEATED, ("invariant.I11",)),
    "callback_resurrects": Trap(TOO_LATE, ("invariant.I16",)),
    "capture_before_commit": Trap(FaultKind.ANSWER_LOST_AFTER_CAPTURE, ("invariant.I6", "invariant.I9")),
    "pending_for_ever": Trap(FaultKind.TOXIC, ("invariant.I9",)),
    "refunded_twice": Trap(FaultKind.REFUND_UNREACHABLE, ("invariant.I15",)),
    "fail_but_charged": Trap(FaultKind.ANSWER_LOST_AFTER_CAPTURE, ("invariant.I8",)),
    "paid_without_capture": Trap(FaultKind.TOXIC, ("invariant.I7",)),
    "empty_200_is_paid": Trap(FaultKind.PAYMENT_ANSWER_GARBLED, ("invariant.I7",)),
    "partial_capture_taken": Trap(FaultKind.PAYMENT_ANSWER_GARBLED, ("invariant.I4", "invariant.I21")),
    "charged_on_both_providers": Trap(FaultKind.PAYMENT_FAILOVER, ("invariant.I4",)),
    "capture_without_authorization": Trap(CALM, ("invariant.I26",)),
    "late_capture_kept": Trap(TOO_LATE, ("invariant.I6",)),
}

#: Bugs that lose no cent and bring the shop down.
_STRENGTH: dict[str, Trap] = {
    "no_circuit_breaker": Trap(FaultKind.PAYMENT_BLACK_HOLE, ("slo.response_time",)),
    "retry_storm": Trap(FaultKind.PAYMENT_ERRORS, ("recovery.payment_errors.amplification",)),
    "unbounded_queue": Trap(SHED, ("shed.sale",)),
    "connection_leak": Trap(IMPATIENT, ("recovery.answer_lost_after_capture", "slo.goodput")),
    "memory_leak": Trap(CALM, ("resources.memory",)),
    "health_always_yes": Trap(FaultKind.COMMAND, ("recovery.command", "resilience.command")),
    "stale_routing": Trap(FaultKind.REGION_KILLED, ("recovery.region_killed", "resilience.region_killed")),
}

#: The trap for each bug. A bug without one makes the selftest fail.
TRAPS: dict[str, Trap] = _SALES | _PAYMENTS | _STRENGTH
