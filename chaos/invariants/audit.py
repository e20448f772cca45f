"""All invariants in one pass, in a stable order, from one set of books."""

from collections.abc import Callable, Iterable
from functools import partial

import polars as pl

from chaos.invariants import (
    i01_no_oversell,
    i02_stock_conserved,
    i03_no_leak,
    i04_no_double_charge,
    i05_no_lost_paid_order,
    i06_no_charge_without_order,
    i07_no_order_without_charge,
    i08_fail_means_fail,
    i09_indeterminate_resolves,
    i10_idempotent_replay,
    i11_callback_once,
    i12_limit_per_shopper,
    i13_coupon_cap,
    i14_price_honoured,
    i15_refund_once,
    i16_legal_states,
    i17_unique_ids,
    i18_cart_isolation,
    i19_sold_out_stable,
    i20_no_lost_order,
    i21_ledger_balance,
    i22_confirmed_once,
    i23_gift_card_balance,
    i24_queue_fair,
    i25_no_early_sale,
    i26_capture_authorized,
)
from chaos.invariants.books import Books
from chaos.invariants.scope import is_judged, is_told
from chaos.invariants.untold import OF_A_FILE, OF_A_LOG, untold
from rehearsal.model.checks import safely
from rehearsal.model.plan import Plan
from rehearsal.model.readings import FinalReadings
from rehearsal.model.verdict import Finding

Check = Callable[[Books, Plan], Finding]

INVARIANTS: dict[str, Check] = {
    module.CHECK: module.check
    for module in (
        i01_no_oversell,
        i02_stock_conserved,
        i03_no_leak,
        i04_no_double_charge,
        i05_no_lost_paid_order,
        i06_no_charge_without_order,
        i07_no_order_without_charge,
        i08_fail_means_fail,
        i09_indeterminate_resolves,
        i10_idempotent_replay,
        i11_callback_once,
        i12_limit_per_shopper,
        i13_coupon_cap,
        i14_price_honoured,
        i15_refund_once,
        i16_legal_states,
        i17_unique_ids,
        i18_cart_isolation,
        i19_sold_out_stable,
        i20_no_lost_order,
        i21_ledger_balance,
        i22_confirmed_once,
        i23_gift_card_balance,
        i24_queue_fair,
        i25_no_early_sale,
        i26_capture_authorized,
    )
}


def audit(
    frame: pl.DataFrame | pl.LazyFrame, readings: FinalReadings | Iterable[FinalReadings], plan: Plan
) -> tuple[Finding, ...]:
    """Judge every invariant on a history (columns of `history_file.SCHEMA`) and the final readings.

    These come whole or in parts. What the plan does not have is left out, see `scope`. With a stranger's
    locustfile, or a log, see `untold`.
    """
    books = Books.of(frame, readings)
    found: list[Finding] = []
    for name, check in INVARIANTS.items():
        if is_judged(name, plan):
            findings = safely(f"invariant.{name}", partial(_alone, check, books, plan))
            found += [finding for finding in findings if is_told(name, plan, finding)]
    return tuple(found)


def _alone(check: Check, books: Books, plan: Plan) -> tuple[Finding, ...]:
    finding = check(books, plan)
    if plan.traffic.tells_steps:
        return (finding,)
    return (untold(finding, OF_A_LOG if plan.traffic.is_logged else OF_A_FILE),)
