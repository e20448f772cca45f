"""The path of a shopper who fills a cart, orders it and pays."""

from functools import partial

from rehearsal.model.history import Outcome, Step
from scenarios.payment import pay_and_follow
from scenarios.visit import Visit


def cart(visit: Visit) -> bool:
    """Look, add to the cart, order, pay; tell whether the order stands."""
    sku, qty = visit.pick(), visit.random.choice((1, 1, 2))
    visit.step(Step.PRODUCT, partial(visit.shop.view, sku))
    visit.think()
    added = visit.step(
        Step.CART_ADD,
        partial(visit.shop.add_to_cart, sku, qty, f"cart:{visit.intent}"),
        f"cart:{visit.intent}",
    )
    if added.outcome is not Outcome.OK:
        return False
    visit.think()
    order = visit.step(Step.ORDER, partial(visit.shop.order, visit.intent), visit.intent)
    return order.outcome is Outcome.OK and pay_and_follow(visit, order)
