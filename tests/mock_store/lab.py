"""A whole shop in one process: real regions, a real provider, a network that fails on demand, no waiting."""

from collections.abc import AsyncIterator, Iterable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import httpx
import msgspec

from mock_store import provider_ledger, reconciler
from mock_store.assembly import World, open_provider, open_region
from mock_store.callbacks import Callbacks
from mock_store.config import Coupon, GiftCard, Item, ProviderConfig, ProviderUrls, RegionConfig, Sale
from mock_store.counted import CallbackOutlet, CountedClient
from mock_store.defects import Defect
from mock_store.front import Front
from mock_store.links import Links
from mock_store.provider import Provider, provider_app
from mock_store.region import Region
from tests.mock_store.net import CLASSES, NS_PER_S, T_ZERO_NS, Gate, Net, StillClock, answering, at_once

PRICE_CENTS = 19900
FULL_PRICE_CENTS = 29900
RESERVATION_S = 6.0
SECOND = tuple(f"{name}2" for name in CLASSES)

__all__ = ["CLASSES", "NS_PER_S", "T_ZERO_NS", "Gate", "Net", "StillClock", "answering", "at_once"]


@dataclass(slots=True, kw_only=True)
class Lab:
    """The shop, and shoppers' words for it."""

    clock: StillClock
    net: Net
    gate: Gate
    provider: Provider
    regions: dict[str, Region]
    clients: dict[str, httpx.AsyncClient]
    second: Provider | None = None

    @property
    def banks(self) -> list[Provider]:
        """Return the providers there are."""
        return [self.provider] if self.second is None else [self.provider, self.second]

    async def buy(
        self, shopper: str, key: str = "k", *, qty: int = 1, at: str = "a", token: str = ""
    ) -> httpx.Response:
        """Buy in the flash sale."""
        headers = {"X-Shopper": shopper, "Idempotency-Key": key, "X-Queue-Token": token}
        return await self.clients[at].post("/flash-sale/flash/buy", json={"qty": qty}, headers=headers)

    async def drawn(self, shopper: str, key: str = "q", *, at: str = "a") -> dict[str, Any]:
        """Draw a number for the flash sale and return the answer."""
        response = await self.post("/flash-sale/flash/queue", {}, shopper=shopper, key=key, at=at)
        assert response.status_code == 200, response.text
        return dict(response.json())

    async def bought(self, shopper: str, key: str = "k", *, qty: int = 1, at: str = "a") -> str:
        """Buy in the flash sale and return the order's id."""
        response = await self.buy(shopper, key, qty=qty, at=at)
        assert response.status_code == 201, response.text
        return str(response.json()["order_id"])

    async def pay(
        self,
        order_id: str,
        key: str = "p",
        *,
        shopper: str = "ann",
        channel: str = "card",
        amount_cents: int = PRICE_CENTS,
        at: str = "a",
    ) -> httpx.Response:
        """Pay an order."""
        body = {"channel": channel, "amount_cents": amount_cents}
        return await self.post(f"/orders/{order_id}/pay", body, shopper=shopper, key=key, at=at)

    async def post(
        self, path: str, body: Any, *, shopper: str = "ann", key: str = "k", at: str = "a"
    ) -> httpx.Response:
        """Post as a shopper."""
        headers = {"X-Shopper": shopper, "Idempotency-Key": key}
        return await self.clients[at].post(path, json=body, headers=headers)

    async def put_in_cart(
        self, shopper: str, *, sku: str = "mug", qty: int = 1, coupon: str = "", gift: str = "", at: str = "a"
    ) -> None:
        """Fill a cart, and enter a coupon and a gift card where they are named."""
        asked = [("items", {"sku": sku, "qty": qty})]
        asked += [("coupon", {"code": coupon})] if coupon else []
        asked += [("gift-card", {"code": gift})] if gift else []
        for what, body in asked:
            response = await self.post(
                f"/carts/{shopper}/{what}", body, key=f"c/{sku}", shopper=shopper, at=at
            )
            assert response.status_code == 200, response.text

    async def order(self, shopper: str, key: str = "o", *, at: str = "a") -> httpx.Response:
        """Order what is in the cart."""
        return await self.post("/orders", {}, shopper=shopper, key=key, at=at)

    async def ordered(self, shopper: str, key: str = "o", *, at: str = "a", **held: Any) -> dict[str, Any]:
        """Fill a cart, order it, and return the answer."""
        await self.put_in_cart(shopper, at=at, **held)
        response = await self.order(shopper, key, at=at)
        assert response.status_code == 201, response.text
        return dict(response.json())

    async def cancel(
        self, order_id: str, key: str = "x", *, shopper: str = "ann", at: str = "a"
    ) -> httpx.Response:
        """Cancel an order."""
        return await self.post(f"/orders/{order_id}/cancel", {}, shopper=shopper, key=key, at=at)

    async def get(self, path: str, at: str = "a") -> Any:
        """Return the body of a page that must be there."""
        response = await self.clients[at].get(path)
        assert response.status_code == 200, response.text
        return response.json()

    async def status(self, order_id: str) -> str:
        """Return how an order stands."""
        return str((await self.get(f"/orders/{order_id}"))["status"])

    async def flash(self) -> dict[str, int]:
        """Return the units of the flash sale."""
        shelf = await self.shelf("flash")
        return {name: shelf[name] for name in ("initial", "available", "reserved", "sold")}

    async def shelf(self, sku: str) -> dict[str, int]:
        """Return the units of a product."""
        lines = (await self.get("/admin/stock"))["stock"]
        return next({k: v for k, v in line.items() if k != "sku"} for line in lines if line["sku"] == sku)

    async def books(self, path: str, *, name: str = "", at: str = "a") -> list[dict[str, Any]]:
        """Return a list of the shop's books; `name` where it is called otherwise than its path."""
        return list((await self.get(f"/admin/{path}", at))[name or path.replace("-", "_")])

    async def pending(self) -> tuple[int, int, int]:
        """Return open payments, reserved units and what is not reconciled."""
        body = await self.get("/admin/pending")
        return body["pending_payments"], body["reserved_units"], body["unreconciled"]

    def ledger(self, *kinds: str) -> list[dict[str, Any]]:
        """Return the provider's entries of some kinds."""
        books = [bank.storage.read(provider_ledger.entries) for bank in self.banks]
        return [entry for book in books for entry in book if entry["kind"] in kinds]

    def charged_cents(self) -> int:
        """Return what the provider has taken and not given back."""
        taken = sum(entry["amount_cents"] for entry in self.ledger("capture"))
        return int(taken - sum(entry["amount_cents"] for entry in self.ledger("refund")))

    async def deliver_callbacks(self) -> None:
        """Let every callback that is owed arrive."""
        async with httpx.AsyncClient(transport=self.net) as client:
            outlet = CallbackOutlet(CountedClient(client, Links(), self.clock.now_ns), {})
            for bank in self.banks:
                sender = Callbacks(
                    bank.storage, outlet, modes=bank.modes, delay_ms=0, rng=Random(1), sleep=at_once
                )
                for callback in bank.storage.read(provider_ledger.undelivered):
                    await sender.deliver(callback)

    async def tick(self, at: str = "a") -> None:
        """Let a region's reconciler look once."""
        await reconciler.tick(self.regions[at])

    async def settle(self) -> None:
        """Let time pass, with everything healed, until nothing can be pending."""
        self.net.heal()
        for _ in range(6):
            self.clock.advance(RESERVATION_S)
            await self.tick()


