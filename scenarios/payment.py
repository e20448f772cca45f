"""Paying an order: by card, on account when that is refused, by asking when the answer is pending."""

from functools import partial

from rehearsal.model.history import PENDING, Outcome, Step
from scenarios.storefront import Answer
from scenarios.visit import Visit

#: A shopper asks this often, at this distance, before giving up on a pending payment.
QUERIES = 8
QUERY_EVERY_S = 0.5


def pay_and_follow(visit: Visit, order: Answer) -> bool:
    """Pay an order and look where the goods are; tell whether it is paid or confirmed."""
    visit.think()
    intent = f"pay:{visit.intent}"
    pay = partial(visit.shop.pay, order, "card", intent)
    answer = visit.step(Step.PAY, pay, intent, twice=visit.temper.clicks_twice)
    if answer.error == "payment_unavailable":
        answer = pay_later(visit, order, intent)
    if answer.outcome is Outcome.INFO:
        answer = follow(visit, order, intent)
    if answer.outcome is not Outcome.OK:
        return False
    visit.think()
    visit.step(Step.LOGISTICS, partial(visit.shop.logistics, order))
    return True


def pay_later(visit: Visit, order: Answer, intent: str) -> Answer:
    """Pay the same order on account: the same intent for the audit, a key of its own for the shop."""
    return visit.step(Step.PAY, partial(visit.shop.pay, order, "pay_later", f"{intent}:later"), intent)


def follow(visit: Visit, order: Answer, intent: str) -> Answer:
    """Ask for a payment of unknown state until it is decided or patience ends; never pay a second time."""
    for _ in range(QUERIES):
        visit.wait(QUERY_EVERY_S)
        answer = visit.step(Step.QUERY, partial(visit.shop.query, order), intent)
        if answer.error != PENDING:
            break
    return answer
