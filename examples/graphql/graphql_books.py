"""What the shop keeps: stock, carts, orders, and what its payment provider took; in memory, under one lock.

Reservations run out and slow payments come through when somebody looks next: nothing runs in the background.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import RLock
from typing import Any

from graphql_language import GraphqlError

#: Prices in cents, of ordinary products, of which there are plenty.
PRICES = {"mug": 1290, "shirt": 2400, "poster": 950, "cap": 1800}
PLENTY = 1_000_000
SALE_SKU, SALE_CENTS, LIMIT = "console", 19900, 2

#: Cards that the provider knows for tests have numbers that begin so.
TEST_CARD = "test-"

#: So long units are kept for an order that nobody pays, and so long a slow payment takes.
RESERVED_S, SLOW_S = 5.0, 0.4


@dataclass
class Stock:
    """Units of one product: initial = available + reserved + sold, at any moment."""

    price: int
    initial: int
    available: int
    reserved: int = 0
    sold: int = 0


@dataclass
class Order:
    """An order: `units` of one product each; `key` is the client's name for what it wants once."""

    id: str
    customer: str
    key: str
    units: dict[str, int]
    total: int
    made_s: float
    status: str = "pending_payment"
    channel: str = ""
    payment: str = ""
    payment_key: str = ""
    paid_s: float = 0.0
    slow_s: float = 0.0
    mails: int = 0
    changes: list[str] = field(default_factory=lambda: ["pending_payment"])


@dataclass(frozen=True, kw_only=True)
class Manners:
    """What a shop does besides what it should.

    `oversells`: between looking at the stock and writing it down it hesitates, and others buy meanwhile.
    `declines` every card. Each `slow_every`-th payment is accepted and comes through later; 0: none is.
    """

    oversells: bool = False
    declines: bool = False
    slow_every: int = 20


