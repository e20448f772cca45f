"""Which invariants are about something that a plan has. What it does not have is left out, not unknown."""

from collections.abc import Callable

from rehearsal.model.plan import Plan
from rehearsal.model.verdict import Finding, Status


def _has_carts(plan: Plan) -> bool:
    mixes = [plan.traffic.mix, *(phase.mix for phase in plan.phases)]
    return not plan.traffic.tells_steps or any(mix.cart > 0 for mix in mixes if mix is not None)


_NEEDS: dict[str, Callable[[Plan], bool]] = {
    "I1.no_oversell": lambda plan: plan.has_sale,
    "I10.idempotent_replay": lambda plan: plan.behaviour.send_again > 0,
    "I12.limit_per_shopper": lambda plan: plan.has_sale,
    "I13.coupon_cap": lambda plan: plan.coupon is not None,
    "I15.refund_once": lambda plan: plan.behaviour.cancel > 0,
    "I18.cart_isolation": _has_carts,
    "I19.sold_out_stable": lambda plan: plan.has_sale,
    "I23.gift_card_balance": lambda plan: plan.gift_cards is not None,
    "I24.queue_fair": lambda plan: plan.has_sale and plan.sale.tokens,
    "I25.no_early_sale": lambda plan: plan.has_sale,
}

#: Invariants that can be broken where a plan asks nothing of the kind: retries repeat, and late captures are
#: refunded, in any run. There they are named if they are broken, and only then.
ALWAYS = frozenset({"I10.idempotent_replay", "I15.refund_once"})


def applies(check: str, plan: Plan) -> bool:
    """Tell whether a plan has what an invariant is about."""
    return check not in _NEEDS or _NEEDS[check](plan)


def is_judged(check: str, plan: Plan) -> bool:
    """Tell whether an invariant is looked at under a plan at all."""
    return check in ALWAYS or applies(check, plan)


def is_told(check: str, plan: Plan, finding: Finding) -> bool:
    """Tell whether a finding is for the verdict: it applies, or it is broken all the same."""
    return finding.status is Status.FAIL or applies(check, plan)
