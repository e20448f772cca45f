"""The adapter: what a shop must offer to be rehearsed. One subclass for a shop; plain synchronous Python.

Each method makes one attempt and says how it ended. The harness adds the rest: when, how often, with
which intent, through which fault, and whether the books balance afterwards.
"""

import sys
from collections.abc import Callable
from http import HTTPStatus
from importlib import import_module
from pathlib import Path
from typing import Any

import msgspec

from rehearsal.model.errors import RehearsalError
from rehearsal.model.history import BUSY, Outcome
from rehearsal.model.readings import FinalReadings
from scenarios.reply import Http, Reply, transport_outcome

GetJson = Callable[[str], Any]


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """How one attempt ended, in the shop's own words. `error` is empty when the outcome is ok."""

    reply: Reply
    outcome: Outcome
    error: str = ""
    region: str = ""
    order_id: str = ""
    payment_id: str = ""
    sku: str = ""
    qty: int = 0
    amount_cents: int = 0
    channel: str = ""


class Endpoints(msgspec.Struct, frozen=True, kw_only=True):
    """Where the shop is: the address shoppers start from, and the ones final readings come from.

    `ledger_url` may be several, one for each payment provider, the usual one first.
    """

    url: str
    admin_urls: tuple[str, ...] = ()
    ledger_url: str | tuple[str, ...] = ""

    @property
    def ledgers(self) -> tuple[str, ...]:
        """Return the addresses of all ledgers, none if there is none."""
        if isinstance(self.ledger_url, tuple):
            return self.ledger_url
        return (self.ledger_url,) if self.ledger_url else ()


class Storefront:
    """One shopper's view of a shop. Subclass it and fill in the methods; `http` never raises.

    `intent` names what the shopper wants once; send it as the idempotency key if the shop takes one. What a
    shop may lack returns None unless overridden, and then nobody asks for it.
    """

    #: SKUs of ordinary products that shoppers may look at and buy.
    catalogue: tuple[str, ...] = ()

    def __init__(self, http: Http, shopper: str, endpoints: Endpoints) -> None:
        """Remember who shops, where, and over what client."""
        self.http = http
        self.shopper = shopper
        self.endpoints = endpoints

    def open(self) -> Answer | None:
        """Begin the visit, or begin again elsewhere after a failure. None when there is nothing to ask."""
        return None

    def view(self, sku: str) -> Answer:
        """Look at a product."""
        raise self._missing("view", sku)

    def countdown(self, sku: str) -> Answer:
        """Ask how long it takes until the sale opens. Unless overridden: look at the product again."""
        return self.view(sku)

    def queue(self, sku: str, intent: str) -> Answer | None:
        """Draw a number of the queue before the sale (`payment_id`); `flash_buy` shows it by itself."""
        del sku, intent
        return None

    def flash_buy(self, sku: str, qty: int, intent: str) -> Answer:
        """Try to buy in the flash sale: an order that still has to be paid."""
        raise self._missing("flash_buy", sku, qty, intent)

    def add_to_cart(self, sku: str, qty: int, intent: str) -> Answer:
        """Put units of a product into this shopper's cart."""
        raise self._missing("add_to_cart", sku, qty, intent)

    def cart(self) -> Answer | None:
        """Look at the cart: `qty` is how many units of anything it holds."""
        return None

    def apply_coupon(self, code: str, intent: str) -> Answer | None:
        """Enter a coupon for the next order of the cart."""
        del code, intent
        return None

    def apply_gift_card(self, code: str, intent: str) -> Answer | None:
        """Enter a gift card that pays part of the next order of the cart."""
        del code, intent
        return None

    def order(self, intent: str) -> Answer:
        """Order what is in the cart."""
        raise self._missing("order", intent)

    def order_otherwise(self, intent: str) -> Answer | None:
        """Send another order under the key of one that was answered: nothing may come of it."""
        del intent
        return None

    def pay(self, order: Answer, channel: str, intent: str) -> Answer:
        """Pay an order. Outcome info with error `pending`: accepted, not decided yet."""
        raise self._missing("pay", order, channel, intent)

    def query(self, order: Answer) -> Answer:
        """Ask for an order: ok when it is paid, info/`pending` while undecided, fail when it will not be."""
        raise self._missing("query", order)

    def logistics(self, order: Answer) -> Answer:
        """Ask where the goods are."""
        raise self._missing("logistics", order)

    def cancel(self, order: Answer, intent: str) -> Answer | None:
        """Cancel an order that is paid: the money and the goods go back."""
        del order, intent
        return None

    @classmethod
    def final_readings(cls, get_json: GetJson, endpoints: Endpoints) -> FinalReadings:
        """Read stock, orders, charges and the rest after the run, as far as the shop offers them."""
        del get_json, endpoints
        return FinalReadings()

    @classmethod
    def unsettled(cls, get_json: GetJson, endpoints: Endpoints) -> int:
        """Return how many payments and reservations are still undecided; 0 ends the quiesce."""
        del get_json, endpoints
        return 0

    @classmethod
    def stock(cls, get_json: GetJson, endpoints: Endpoints, sku: str) -> int | None:
        """Return the units of a SKU that can still be bought, for the picture of stock over time."""
        del get_json, endpoints, sku
        return None

    def _missing(self, method: str, *asked: object) -> RehearsalError:
        name = type(self).__name__
        return RehearsalError(
            f"The adapter {name} has no {method}() and was asked for one with {len(asked)} arguments; "
            "write it, or take such visits out of traffic.mix."
        )