class Books:
    """One shop's books. Time is an argument: `now_s` tells it, `hesitate` lets it pass."""

    def __init__(
        self, stock: int, manners: Manners, now_s: Callable[[], float], hesitate: Callable[[], object]
    ) -> None:
        """Open the shop with so many units on sale."""
        self.lock = RLock()
        self.orders: dict[str, Order] = {}
        self.ledger: list[dict[str, Any]] = []
        self.notices: list[dict[str, Any]] = []
        self.stock = {sku: Stock(price, PLENTY, PLENTY) for sku, price in PRICES.items()}
        self.stock[SALE_SKU] = Stock(SALE_CENTS, stock, stock)
        self._manners, self._now_s, self._hesitate = manners, now_s, hesitate
        self._carts: dict[str, dict[str, int]] = {}
        self._by_key: dict[tuple[str, str], Order] = {}
        self._open: dict[str, Order] = {}
        self._holders: dict[str, str] = {}
        self._held: Counter[tuple[str, str]] = Counter()
        self._filled: set[tuple[str, str]] = set()
        self._payments = 0

    def add(self, customer: str, sku: str, quantity: int, key: str) -> dict[str, int]:
        """Put units into a customer's cart, once for a key; return the cart."""
        self._known(sku, quantity)
        with self.lock:
            cart = self._carts.setdefault(customer, {})
            if (customer, key) not in self._filled:
                self._filled.add((customer, key))
                cart[sku] = cart.get(sku, 0) + quantity
            return cart

    def order_cart(self, customer: str, key: str) -> Order:
        """Order what is in the cart; the same key gives the same order again."""
        with self.lock:
            if (made := self._by_key.get((customer, key))) is not None:
                return made
            units = self._carts.pop(customer, {})
            if not units:
                raise GraphqlError("EMPTY_CART", "There is nothing in the cart.")
            return self._ordered(customer, key, units)

    def buy(self, customer: str, sku: str, quantity: int, key: str) -> Order:
        """Buy in the flash sale; GraphqlError SOLD_OUT or LIMIT_REACHED."""
        self._known(sku, quantity)
        with self.lock:
            if (made := self._by_key.get((customer, key))) is not None:
                return made
            self._within_limit(customer, sku, quantity)
            left = self._left(sku, quantity)
            if not self._manners.oversells:
                return self._ordered(customer, key, {sku: quantity})
        self._hesitate()
        with self.lock:
            self.stock[sku].available = left
            return self._ordered(customer, key, {sku: quantity})

    def pay(self, customer: str, order_id: str, card: str, key: str) -> Order:
        """Pay an order by card, once however often it is asked.

        GraphqlError CARD_DECLINED, ORDER_EXPIRED, or PAYMENT_PENDING while a slow payment is under way.
        """
        with self.lock:
            order = self.order(customer, order_id)
            if order.status == "expired":
                raise GraphqlError("ORDER_EXPIRED", "The order was not paid in time.")
            if not order.payment:
                self._charge(order, card, key)
                self.look()
            if order.status == "pending_payment":
                raise GraphqlError("PAYMENT_PENDING", "The bank takes its time.")
            return order

    def order(self, customer: str, order_id: str) -> Order:
        """Return a customer's order as it is now; GraphqlError NOT_FOUND."""
        with self.lock:
            self.look()
            order = self.orders.get(order_id)
            if order is None or order.customer != customer:
                raise GraphqlError("NOT_FOUND", f"There is no order {order_id}.")
            return order

    def look(self) -> int:
        """Let come about what is due by now; return how many orders are still open."""
        now_s, waiting = self._now_s(), 0
        for order in list(self._open.values()):
            if order.payment and now_s >= order.paid_s:
                self._take_money(order)
                self._move(order, "paid")
            elif not order.payment and now_s >= order.made_s + RESERVED_S:
                self._move(order, "expired")
            else:
                waiting += 1
        return waiting

    def _known(self, sku: str, quantity: int) -> None:
        if sku not in self.stock or quantity < 1:
            raise GraphqlError("BAD_USER_INPUT", f"Nobody can buy {quantity} of {sku!r} here.")

    def _within_limit(self, customer: str, sku: str, quantity: int) -> None:
        if self._held[customer, sku] + quantity > LIMIT:
            raise GraphqlError("LIMIT_REACHED", f"No more than {LIMIT} for each customer.")

    def _left(self, sku: str, quantity: int) -> int:
        """Return the units on the shelf, if they are enough."""
        self.look()
        if self.stock[sku].available < quantity:
            raise GraphqlError("SOLD_OUT", f"{sku} is sold out.")
        return self.stock[sku].available

    def _ordered(self, customer: str, key: str, units: dict[str, int]) -> Order:
        for sku, quantity in units.items():
            self.stock[sku].available -= quantity
            self.stock[sku].reserved += quantity
            self._held[customer, sku] += quantity
        total = sum(self.stock[sku].price * quantity for sku, quantity in units.items())
        order = Order(f"ord-{len(self.orders) + 1}", customer, key, units, total, self._now_s())
        self.orders[order.id] = self._open[order.id] = self._by_key[customer, key] = order
        return order

    def _move(self, order: Order, status: str) -> None:
        for sku, quantity in order.units.items():
            stock = self.stock[sku]
            stock.reserved -= quantity
            stock.sold += quantity if status == "paid" else 0
            stock.available += 0 if status == "paid" else quantity
            self._held[order.customer, sku] -= 0 if status == "paid" else quantity
        del self._open[order.id]
        order.status = status
        order.changes.append(status)

    def _charge(self, order: Order, card: str, key: str) -> None:
        """Have the provider charge an order; it may take its time, or say no: to a card of somebody else."""
        holder = self._holders.setdefault(card, order.customer)
        if self._manners.declines or holder != order.customer or not card.startswith(TEST_CARD):
            raise GraphqlError("CARD_DECLINED", "The card was declined.")
        self._payments += 1
        slow = self._manners.slow_every and self._payments % self._manners.slow_every == 0
        order.payment, order.payment_key, order.channel = f"pay-{self._payments}", key, "card"
        order.slow_s = SLOW_S if slow else 0.0
        order.paid_s = self._now_s() + order.slow_s

    def _take_money(self, order: Order) -> None:
        """Enter a charge in two lines, as providers do: what was agreed to, and what was taken."""
        for kind in ("authorize", "capture"):
            entry = {"id": f"{order.payment}-{kind}", "kind": kind, "payment": order.payment}
            self.ledger.append({**entry, "order": order.id, "amount": order.total, "key": order.payment_key})
        if order.slow_s:
            notice = {"id": f"{order.payment}-notice", "order": order.id}
            self.notices.append({**notice, "received": 1, "effects": 1})
        order.mails += 1
