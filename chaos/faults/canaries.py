"""Canaries that show what a fault means for the business: a cent, a product in a cart, a way asked for."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

import httpx

from chaos.canary_payment import Canary as Sent
from chaos.drill import Evidence
from chaos.faults.site import Site
from rehearsal.model.errors import RehearsalError

_TRIES = 10
_SHOPPERS = 40
#: A capture that is held up comes within this, or it is not late but lost.
_LATE_S = 2.5
_LOOK_S = 0.1


class Money(Enum):
    """What becomes of a canary's cent."""

    TAKEN = "it is charged, and nobody hears of it"
    KEPT = "it is not charged"
    TAKEN_LATE = "it is charged after its client has given up"


@dataclass(frozen=True)
class Cent:
    """Pays a cent the shop's way and looks it up in the provider's own ledger."""

    money: Money

    def __call__(self, site: Site) -> Evidence:
        """Its client must not understand an answer, and the ledger must tell of the cent what is claimed."""
        sent = site.purse.pay()
        if sent.understood or (self.money is not Money.KEPT and not sent.payment_id):
            site.purse.settle()
            return Evidence(proven=False, saw=f"{sent.order_id}: {sent.met}")
        seen = self._late(site, sent) if self.money is Money.TAKEN_LATE else self._now(site, sent)
        site.purse.settle()
        return seen

    def _now(self, site: Site, sent: Sent) -> Evidence:
        taken = site.purse.in_ledger(sent)
        where = "is" if taken else "is not"
        saw = f"{sent.order_id}: {sent.met}, and the capture {where} in the provider's ledger"
        return Evidence(proven=taken is (self.money is Money.TAKEN), saw=saw)

    def _late(self, site: Site, sent: Sent) -> Evidence:
        if site.purse.in_ledger(sent):
            return Evidence(proven=False, saw=f"{sent.order_id}: {sent.met}, yet it was charged at once")
        for look in range(1, round(_LATE_S / _LOOK_S) + 1):
            site.sleep(_LOOK_S)
            if site.purse.in_ledger(sent):
                saw = f"{sent.order_id}: {sent.met}, and charged about {look * _LOOK_S:.1f} s after that"
                return Evidence(proven=True, saw=saw)
        return Evidence(proven=False, saw=f"{sent.order_id}: {sent.met}, and not charged {_LATE_S:g} s later")


def cent_served(site: Site) -> Evidence:
    """Pay a cent: it must be answered, and refunded.

    A provider that declines takes no cent; then any answer of it must do as the proof.
    """
    sent = site.purse.pay()
    settled = site.purse.settle()
    if sent.status and not sent.payment_id and not sent.unknown:
        return Evidence(proven=True, saw=f"{sent.order_id}: {sent.met}")
    books = "refunded" if settled else "not refunded"
    return Evidence(proven=sent.understood and settled, saw=f"{sent.order_id}: {sent.met}, {books}")


@dataclass(frozen=True)
class CentMeets:
    """Pays cents until one is hit by a fault mode that strikes a share of them."""

    mode: str
    is_hit: Callable[[Sent], bool]

    def __call__(self, site: Site) -> Evidence:
        """One of ten must be hit."""
        sent = site.purse.pay()
        for _ in range(_TRIES - 1):
            if self.is_hit(sent):
                break
            sent = site.purse.pay()
        site.purse.settle()
        hit = self.is_hit(sent)
        site.own[self.mode] = site.own.get(self.mode, 0) + hit
        return Evidence(proven=hit, saw=f"{sent.order_id}: {sent.met}")


def server_error(sent: Sent) -> bool:
    """Tell whether a cent met an error of the provider's."""
    return sent.status >= httpx.codes.INTERNAL_SERVER_ERROR


def declined(sent: Sent) -> bool:
    """Tell whether a cent was declined."""
    return sent.status == httpx.codes.PAYMENT_REQUIRED


def garbled(sent: Sent) -> bool:
    """Tell whether a cent's answer made no sense."""
    return sent.garbled