def region_config(
    folder: Path, name: str = "a", *, stock: int = 10, opens_in_s: float = 0, defects: Iterable[Defect] = ()
) -> RegionConfig:
    """Return a region's configuration without service time."""
    return RegionConfig(
        name=name,
        host="127.0.0.1",
        port=1,
        database=str(folder / "shop.sqlite"),
        seed=1,
        servers=8,
        service_ms=0,
        reservation_s=RESERVATION_S,
        provider=ProviderUrls(**{name: f"http://{name}" for name in CLASSES}),
        provider2=ProviderUrls(**{name: f"http://{name}2" for name in CLASSES}),
        callback_url=f"http://callback_{name}/callbacks/payment",
        sale=Sale(
            sku="flash",
            stock=stock,
            price_cents=PRICE_CENTS,
            limit_per_shopper=2,
            opens_at_ns=T_ZERO_NS + round(opens_in_s * NS_PER_S),
            full_price_cents=FULL_PRICE_CENTS,
        ),
        coupon=Coupon(code="save", cents=500, cap=2),
        gift_cards=(GiftCard(code="gift-0", cents=2000), GiftCard(code="gift-1", cents=100)),
        catalogue=(Item(sku="mug", price_cents=1500, stock=5), Item(sku="pen", price_cents=200, stock=1)),
        defects=frozenset(defects),
    )


def provider_config(folder: Path, defects: Iterable[Defect] = (), *, prefix: str = "p") -> ProviderConfig:
    """Return a provider's configuration without service time."""
    return ProviderConfig(
        host="127.0.0.1",
        port=2,
        database=str(folder / f"{prefix}.sqlite"),
        seed=1,
        service_ms=0,
        prefix=prefix,
        defects=frozenset(defects),
    )


@asynccontextmanager
async def open_lab(
    folder: Path,
    *,
    names: str = "a",
    stock: int = 10,
    opens_in_s: float = 0,
    tokens: bool = False,
    second: bool = False,
    defects: Iterable[Defect] = (),
) -> AsyncIterator[Lab]:
    """Open regions `names` on one database, and a provider, or two, whose callbacks wait to be delivered."""
    clock, net, gate = StillClock(), Net(), Gate()
    async with AsyncExitStack() as stack:
        shut = World(now_ns=clock.now_ns, sleep=Gate().sleep, transport=net)
        banks: list[Provider] = []
        for prefix, hosts in (("p", CLASSES), ("p2", SECOND))[: 1 + second]:
            config_of_bank = provider_config(folder, defects, prefix=prefix)
            banks.append(await stack.enter_async_context(open_provider(config_of_bank, shut)))
            net.apps.update(dict.fromkeys(hosts, httpx.ASGITransport(provider_app(banks[-1]))))
        world = World(now_ns=clock.now_ns, sleep=gate.sleep, transport=net)
        lab = Lab(clock=clock, net=net, gate=gate, provider=banks[0], regions={}, clients={})
        lab.second = banks[1] if second else None
        for name in names:
            config = region_config(folder, name, stock=stock, opens_in_s=opens_in_s, defects=defects)
            sale = msgspec.structs.replace(config.sale, tokens=tokens)
            config = msgspec.structs.replace(config, sale=sale)
            region = await stack.enter_async_context(open_region(config, world))
            transport = httpx.ASGITransport(Front(region))
            net.apps[f"callback_{name}"] = transport
            lab.regions[name] = region
            lab.clients[name] = await stack.enter_async_context(
                httpx.AsyncClient(transport=transport, base_url="http://shop")
            )
        yield lab
