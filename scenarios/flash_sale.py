"""The path of a shopper who came for the flash sale: look, buy at once, pay if the buy went through."""

from functools import partial

from rehearsal.model.history import Outcome, Step
from scenarios.again import send_again
from scenarios.payment import pay_and_follow
from scenarios.visit import Visit, is_good


def flash_sale(visit: Visit) -> bool:
    """Buy one or two units; a sold-out sale is a good answer too."""
    visit.step(Step.PRODUCT, partial(visit.shop.view, visit.basis.sale_sku))
    visit.think()
    return draw(visit) and buy_and_pay(visit)


def draw(visit: Visit) -> bool:
    """Draw a number of the queue, if the sale asks for one; tell whether she may try to buy."""
    if not visit.basis.offers.tokens:
        return True
    intent = f"queue:{visit.intent}"
    call = partial(visit.shop.queue, visit.basis.sale_sku, intent)
    answer = visit.ask(Step.QUEUE, call, intent)
    return answer is None or answer.outcome is Outcome.OK


def buy_and_pay(visit: Visit) -> bool:
    """Buy one or two units when the next step is due, and pay; a refusal a correct shop gives is good."""
    shop, intent = visit.shop, visit.intent
    sku, qty = visit.basis.sale_sku, min(visit.random.choice((1, 1, 1, 2)), visit.basis.limit_per_shopper)
    order = visit.step(Step.FLASH_BUY, partial(shop.flash_buy, sku, qty, intent), intent)
    same, other = (partial(shop.flash_buy, sku, units, intent) for units in (qty, qty + 1))
    send_again(visit, Step.FLASH_BUY, intent, order, same=same, other=other)
    if order.outcome is not Outcome.OK:
        return is_good(order)
    return pay_and_follow(visit, order)
