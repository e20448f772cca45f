"""Stands the mock shop up: its processes, and a Toxiproxy listener on every link a drill may break."""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

import httpx
import msgspec

from chaos.process_table import ProcessTable
from chaos.toxiproxy import Toxiproxy
from rehearsal.model.errors import Unreachable
from rehearsal.model.plan import Plan
from rehearsal.pipeline import ports
from rehearsal.process import wait_until
from rehearsal.rundir import folder
from scenarios.mock_storefront import MockStorefront
from scenarios.storefront import Endpoints

REGIONS = ("a", "b")
PROVIDER_CLASSES = ("authorize", "capture", "status", "refund")
_NAMES = (
    *(f"edge_{region}" for region in REGIONS),
    *(f"callback_{region}" for region in REGIONS),
    *(f"pay_{cls}" for cls in PROVIDER_CLASSES),
)
_READY_S = 20.0
_PRICES_FROM, _PRICE_STEP, _AMPLE = 1200, 350, 1_000_000


class Links(msgspec.Struct, frozen=True, kw_only=True):
    """The shop's addresses, and Toxiproxy's. `listeners` maps a link's name to the URL its caller uses."""

    regions: dict[str, str]
    provider: str
    director: str
    listeners: dict[str, str]
    toxiproxy: str

    @property
    def endpoints(self) -> Endpoints:
        """Return where shoppers begin and where final readings come from, past any fault."""
        return Endpoints(url=self.director, admin_urls=tuple(self.regions.values()), ledger_url=self.provider)


class Shop(Protocol):
    """What starts the shop's processes (a ProcessTable does)."""

    def start(self, label: str, argv: Sequence[str], *, log: Path) -> object:
        """Start a process."""

    def alive(self, label: str) -> bool:
        """Tell whether it lives."""


@contextmanager
def held_links(base_port: int, folder: Path, *, direct: bool = False) -> Iterator[Links]:
    """Give the links on ports that no other drill takes until the block is left; raises as `ports.held`."""
    with ports.held(len(REGIONS) + 3 + len(_NAMES), base=base_port, folder=folder) as taken:
        yield lay_links(taken, direct=direct)


def lay_links(taken: Sequence[int], *, direct: bool = False) -> Links:
    """Give each port its part; `direct`: without listeners."""
    # The director comes first: it is the address a person types.
    director, provider, region_a, region_b, *rest, toxiproxy = ports.urls(taken)
    servers = {"a": region_a, "b": region_b}
    listeners = dict(zip(_NAMES, rest, strict=True))
    if direct:
        listeners = {name: upstream_of(name, servers, provider) for name in _NAMES}
    return Links(
        regions=servers, provider=provider, director=director, listeners=listeners, toxiproxy=toxiproxy
    )


def upstream_of(listener: str, regions: dict[str, str], provider: str) -> str:
    """Return the server behind a listener."""
    link, _, end = listener.partition("_")
    return provider if link == "pay" else regions[end]


def create_listeners(toxiproxy: Toxiproxy, links: Links) -> None:
    """Create every listener of the shop."""
    for name, url in links.listeners.items():
        upstream = upstream_of(name, links.regions, links.provider)
        toxiproxy.create(name, listen=_address(url), upstream=_address(upstream))


def start_shop(
    table: ProcessTable | Shop, run: Path, plan: Plan, links: Links, defects: Sequence[str]
) -> None:
    """Start provider, regions and director; Unreachable names the one that does not answer."""
    for role, name, url, config in _configs(run, plan, links, tuple(defects)):
        path = run / "shop" / f"{name}.json"
        folder.write_json(path, config)
        log = run / folder.LOGS / f"{name}.log"
        table.start(name, [sys.executable, "-m", "mock_store", role, str(path)], log=log)
        _await_healthy(table, name, url, log)


def open_sale(links: Links, opens_at_ns: int) -> None:
    """Tell the shop when its flash sale opens, as an instant of the machine's monotonic clock."""
    url = f"{links.regions['a']}/admin/sale"
    try:
        answer = httpx.post(url, json={"opens_at_ns": opens_at_ns}, timeout=5.0, trust_env=False)
    except httpx.HTTPError as error:
        raise Unreachable(f"{url} did not take the time of the sale: {error}") from None
    if not answer.is_success:
        raise Unreachable(f"The mock shop refused the time of its sale: {answer.text}")


def processes_of(region: str) -> tuple[str, ...]:
    """Return the labels of a region's processes."""
    return (f"region_{region}",)


def catalogue(plan: Plan) -> list[dict[str, Any]]:
    """Return the ordinary products: priced apart, in ample stock."""
    del plan
    return [
        {"sku": sku, "price_cents": _PRICES_FROM + number * _PRICE_STEP, "stock": _AMPLE}
        for number, sku in enumerate(MockStorefront.catalogue)
    ]


def _configs(
    run: Path, plan: Plan, links: Links, defects: tuple[str, ...]
) -> list[tuple[str, str, str, dict[str, Any]]]:
    region_configs = [
        ("region", f"region_{name}", url, _region(run, plan, links, name, defects))
        for name, url in links.regions.items()
    ]
    provider = {
        **_bound(links.provider, "provider"),
        "database": str(run / "shop" / "provider.sqlite"),
        "seed": plan.seed,
        "servers": 64,
        "service_ms": 10.0,
        "callback_delay_ms": 150.0,
        "defects": list(defects),
    }
    director = {
        **_bound(links.director, "director"),
        "regions": [{"name": name, "url": links.listeners[f"edge_{name}"]} for name in REGIONS],
        "interval_s": 0.25,
        "down_after": 2,
        "up_after": 3,
    }
    return [
        ("provider", "provider", links.provider, provider),
        *region_configs,
        ("director", "director", links.director, director),
    ]


def _region(run: Path, plan: Plan, links: Links, name: str, defects: tuple[str, ...]) -> dict[str, Any]:
    return {
        **_bound(links.regions[name], "region"),
        "name": name,
        "database": str(run / "shop" / "shop.sqlite"),
        "seed": plan.seed,
        "servers": plan.store.servers,
        "service_ms": plan.store.service_ms,
        "reservation_s": plan.store.reservation_s,
        "provider": {cls: links.listeners[f"pay_{cls}"] for cls in PROVIDER_CLASSES},
        "callback_url": f"{links.listeners[f'callback_{name}']}/callbacks/payment",
        "sale": {
            "sku": plan.sale.sku,
            "stock": plan.sale.stock,
            "price_cents": plan.sale.price_cents,
            "limit_per_shopper": plan.sale.limit_per_shopper,
            "opens_at_ns": 0,
        },
        "catalogue": catalogue(plan),
        "defects": list(defects),
    }


def _bound(url: str, role: str) -> dict[str, Any]:
    return {"role": role, "host": ports.HOST, "port": ports.port_of(url)}


def _address(url: str) -> str:
    return url.removeprefix("http://")


def _await_healthy(table: ProcessTable | Shop, name: str, url: str, log: Path) -> None:
    def settled() -> bool:
        return not table.alive(name) or _answers(url)

    if not (wait_until(settled, timeout_s=_READY_S) and table.alive(name)):
        raise Unreachable(f"The mock shop's {name} did not come up at {url}; {log} says why.")


def _answers(url: str) -> bool:
    try:
        return httpx.get(f"{url}/health", timeout=1.0, trust_env=False).is_success
    except httpx.HTTPError:
        return False
