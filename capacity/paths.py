"""What visits of each kind must have asked for: the usual way, and what a plan's shares add to it."""

from collections.abc import Collection, Mapping
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


#: What an adapter may lack, by the method that it would have; nobody comes to such a step.
_METHODS = {
    Step.PAY: "pay",
    Step.LOGISTICS: "logistics",
    Step.CANCEL: "cancel",
    Step.QUEUE: "queue",
    Step.COUPON: "apply_coupon",
    Step.GIFT_CARD: "apply_gift_card",
    Step.CART_VIEW: "cart",
}


def paths_of(plan: Plan, offers: Collection[str] | None = None) -> Paths:
    """Return what each kind of visit asks for under a plan, of an adapter with these methods (None: all)."""
    return {kind: _offered({**steps, **_besides(plan, steps)}, offers) for kind, steps in PATHS.items()}


def _offered(steps: Mapping[Step, Due], offers: Collection[str] | None) -> dict[Step, Due]:
    """Leave out what the adapter lacks; what followed on it follows on what that followed on."""
    if offers is None:
        return dict(steps)
    lacking = {step for step in steps if step in _METHODS and _METHODS[step] not in offers}
    return {step: _sooner(due, steps, lacking) for step, due in steps.items() if step not in lacking}


def _sooner(due: Due, steps: Mapping[Step, Due], lacking: Collection[Step]) -> Due:
    while due.after is not None and due.after in lacking:
        before = steps[due.after]
        due = Due(before.after, due.share * before.share)
    return due


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
