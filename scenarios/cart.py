"""The path of a shopper who fills a cart, saves what she can, orders it and pays."""

from functools import partial

from rehearsal.model.history import Outcome, Step
from scenarios.again import send_again
from scenarios.payment import pay_and_follow
from scenarios.visit import Visit


def cart(visit: Visit) -> bool:
    """Look, add to the cart, order, pay; tell whether the order stands."""
    shop, intent = visit.shop, visit.intent
    sku, qty = visit.pick(), visit.random.choice((1, 1, 2))
    visit.step(Step.PRODUCT, partial(shop.view, sku))
    visit.think()
    filled = f"cart:{intent}"
    added = visit.step(Step.CART_ADD, partial(shop.add_to_cart, sku, qty, filled), filled)
    if added.outcome is not Outcome.OK:
        return False
    visit.think()
    if visit.basis.offers.in_cart:
        save(visit)
    order = visit.step(Step.ORDER, partial(shop.order, intent), intent)
    same, other = partial(shop.order, intent), partial(shop.order_otherwise, intent)
    send_again(visit, Step.ORDER, intent, order, same=same, other=other)
    return order.outcome is Outcome.OK and pay_and_follow(visit, order)


def save(visit: Visit) -> None:
    """Enter the codes she has, and look at the cart; she orders it whatever the shop says to them."""
    shop, wishes = visit.shop, visit.wishes
    if wishes.coupon:
        intent = f"coupon:{visit.intent}"
        visit.ask(Step.COUPON, partial(shop.apply_coupon, wishes.coupon, intent), intent)
    if wishes.gift_card:
        intent = f"gift:{visit.intent}"
        visit.ask(Step.GIFT_CARD, partial(shop.apply_gift_card, wishes.gift_card, intent), intent)
    visit.ask(Step.CART_VIEW, shop.cart)
    visit.think()
