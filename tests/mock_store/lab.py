"""A whole shop in one process: real regions, a real provider, a network that fails on demand, no waiting."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
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

NS_PER_S = 1_000_000_000
T_ZERO_NS = 1000 * NS_PER_S
PRICE_CENTS = 19900
FULL_PRICE_CENTS = 29900
RESERVATION_S = 6.0
CLASSES = ("authorize", "capture", "status", "refund")


@dataclass(slots=True)
class StillClock:
    """A clock that moves only when a test says so."""

    at_ns: int = T_ZERO_NS

    def now_ns(self) -> int:
        """Return the instant."""
        return self.at_ns

    def advance(self, duration_s: float) -> None:
        """Let time pass."""
        self.at_ns += round(duration_s * NS_PER_S)


class Gate:
    """Sleep that lasts until the gate opens; `asked_s` lists what was slept for."""

    def __init__(self) -> None:
        """Be shut."""
        self.asked_s: list[float] = []
        self._open = asyncio.Event()
        self._changed = asyncio.Condition()

    async def sleep(self, duration_s: float) -> None:
        """Wait for the gate."""
        async with self._changed:
            self.asked_s.append(duration_s)
            self._changed.notify_all()
        await self._open.wait()

    async def reached_by(self, sleepers: int) -> None:
        """Return when so many have come to the gate."""
        async with self._changed:
            await self._changed.wait_for(lambda: len(self.asked_s) >= sleepers)

    def open(self) -> None:
        """Let everybody through."""
        self._open.set()


def answering(status: int, body: bytes) -> httpx.MockTransport:
    """Return a server that has one answer to everything."""
    return httpx.MockTransport(lambda _: httpx.Response(status, content=body))


async def at_once(_: float) -> None:
    """Sleep not at all."""


@dataclass(slots=True)
class Net(httpx.AsyncBaseTransport):
    """Routes requests by host name to applications; `faults` maps a host to what goes wrong there.

    refused: nobody listens. dropped: the request never arrives. lost: it is served, its answer is not seen.
    error: it is served, a 500 is seen. garbled: it is served, a body that is not JSON is seen.
    `before` and `after` run as a request arrives at a host, and when it has been served there.
    """

    apps: dict[str, httpx.AsyncBaseTransport] = field(default_factory=dict)
    faults: dict[str, str] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)
    before: dict[str, Callable[[], Awaitable[None]]] = field(default_factory=dict)
    after: dict[str, Callable[[], None]] = field(default_factory=dict)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Serve a request, or fail as told."""
        host = request.url.host
        self.calls.append(f"{host}{request.url.path}")
        fault = self.faults.get(host, "")
        if fault == "refused":
            raise httpx.ConnectError("refused", request=request)
        if fault == "dropped":
            raise httpx.ReadTimeout("dropped", request=request)
        if host in self.before:
            await self.before[host]()
        response = await self.apps[host].handle_async_request(request)
        self.after.get(host, lambda: None)()
        if fault == "lost":
            raise httpx.RemoteProtocolError("lost", request=request)
        return {
            "error": httpx.Response(500, json={"error": "internal"}),
            "garbled": httpx.Response(200, content=b"{"),
        }.get(fault, response)

    def break_(self, fault: str, hosts: Iterable[str] = CLASSES) -> None:
        """Let something go wrong at hosts."""
        self.faults.update(dict.fromkeys(hosts, fault))

    def heal(self) -> None:
        """Let everything work again."""
        self.faults.clear()


@dataclass(slots=True, kw_only=True)
class Lab:
    """The shop, and shoppers' words for it."""

    clock: StillClock
    net: Net
    gate: Gate
    provider: Provider
    regions: dict[str, Region]
    clients: dict[str, httpx.AsyncClient]

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
        entries = self.provider.storage.read(provider_ledger.entries)
        return [entry for entry in entries if entry["kind"] in kinds]

    def charged_cents(self) -> int:
        """Return what the provider has taken and not given back."""
        taken = sum(entry["amount_cents"] for entry in self.ledger("capture"))
        return int(taken - sum(entry["amount_cents"] for entry in self.ledger("refund")))

    async def deliver_callbacks(self) -> None:
        """Let every callback that is owed arrive."""
        async with httpx.AsyncClient(transport=self.net) as client:
            outlet = CallbackOutlet(CountedClient(client, Links(), self.clock.now_ns), {})
            sender = Callbacks(
                self.provider.storage,
                outlet,
                modes=self.provider.modes,
                delay_ms=0,
                rng=Random(1),
                sleep=at_once,
            )
            for callback in self.provider.storage.read(provider_ledger.undelivered):
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


def provider_config(folder: Path, defects: Iterable[Defect] = ()) -> ProviderConfig:
    """Return the provider's configuration without service time."""
    return ProviderConfig(
        host="127.0.0.1",
        port=2,
        database=str(folder / "provider.sqlite"),
        seed=1,
        service_ms=0,
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
    defects: Iterable[Defect] = (),
) -> AsyncIterator[Lab]:
    """Open regions `names` on one database, and a provider whose callbacks wait to be delivered."""
    clock, net, gate = StillClock(), Net(), Gate()
    async with AsyncExitStack() as stack:
        shut = World(now_ns=clock.now_ns, sleep=Gate().sleep, transport=net)
        provider = await stack.enter_async_context(open_provider(provider_config(folder, defects), shut))
        bank = httpx.ASGITransport(provider_app(provider))
        net.apps.update(dict.fromkeys(CLASSES, bank))
        world = World(now_ns=clock.now_ns, sleep=gate.sleep, transport=net)
        lab = Lab(clock=clock, net=net, gate=gate, provider=provider, regions={}, clients={})
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
