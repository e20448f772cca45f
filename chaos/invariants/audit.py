"""All invariants in one pass, in a stable order."""

from collections.abc import Callable

import polars as pl

from chaos.invariants import (
    i01_no_oversell,
    i02_stock_conserved,
    i04_no_double_charge,
    i05_no_lost_paid_order,
    i06_no_charge_without_order,
    i09_indeterminate_resolves,
    i12_limit_per_shopper,
    i20_no_lost_order,
    i21_ledger_balance,
)
from chaos.invariants.outcome import unknown
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
        i20_no_lost_order,
        i21_ledger_balance,
    )
}


def audit(frame: pl.DataFrame, readings: FinalReadings, plan: Plan) -> tuple[Finding, ...]:
    """Judge every invariant on a history (columns of `history_file.SCHEMA`) and the final readings."""
    return tuple(safely(name, check, frame, readings, plan) for name, check in INVARIANTS.items())


def safely(name: str, check: Check, frame: pl.DataFrame, readings: FinalReadings, plan: Plan) -> Finding:
    """Return what a check finds; INCONCLUSIVE, naming the exception, if it crashes (Jepsen's check-safe)."""
    try:
        return check(frame, readings, plan)
    except Exception as error:  # noqa: BLE001 - whatever a check dies of, the other checks still count
        return unknown(
            name, f"the check itself crashed ({type(error).__name__}: {error}), so nothing is known"
        )
