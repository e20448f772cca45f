"""What the shop answers to each field of a query or mutation, and to whom."""

import hmac
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from inspect import signature
from typing import Any

from graphql_books import SALE_SKU, Books, Order
from graphql_language import GraphqlError, execute

#: Accounts for rehearsals have addresses under this domain; the shop sends them no mail.
TEST_DOMAIN = "rehearsal.invalid"

_STATUS = {"pending_payment": "OPEN", "paid": "PAID", "expired": "EXPIRED"}


@dataclass(frozen=True, kw_only=True)
class Access:
    """Who is let in: test accounts by one password for a time, and staff, who may read the books."""

    password: str
    staff_token: str
    session_s: float


class Shop:
    """A shop behind one address. Each answer is 200, whatever came of the request."""

    def __init__(self, books: Books, access: Access, now_s: Callable[[], float]) -> None:
        """Take the books, who may enter, and what time it is."""
        self.books = books
        self._access, self._now_s = access, now_s
        self._sessions: dict[str, tuple[str, float]] = {}

    def answer(self, asked: Mapping[str, Any], token: str, *, changes: bool = True) -> dict[str, Any]:
        """Return the answer to a request: `query`, `operationName` and `variables`, as clients send them.

        What came by GET `changes` nothing: mutations are refused there.
        """
        fields = _Fields(self, token)

        def resolve(kind: str, name: str, arguments: dict[str, Any]) -> Any:
            if kind == "mutation" and not changes:
                raise GraphqlError("BAD_REQUEST", "Send mutations by POST.")
            return fields.resolve(kind, name, arguments)

        variables = asked.get("variables")
        return execute(
            str(asked.get("query") or ""),
            str(asked.get("operationName") or ""),
            variables if isinstance(variables, dict) else {},
            resolve,
        )

    def enter(self, email: str, password: str) -> str:
        """Return a new token for a test account; GraphqlError BAD_CREDENTIALS."""
        known = email.endswith(f"@{TEST_DOMAIN}") and hmac.compare_digest(password, self._access.password)
        if not known:
            raise GraphqlError("BAD_CREDENTIALS", "Nobody is known by this address and password.")
        token = f"shopper-{len(self._sessions) + 1}"
        self._sessions[token] = (email, self._now_s() + self._access.session_s)
        return token

    def customer(self, token: str) -> str:
        """Return whose token it is; GraphqlError UNAUTHENTICATED if nobody's, or no longer."""
        email, ends_s = self._sessions.get(token, ("", 0.0))
        if self._now_s() >= ends_s:
            raise GraphqlError("UNAUTHENTICATED", "Log in first.")
        return email

    def staff(self, token: str) -> None:
        """Raise GraphqlError FORBIDDEN unless the token is the staff's."""
        if not hmac.compare_digest(token, self._access.staff_token):
            raise GraphqlError("FORBIDDEN", "Only staff may read the books.")


class _Fields:
    """The fields that one request may ask for."""

    def __init__(self, shop: Shop, token: str) -> None:
        self._shop, self._books, self._token = shop, shop.books, token
        self._known: dict[str, dict[str, Callable[..., Any]]] = {
            "query": {
                "product": self._product,
                "order": self._order,
                "books": self._all_books,
            },
            "mutation": {
                "login": self._login,
                "addToCart": self._add,
                "checkout": self._checkout,
                "flashBuy": self._flash_buy,
                "pay": self._pay,
            },
        }

    def resolve(self, kind: str, name: str, arguments: dict[str, Any]) -> Any:
        field = self._known[kind].get(name)
        if field is None:
            raise GraphqlError("GRAPHQL_VALIDATION_FAILED", f"Cannot query field {name!r} on {kind}.")
        if set(arguments) != set(signature(field).parameters):
            raise GraphqlError("GRAPHQL_VALIDATION_FAILED", f"The arguments of {name!r} are others.")
        return field(**arguments)

    @property
    def _customer(self) -> str:
        return self._shop.customer(self._token)

    def _login(self, email: str, password: str) -> dict[str, Any]:
        return {"accessToken": self._shop.enter(email, password)}

    def _product(self, sku: str) -> dict[str, Any] | None:
        if (stock := self._books.stock.get(sku)) is None:
            return None
        return {"sku": sku, "price": _major(stock.price), "available": stock.available}

    def _add(self, sku: str, quantity: int, key: str) -> dict[str, Any]:
        return _cart(self._books.add(self._customer, sku, quantity, key))

    def _checkout(self, key: str) -> dict[str, Any]:
        return _order(self._books.order_cart(self._customer, key))

    def _flash_buy(self, sku: str, quantity: int, key: str) -> dict[str, Any]:
        if sku != SALE_SKU:
            raise GraphqlError("BAD_USER_INPUT", f"{sku!r} is not on sale.")
        return _order(self._books.buy(self._customer, sku, quantity, key))

    def _pay(  # GraphQL has its own manner of naming
        self,
        orderId: str,  # noqa: N803
        method: str,
        card: str,
        key: str,
    ) -> dict[str, Any]:
        if method != "card":
            raise GraphqlError("BAD_USER_INPUT", f"Nobody can pay by {method!r} here.")
        return _order(self._books.pay(self._customer, orderId, card, key))

    def _order(self, id: str) -> dict[str, Any]:  # noqa: A002 - GraphQL's manner
        return _order(self._books.order(self._customer, id))

    def _all_books(self) -> dict[str, Any]:
        self._shop.staff(self._token)
        with self._books.lock:
            return _books(self._books)


def _major(cents: int) -> str:
    return f"{cents / 100:.2f}"


def _cart(units: Mapping[str, int]) -> dict[str, Any]:
    return {"lines": [{"sku": sku, "quantity": quantity} for sku, quantity in units.items()]}


def _order(order: Order) -> dict[str, Any]:
    return {
        "id": order.id,
        "status": _STATUS[order.status],
        "total": _major(order.total),
        "paymentId": order.payment,
        **_cart(order.units),
    }


def _books(books: Books) -> dict[str, Any]:
    """Return all that staff may see; amounts are in cents here, as the books keep them."""
    waiting = books.look()
    return {
        "open": waiting,
        "stock": [{"sku": sku, **asdict(stock)} for sku, stock in books.stock.items()],
        "orders": [_kept(books, order) for order in books.orders.values()],
        "changes": [
            {"order": order.id, "number": number, "status": status}
            for order in books.orders.values()
            for number, status in enumerate(order.changes)
        ],
        "ledger": books.ledger,
        "notices": books.notices,
    }


def _kept(books: Books, order: Order) -> dict[str, Any]:
    lines = [
        {"sku": sku, "quantity": quantity, "price": books.stock[sku].price}
        for sku, quantity in order.units.items()
    ]
    return {
        "id": order.id,
        "customer": order.customer,
        "key": order.key,
        "status": order.status,
        "method": order.channel,
        "total": order.total,
        "payment": order.payment,
        "mails": order.mails,
        "region": "",
        "lines": lines,
    }
