"""All that is known of every fault before any drill, the pairs among them, and which steps are what function.

Sources of the figures: the harness's catalogue of faults in tables P, R and O (`rehearsal.model.faults`).
"""

from rehearsal.model.fault_facts_others import OTHER_FACTS
from rehearsal.model.fault_facts_payment import PAYMENT_FACTS
from rehearsal.model.fault_facts_region import REGION_FACTS
from rehearsal.model.faults import Facts, FaultKind, Function, Promise
from rehearsal.model.history import Step

#: The steps of a visit by the function of the shop that they are a part of.
STEPS_OF: dict[Function, tuple[Step, ...]] = {
    Function.BROWSE: (Step.ROUTE, Step.PRODUCT, Step.COUNTDOWN, Step.LOGISTICS),
    Function.CART: (Step.CART_ADD, Step.CART_VIEW, Step.COUPON, Step.GIFT_CARD),
    Function.FLASH_SALE: (Step.QUEUE, Step.FLASH_BUY),
    Function.CHECKOUT: (Step.ORDER, Step.CANCEL),
    Function.PAYMENT: (Step.PAY, Step.QUERY),
}

#: The two faults that a pair has at once.
PAIRS: dict[FaultKind, tuple[FaultKind, FaultKind]] = {
    FaultKind.ANSWER_LOST_AND_REGION_KILLED: (FaultKind.ANSWER_LOST_AFTER_CAPTURE, FaultKind.REGION_KILLED),
    FaultKind.CALLBACK_REPEATED_AND_REGION_PAUSED: (FaultKind.CALLBACK_REPEATED, FaultKind.REGION_PAUSED),
    FaultKind.CACHE_COLD_AND_RETRY_STORM: (FaultKind.CACHE_COLD, FaultKind.RETRY_STORM),
    FaultKind.REPLICATION_CUT_AND_BOTS: (FaultKind.REPLICATION_CUT, FaultKind.BOTS),
    FaultKind.LATE_CAPTURE_AND_FLAPPING: (FaultKind.LATE_CAPTURE, FaultKind.PAYMENT_FLAPPING),
}

#: Kinds that come and go, or turn into something else, while they hold: under them nothing is steady.
UNSTEADY = frozenset(
    {
        FaultKind.PAYMENT_FLAPPING,
        FaultKind.PAYMENT_FAILOVER,
        FaultKind.REGION_FLAPPING,
        FaultKind.LATE_CAPTURE_AND_FLAPPING,
    }
)

_OWN = (
    Facts(
        kind=FaultKind.TOXIC,
        code="C1",
        title="a toxic of the plan's own",
        effect="A link misbehaves as the plan says.",
        steady="What the plan promises.",
        recovery="Goodput is back within the time that the plan allows.",
        promise=dict.fromkeys(Function, Promise.DEGRADED),
    ),
    Facts(
        kind=FaultKind.COMMAND,
        code="C2",
        title="a command of the plan's own",
        effect="Something breaks as the plan's command breaks it.",
        steady="What the plan promises.",
        recovery="Goodput is back within the time that the plan allows.",
        promise=dict.fromkeys(Function, Promise.DEGRADED),
    ),
)

_WORST = (Promise.WORKS, Promise.DEGRADED, Promise.REFUSED)


def _together(kind: FaultKind, code: str, first: Facts, second: Facts) -> Facts:
    """Return what is known of two faults at once: of each function the weaker promise holds."""
    hits = [function for function in Function if function in {**first.promise, **second.promise}]
    both = (first, second)
    return Facts(
        kind=kind,
        code=code,
        title=f"{first.title} + {second.title}",
        effect=f"{first.effect} At the same time: {second.effect[0].lower()}{second.effect[1:]}",
        steady=f"{first.steady} {second.steady}",
        recovery=f"{first.recovery} {second.recovery}",
        promise={
            function: max((each.promise.get(function, Promise.WORKS) for each in both), key=_WORST.index)
            for function in hits
        },
        in_region=first.in_region or second.in_region,
        dark=first.dark or second.dark,
    )


_SINGLE = {facts.kind: facts for facts in (*PAYMENT_FACTS, *REGION_FACTS, *OTHER_FACTS)}
_TOGETHER = tuple(
    _together(kind, f"X{number}", *(_SINGLE[part] for part in parts))
    for number, (kind, parts) in enumerate(PAIRS.items(), start=1)
)

#: Every fault that a plan can name, in the order of the codes P, R, O, X, C.
FACTS: dict[FaultKind, Facts] = _SINGLE | {facts.kind: facts for facts in (*_TOGETHER, *_OWN)}
