"""What visits of each kind must have asked for: the usual way, and what a plan's shares add to it."""

from collections.abc import Mapping
from typing import NamedTuple

from rehearsal.model.history import Step
from rehearsal.model.plan import Plan

#: A step that nobody came to is missed if chance alone would have spared it less often than this.
_CHANCE = 1e-6


class Due(NamedTuple):
    """When a step is due: after another has succeeded (None: at once), and in which share of those visits."""

    after: Step | None = None
    share: float = 1.0

    def expected(self, visits: int) -> bool:
        """Tell whether some of so many visits must have come to the step."""
        return visits > 0 and (1 - self.share) ** visits < _CHANCE


Paths = Mapping[str, Mapping[Step, Due]]

#: What each kind of visit asks for under any plan.
PATHS: Paths = {
    "browse": {Step.PRODUCT: Due()},
    "cart": {
        Step.PRODUCT: Due(),
        Step.CART_ADD: Due(),
        Step.ORDER: Due(Step.CART_ADD),
        Step.PAY: Due(Step.ORDER),
        Step.LOGISTICS: Due(Step.PAY),
    },
    **{
        kind: {
            Step.PRODUCT: Due(),
            Step.FLASH_BUY: Due(),
            Step.PAY: Due(Step.FLASH_BUY),
            Step.LOGISTICS: Due(Step.PAY),
        }
        for kind in ("flash_sale", "waiting_room")
    },
}


def paths_of(plan: Plan) -> Paths:
    """Return what each kind of visit asks for under a plan."""
    return {kind: {**steps, **_besides(plan, steps)} for kind, steps in PATHS.items()}


def _besides(plan: Plan, steps: Mapping[Step, Due]) -> dict[Step, Due]:
    """Return the steps that a plan adds to such a way, or makes due later."""
    more: dict[Step, Due] = {}
    if Step.CART_ADD in steps:
        more |= _codes(plan)
    if Step.FLASH_BUY in steps and plan.sale.tokens:
        more |= {Step.QUEUE: Due(), Step.FLASH_BUY: Due(Step.QUEUE)}
    if Step.PAY in steps and plan.behaviour.cancel:
        more[Step.CANCEL] = Due(Step.LOGISTICS, plan.behaviour.cancel)
    return more


def _codes(plan: Plan) -> dict[Step, Due]:
    codes: dict[Step, Due] = {}
    if plan.coupon:
        codes[Step.COUPON] = Due(Step.CART_ADD, plan.coupon.share)
    if plan.gift_cards:
        codes[Step.GIFT_CARD] = Due(Step.CART_ADD, plan.gift_cards.share)
    return {**codes, Step.CART_VIEW: Due(Step.CART_ADD)} if codes else {}
