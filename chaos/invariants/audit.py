"""All invariants in one pass, in a stable order."""

from collections.abc import Callable
from functools import partial

import polars as pl

from chaos.invariants import (
    i01_no_oversell,
    i02_stock_conserved,
    i04_no_double_charge,
    i05_no_lost_paid_order,
    i06_no_charge_without_order,
    i09_indeterminate_resolves,
    i12_limit_per_shopper,
    i14_price_honoured,
    i20_no_lost_order,
    i21_ledger_balance,
    i25_no_early_sale,
    i26_capture_authorized,
)
from chaos.invariants.untold import OF_A_SALE, untold
from rehearsal.model.checks import safely
from rehearsal.model.plan import Plan
from rehearsal.model.readings import FinalReadings
from rehearsal.model.verdict import Finding

Check = Callable[[pl.DataFrame, FinalReadings, Plan], Finding]

INVARIANTS: dict[str, Check] = {
    module.CHECK: module.check
    for module in (
        i01_no_oversell,
        i02_stock_conserved,
        i04_no_double_charge,
        i05_no_lost_paid_order,
        i06_no_charge_without_order,
        i09_indeterminate_resolves,
        i12_limit_per_shopper,
        i14_price_honoured,
        i20_no_lost_order,
        i21_ledger_balance,
        i25_no_early_sale,
        i26_capture_authorized,
    )
}


def audit(frame: pl.DataFrame, readings: FinalReadings, plan: Plan) -> tuple[Finding, ...]:
    """Judge every invariant on a history (columns of `history_file.SCHEMA`) and the final readings.

    Without a sale, what is about one is left out. With a stranger's locustfile see `untold`.
    """
    found: list[Finding] = []
    for name, check in INVARIANTS.items():
        if name in OF_A_SALE and not plan.has_sale:
            continue
        found += safely(f"invariant.{name}", partial(_alone, check, frame, readings, plan))
    return tuple(found)


def _alone(check: Check, frame: pl.DataFrame, readings: FinalReadings, plan: Plan) -> tuple[Finding, ...]:
    finding = check(frame, readings, plan)
    return (untold(finding) if plan.traffic.is_closed else finding,)
