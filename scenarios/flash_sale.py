"""The path of a shopper who came for the flash sale: look, buy at once, pay if the buy went through."""

from functools import partial

from rehearsal.model.history import Outcome, Step
from scenarios.payment import pay_and_follow
from scenarios.visit import Visit, is_good


def flash_sale(visit: Visit) -> bool:
    """Buy one or two units; a sold-out sale is a good answer too."""
    visit.step(Step.PRODUCT, partial(visit.shop.view, visit.basis.sale_sku))
    visit.think()
    return buy_and_pay(visit)


def buy_and_pay(visit: Visit) -> bool:
    """Buy one or two units when the next step is due, and pay; a refusal a correct shop gives is good."""
    sku, qty = visit.basis.sale_sku, min(visit.random.choice((1, 1, 1, 2)), visit.basis.limit_per_shopper)
    order = visit.step(Step.FLASH_BUY, partial(visit.shop.flash_buy, sku, qty, visit.intent), visit.intent)
    if order.outcome is not Outcome.OK:
        return is_good(order)
    return pay_and_follow(visit, order)
