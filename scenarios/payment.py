"""Paying an order: by card, on account when that is refused, by asking when the answer is pending."""

from functools import partial

from rehearsal.model.history import PENDING, Outcome, Step
from scenarios.again import send_again
from scenarios.storefront import Answer
from scenarios.visit import Visit, is_good

#: A shopper asks this often, at this distance, before giving up on a pending payment.
QUERIES = 8
QUERY_EVERY_S = 0.5

#: The two ways to pay, and what each adds to the key: the shop must tell their requests apart.
_CARD, _LATER = "card", "pay_later"
_KEY = {_CARD: "", _LATER: ":later"}


def pay_and_follow(visit: Visit, order: Answer) -> bool:
    """Pay an order and look where the goods are; tell whether it went as the shopper wanted.

    In a shop that takes no payment here, an order is all she wanted.
    """
    visit.think()
    intent = f"pay:{visit.intent}"
    channel = _CARD
    answer = _pay(visit, order, channel, twice=visit.temper.clicks_twice)
    if answer is not None and answer.error == "payment_unavailable":
        channel = _LATER
        answer = _pay(visit, order, channel)
    if answer is None:
        visit.ask(Step.LOGISTICS, partial(visit.shop.logistics, order))
        return True
    if answer.outcome is Outcome.INFO:
        answer = follow(visit, order, intent) or answer
    _pay_again(visit, order, channel, answer)
    if answer.outcome is not Outcome.OK:
        return False
    paid = answer if answer.sku else order
    visit.think()
    visit.ask(Step.LOGISTICS, partial(visit.shop.logistics, paid))
    return not visit.wishes.cancels or cancel(visit, paid)


def follow(visit: Visit, order: Answer, intent: str) -> Answer | None:
    """Ask for a payment of unknown state until it is decided or patience ends; never pay a second time.

    None if the shop cannot be asked.
    """
    for _ in range(QUERIES):
        visit.wait(QUERY_EVERY_S)
        answer = visit.ask(Step.QUERY, partial(visit.shop.query, order), intent)
        if answer is None or answer.error != PENDING:
            break
    return answer


def cancel(visit: Visit, order: Answer) -> bool:
    """Want the money back instead; tell whether the shop took the order back, if it does such a thing."""
    visit.think()
    intent = f"cancel:{visit.intent}"
    answer = visit.ask(Step.CANCEL, partial(visit.shop.cancel, order, intent), intent)
    return answer is None or is_good(answer)


def _pay(visit: Visit, order: Answer, channel: str, *, twice: bool = False) -> Answer | None:
    """Pay one way: the same intent for the audit, a key of its own for the shop."""
    intent = f"pay:{visit.intent}"
    call = partial(visit.shop.pay, order, channel, intent + _KEY[channel])
    return visit.ask(Step.PAY, call, intent, twice=twice)


def _pay_again(visit: Visit, order: Answer, channel: str, answer: Answer) -> None:
    intent, other = f"pay:{visit.intent}", _LATER if channel == _CARD else _CARD
    key = intent + _KEY[channel]
    send_again(
        visit,
        Step.PAY,
        intent,
        answer,
        same=partial(visit.shop.pay, order, channel, key),
        other=partial(visit.shop.pay, order, other, key),
    )