@dataclass(frozen=True)
class Write:
    """Puts a product into a cart, for several shoppers if need be, until the region answers as expected.

    `kept`: whether the line is in the cart afterwards; None if the cart need not be read.
    """

    mode: str
    statuses: tuple[int, ...]
    kept: bool | None = None

    def __call__(self, site: Site) -> Evidence:
        """One of ten must meet it."""
        url = next(iter(site.urls("region").values()))
        try:
            sku = _sku(site, url)
            for _ in range(_TRIES):
                shopper = f"canary-{site.world.run_id}-{next(site.world.numbers)}"
                status = _add(site, url, shopper, sku)
                if status in self.statuses:
                    return self._judged(site, f"{url}/carts/{shopper}", status, sku)
        except (httpx.HTTPError, RehearsalError) as error:
            return Evidence(proven=False, saw=f"the region does not answer ({error})")
        return Evidence(proven=False, saw=f"{_TRIES} carts took a product, the last with {status}")

    def _judged(self, site: Site, cart: str, status: int, sku: str) -> Evidence:
        site.own[self.mode] = site.own.get(self.mode, 0) + 1
        saw = f"a cart was answered {status}"
        if self.kept is None:
            return Evidence(proven=True, saw=saw)
        has_it = sku in {line["sku"] for line in site.json("GET", cart)["lines"]}
        return Evidence(
            proven=has_it is self.kept, saw=f"{saw}, and {'has' if has_it else 'lacks'} its product"
        )


def refused_by_database(site: Site) -> Evidence:
    """Read a cart in every region: all must refuse at once."""
    seen = []
    for name, url in site.urls("regions").items():
        try:
            status = site.http.get(f"{url}/carts/canary").status_code
        except httpx.HTTPError as error:
            return Evidence(proven=False, saw=f"{name} does not answer ({type(error).__name__})")
        site.own["database_down"] = site.own.get("database_down", 0) + (status == _UNAVAILABLE)
        seen.append(f"{name} answered {status}" if status == _UNAVAILABLE else "")
    return Evidence(proven=all(seen), saw="; ".join(filter(None, seen)) or "every region reads its carts")


_UNAVAILABLE = httpx.codes.SERVICE_UNAVAILABLE


@dataclass(frozen=True)
class Led:
    """Asks the director the way for forty shoppers: `least` to `most` must be led to the fault's region."""

    least: int
    most: int

    def __call__(self, site: Site) -> Evidence:
        """Count them."""
        world = site.world
        ways = [
            site.json("GET", f"{world.director_url}/route?shopper=canary-{number}").get("region")
            for number in range(_SHOPPERS)
        ]
        there = ways.count(site.fault.region)
        site.own["stale"] = site.own.get("stale", 0) + there
        saw = f"the director leads {there} of {_SHOPPERS} shoppers to {site.fault.region}"
        return Evidence(proven=self.least <= there <= self.most, saw=saw)


def forgotten(site: Site) -> Evidence:
    """Send one authorization twice under one key, with a pause: the second must open another payment."""
    first, second = site.purse.authorize_twice(lambda: site.sleep(_FORGET_S))
    site.purse.settle()
    site.own["forget_keys"] = site.own.get("forget_keys", 0) + (first != second)
    same = "the same payment" if first == second else "another payment"
    return Evidence(proven=bool(first and second and first != second), saw=f"a repeated key opened {same}")


_FORGET_S = 0.6


def _sku(site: Site, url: str) -> str:
    rows = site.json("GET", f"{url}/admin/stock")["stock"]
    return str(max(rows, key=lambda row: row["available"])["sku"])


def _add(site: Site, url: str, shopper: str, sku: str) -> int:
    headers = {"X-Shopper": shopper, "Idempotency-Key": f"{shopper}-cart"}
    body = {"sku": sku, "qty": 1}
    return site.http.post(f"{url}/carts/{shopper}/items", json=body, headers=headers).status_code
