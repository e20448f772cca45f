"""The adapter: what a shop must offer to be rehearsed. One subclass for a shop; plain synchronous Python.

Each method makes one attempt and says how it ended. The harness adds the rest: when, how often, with
which intent, through which fault, and whether the books balance afterwards.
"""

import sys
from collections.abc import Mapping
from functools import cached_property
from importlib import import_module
from pathlib import Path
from typing import Any, ClassVar, Protocol

import msgspec

from rehearsal.model.errors import RehearsalError
from rehearsal.model.readings import FinalReadings
from rehearsal.model.secrets import NO_SECRETS, Secrets
from scenarios.answer import Answer, Says, answer_of, told
from scenarios.blame import frame_of
from scenarios.bounds import Bounds
from scenarios.means import NO_MEANS, Means, Row
from scenarios.page import Page
from scenarios.reply import Http
from scenarios.web import Web

__all__ = ["Answer", "Endpoints", "GetJson", "Says", "Storefront", "answer_of", "load_adapter", "offers_of"]


class GetJson(Protocol):
    """Reads JSON outside any fault: Unreachable if nobody answers, or not with a success."""

    def __call__(self, url: str, *, headers: Mapping[str, str] | None = None) -> Any:
        """Return what an address says."""


class Endpoints(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Where the shop is: the address shoppers start from, and the ones final readings come from.

    `ledger_url` may be several, one for each payment provider, the usual one first. `secrets` are the
    plan's, for readings that ask who reads; they are in memory only.
    """

    url: str
    admin_urls: tuple[str, ...] = ()
    ledger_url: str | tuple[str, ...] = ""
    secrets: Secrets = NO_SECRETS

    @property
    def ledgers(self) -> tuple[str, ...]:
        """Return the addresses of all ledgers, none if there is none."""
        if isinstance(self.ledger_url, tuple):
            return self.ledger_url
        return (self.ledger_url,) if self.ledger_url else ()


class Storefront:
    """One shopper's view of a shop. Subclass it and fill in the methods; `web` and `http` never raise.

    `intent` names what the shopper wants once; send it as the idempotency key if the shop takes one. What a
    shop may lack returns None unless overridden, and then nobody asks for it.
    """

    #: SKUs of ordinary products that shoppers may look at and buy.
    catalogue: tuple[str, ...] = ()
    #: How this shop says what came of a request.
    says: ClassVar[Says] = Says()
    #: Promotion rules that this shopper's orders are to have stacked on them (`rules` of a plan's phase or of
    #: `[[capacity.dimensions]]`). An adapter whose shop can do so orders accordingly; others leave it alone.
    rules: int = 0

    def __init__(self, http: Http, shopper: str, endpoints: Endpoints, means: Means = NO_MEANS) -> None:
        """Remember who shops, where, over what client, and with which means."""
        self.http = http
        self.shopper = shopper
        self.endpoints = endpoints
        self.means = means

    @classmethod
    def connect(cls, bounds: Bounds) -> object:
        """Return a client of the shop's own making instead of the load's. None: the load's own.

        It may be an httpx.Client, a requests.Session, or a function `send(method, url, headers, body,
        timeout_s)` that returns status, headers and body. It is made once for each member of the pool, and
        `http` and `web` then ask by it. The harness sees to headers, timeouts, allowed hosts and redirects;
        let the client itself repeat nothing, and trust whom `bounds.tls` trusts:

            return httpx.Client(verify=bounds.tls, trust_env=False)
        """
        del bounds
        return None

    @cached_property
    def web(self) -> Web:
        """Return this shopper's browser: it follows redirects, keeps headers and fills in forms."""
        return Web(self.http, self.endpoints.url)

    @property
    def mail(self) -> str:
        """Return this shopper's mail address, which the plan's domain marks as a test."""
        return f"{self.shopper}@{self.means.mail_domain}"

    @property
    def secrets(self) -> Secrets:
        """Return the plan's secrets."""
        return self.means.secrets

    def row(self, table: str) -> Row:
        """Return this visit's row of a table of test data; RehearsalError if its kind takes none."""
        try:
            return self.means.data[table]
        except KeyError:
            raise RehearsalError(
                f"This visit has no row of [data.{table}]; see its `kinds` in the plan."
            ) from None

    def told(self, page: Page, good: bool = True, *, error: str = "", **facts: Any) -> Answer:  # noqa: FBT001, FBT002 - reads as a condition
        """Return what a page means by `says`, with facts about the order (`scenarios.answer.told`)."""
        return told(self.says, page, good, error=error, **facts)

    def begin_step(self) -> None:
        """Begin an attempt of a step: what it asks counts from its first request."""
        if "web" in self.__dict__:
            self.web.begin()

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
        """Put units of a product into this shopper's cart. A cart of several products asks once for each."""
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

    def pay(self, order: Answer, channel: str, intent: str) -> Answer | None:
        """Pay an order, by `card` or `pay_later`. Outcome info with error `pending`: not decided yet.

        In a shop where paying makes the order, this makes it, and the answer names `order_id`, `sku`, `qty`.
        """
        del order, channel, intent
        return None

    def query(self, order: Answer) -> Answer | None:
        """Ask for an order: ok when it is paid, info/`pending` while undecided, fail when it will not be."""
        del order
        return None

    def logistics(self, order: Answer) -> Answer | None:
        """Ask where the goods are."""
        del order
        return None

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


def offers_of(adapter: type[Storefront]) -> tuple[str, ...]:
    """Return the names of the methods that an adapter has written itself, in alphabetical order."""
    public = (name for name, value in vars(Storefront).items() if callable(value) or _is_class_method(value))
    return tuple(sorted(name for name in public if name[0] != "_" and _is_own(adapter, name)))


def _is_class_method(value: object) -> bool:
    return isinstance(value, classmethod)


def _is_own(adapter: type[Storefront], name: str) -> bool:
    own, usual = getattr(adapter, name), getattr(Storefront, name)
    return getattr(own, "__func__", own) is not getattr(usual, "__func__", usual)


def load_adapter(path: str) -> type[Storefront]:
    """Import `package.module:Class`, from the current folder too; RehearsalError if there is none.

    The folder comes last, so that a file in it can add modules but replace none. That of a plan has been put
    before it (`rehearsal.pipeline.adapter_file`).
    """
    if (here := str(Path.cwd())) not in sys.path:
        sys.path.append(here)
    module_name, _, class_name = path.partition(":")
    try:
        module = import_module(module_name)
    except (Exception, SystemExit) as error:  # noqa: BLE001 - an adapter is a stranger's code, and importing runs it
        raise RehearsalError(f"The adapter {path} cannot be loaded{_why(module_name, error)}") from None
    found = getattr(module, class_name, None)
    if found is None:
        where = getattr(module, "__file__", None) or module_name
        raise RehearsalError(f"The adapter {path} cannot be loaded: {where} has no class {class_name}.")
    if not (isinstance(found, type) and issubclass(found, Storefront)):
        raise RehearsalError(f"The adapter {path} is not a subclass of scenarios.storefront:Storefront.")
    return found


def _why(module: str, error: BaseException) -> str:
    """Return why a module could not be imported, and what mends it."""
    told = f" ({type(error).__name__}: {error})"
    if isinstance(error, ModuleNotFoundError) and f"{module}.".startswith(f"{error.name}."):
        return (
            f"{told}; name it in target.adapter as package.module:Class, and let it lie beside the plan, or "
            "in the folder that the command is started in."
        )
    frame = frame_of(error)
    where = f", at {Path(frame.filename).name}, line {frame.lineno}" if frame else ""
    return f"{told}{where}: correct what breaks there when it is imported."
