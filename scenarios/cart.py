"""The path of a shopper who fills a cart, saves what she can, orders it and pays.

She looks at each of her products before she adds it, so a cart of five takes four views and additions more.
"""

from functools import partial

from rehearsal.model.history import Outcome, Step
from scenarios.again import send_again
from scenarios.payment import pay_and_follow
from scenarios.visit import Visit


def cart(visit: Visit) -> bool:
    """Look, add to the cart, order, pay; tell whether the order stands."""
    shop, intent = visit.shop, visit.intent
    if not fill(visit):
        return False
    if visit.basis.offers.in_cart:
        save(visit)
    order = visit.step(Step.ORDER, partial(shop.order, intent), intent)
    same, other = partial(shop.order, intent), partial(shop.order_otherwise, intent)
    send_again(visit, Step.ORDER, intent, order, same=same, other=other)
    return order.outcome is Outcome.OK and pay_and_follow(visit, order)


def fill(visit: Visit) -> bool:
    """Put as many different products into the cart as she came for; tell whether all went in."""
    first = visit.pick()
    if not put(visit, first, f"cart:{visit.intent}"):
        return False
    more = visit.pick_more(first, visit.lines - 1) if visit.lines > 1 else []
    return all(put(visit, sku, f"cart:{visit.intent}:{line}") for line, sku in enumerate(more, start=2))


def put(visit: Visit, sku: str, intent: str) -> bool:
    """Look at a product and add one or two of it; tell whether they went in."""
    qty = visit.random.choice((1, 1, 2))
    visit.step(Step.PRODUCT, partial(visit.shop.view, sku))
    visit.think()
    added = visit.step(Step.CART_ADD, partial(visit.shop.add_to_cart, sku, qty, intent), intent)
    if added.outcome is not Outcome.OK:
        return False
    visit.think()
    return True


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