def answer_of(reply: Reply, *, refusals: dict[str, str] | None = None) -> tuple[Answer, dict[str, Any]]:
    """Return the answer a reply stands for before its contents are looked at, and its JSON object.

    A whole 2xx with a JSON object is ok; a 4xx whose object names an `error` is fail with that error;
    a 2xx with any other body is info/`bad_body`: an empty 200 proves nothing. `refusals` renames errors.
    A 429 is fail/`busy`, whatever its body (RFC 6585, 4).
    """
    outcome = transport_outcome(reply)
    body = reply.json()
    if outcome is not None:
        return Answer(reply=reply, outcome=outcome, error=reply.error or f"http_{reply.status}"), {}
    if reply.status == HTTPStatus.TOO_MANY_REQUESTS:
        return Answer(reply=reply, outcome=Outcome.FAIL, error=BUSY), body or {}
    if body is None:
        return Answer(reply=reply, outcome=Outcome.INFO, error="bad_body"), {}
    if reply.status >= 400:  # noqa: PLR2004 - RFC 9110, section 15: client errors begin here
        error = str(body.get("error") or f"http_{reply.status}")
        return Answer(reply=reply, outcome=Outcome.FAIL, error=(refusals or {}).get(error, error)), body
    return Answer(reply=reply, outcome=Outcome.OK, region=str(body.get("region", ""))), body


def load_adapter(path: str) -> type[Storefront]:
    """Import `package.module:Class`, from the current folder too; RehearsalError if there is none.

    The folder comes last, so that a file in it can add modules but replace none.
    """
    if (here := str(Path.cwd())) not in sys.path:
        sys.path.append(here)
    module_name, _, class_name = path.partition(":")
    try:
        found = getattr(import_module(module_name), class_name)
    except Exception as error:  # noqa: BLE001 - an adapter is a stranger's code, and importing runs it
        raise RehearsalError(
            f"The adapter {path} cannot be loaded ({type(error).__name__}: {error}); "
            "name it in target.adapter as package.module:Class."
        ) from None
    if not (isinstance(found, type) and issubclass(found, Storefront)):
        raise RehearsalError(f"The adapter {path} is not a subclass of scenarios.storefront:Storefront.")
    return found
