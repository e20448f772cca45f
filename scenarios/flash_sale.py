"""The path of a shopper who came for the flash sale: look, buy at once, pay if the buy went through."""

from collections.abc import Callable
from functools import partial

from msgspec.structs import replace

from rehearsal.model.history import Outcome, Step
from scenarios.again import send_again
from scenarios.payment import pay_and_follow
from scenarios.storefront import Answer, Storefront
from scenarios.visit import Visit, is_good

#: So long after her first order a shopper tries again who wants more than her share.
COME_AGAIN_S = 1.5


def flash_sale(visit: Visit) -> bool:
    """Buy one or two units; a sold-out sale is a good answer too."""
    visit.step(Step.PRODUCT, partial(visit.shop.view, visit.basis.sale_sku))
    visit.think()
    return draw(visit) and buy_and_pay(visit)


def draw(visit: Visit, wanted: str = "") -> bool:
    """Draw a number of the queue, if the sale asks for one; tell whether she may try to buy.

    `wanted` is the intent that it is for, if that is not what she came for.
    """
    if not visit.basis.offers.tokens:
        return True
    intent = f"queue:{wanted or visit.intent}"
    call = partial(visit.shop.queue, visit.basis.sale_sku, intent)
    answer = visit.ask(Step.QUEUE, call, intent)
    return answer is None or answer.outcome is Outcome.OK


def buy_and_pay(visit: Visit) -> bool:
    """Buy one or two units when the next step is due, and pay; a refusal a correct shop gives is good."""
    shop, intent = visit.shop, visit.intent
    sku, qty = visit.basis.sale_sku, min(visit.random.choice((1, 1, 1, 2)), visit.basis.limit_per_shopper)
    same, other = (_buying(shop, sku, units, intent) for units in (qty, qty + 1))
    order = visit.step(Step.FLASH_BUY, same, intent)
    send_again(visit, Step.FLASH_BUY, intent, order, same=same, other=other)
    if order.outcome is not Outcome.OK:
        return is_good(order)
    return pay_and_follow(visit, order) and (not visit.wishes.comes_again or come_again(visit))


def come_again(visit: Visit) -> bool:
    """Try for the whole limit once more, as another purchase and in whatever region she is served now.

    A shop that keeps its limit refuses; what it gives her all the same she pays.
    """
    shop, sku, intent = visit.shop, visit.basis.sale_sku, f"again:{visit.intent}"
    visit.wait(COME_AGAIN_S)
    if not (visit.open() and draw(visit, intent)):
        return False
    call = _buying(shop, sku, visit.basis.limit_per_shopper, intent)
    order = visit.step(Step.FLASH_BUY, call, intent)
    if order.outcome is not Outcome.OK:
        return is_good(order)
    paid = f"pay:{intent}"
    answer = visit.ask(Step.PAY, partial(shop.pay, order, "card", paid), paid)
    return answer is None or answer.outcome is Outcome.OK


def _buying(shop: Storefront, sku: str, qty: int, intent: str) -> Callable[[], Answer]:
    """Return the attempt to buy; an answer that does not say of what it is is about what was asked."""

    def buy() -> Answer:
        answer: object = shop.flash_buy(sku, qty, intent)
        if not isinstance(answer, Answer):
            raise TypeError(f"{type(shop).__name__} returned no Answer for {Step.FLASH_BUY}")
        return replace(answer, sku=answer.sku or sku, qty=answer.qty or qty)

    return buy
