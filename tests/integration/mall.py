"""The mock shop as real processes on ports of their own, for tests that kill, break and restart them."""

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import msgspec

from chaos.process_table import ProcessTable
from rehearsal.process import wait_until

PRICE_CENTS = 19900
CLASSES = ("authorize", "capture", "status", "refund")


@dataclass(kw_only=True)
class Mall:
    """The shop's processes and their addresses."""

    table: ProcessTable
    folder: Path
    ports: dict[str, int]
    configs: dict[str, tuple[str, dict[str, Any]]] = field(default_factory=dict)

    def url(self, label: str) -> str:
        """Return the address of a process."""
        return f"http://127.0.0.1:{self.ports[label]}"

    def configure(self, role: str, label: str, config: dict[str, Any]) -> None:
        """Tell a process what it is; its port is the one chosen for its label."""
        bound = {"role": role, "host": "127.0.0.1", "port": self.ports[label]}
        self.configs[label] = (role, {**config, **bound})

    def argv(self, label: str) -> list[str]:
        """Return the command that starts a process."""
        role, config = self.configs[label]
        path = self.folder / f"{label}.json"
        path.write_bytes(msgspec.json.encode(config))
        return [sys.executable, "-m", "mock_store", role, str(path)]

    def log(self, label: str) -> Path:
        """Return where a process writes what it has to say."""
        return self.folder / f"{label}.log"

    def start(self, *labels: str) -> None:
        """Start processes at once and wait until all answer."""
        for label in labels:
            self.table.start(label, self.argv(label), log=self.log(label))
        assert all(wait_until(lambda at=label: self.answers(at), timeout_s=60) for label in labels)  # type: ignore[misc]

    def answers(self, label: str) -> bool:
        """Tell whether a process answers."""
        try:
            return httpx.get(f"{self.url(label)}/health", trust_env=False, timeout=20).is_success
        except httpx.TransportError:
            return False

    def read(self, label: str, path: str) -> Any:
        """Return the body of a page."""
        return httpx.get(f"{self.url(label)}{path}", trust_env=False, timeout=20).raise_for_status().json()

    def at_rest(self, label: str) -> bool:
        """Tell whether nothing is pending any more."""
        return set(self.read(label, "/admin/pending").values()) == {0}

    def orders(self, label: str) -> dict[str, dict[str, Any]]:
        """Return every order by its id."""
        return {order["order_id"]: order for order in self.read(label, "/admin/orders")["orders"]}

    def captured(self) -> set[str]:
        """Return the orders for which the provider has taken money, given back since or not."""
        entries = self.read("provider", "/admin/ledger")["entries"]
        return {entry["order_id"] for entry in entries if entry["kind"] == "capture"}

    def charged_cents(self) -> dict[str, int]:
        """Return what the provider has taken and not given back, for each order."""
        total: dict[str, int] = {}
        for entry in self.read("provider", "/admin/ledger")["entries"]:
            sign = {"capture": 1, "refund": -1}.get(entry["kind"], 0)
            total[entry["order_id"]] = total.get(entry["order_id"], 0) + sign * entry["amount_cents"]
        return {order_id: cents for order_id, cents in total.items() if cents}


def open_mall(
    table: ProcessTable,
    folder: Path,
    free_port: Callable[[], int],
    *,
    stock: int = 1000,
    defects: tuple[str, ...] = (),
    links_of: Callable[[str], Mapping[str, str]] = lambda _: {},
) -> Mall:
    """Start provider, both regions, worker and director; `links_of` may put listeners before the provider."""
    ports = {label: free_port() for label in ("provider", "a", "b", "worker", "director")}
    mall = Mall(table=table, folder=folder, ports=ports)
    provider = {"database": str(folder / "provider.sqlite"), "seed": 1, "callback_delay_ms": 150.0}
    mall.configure("provider", "provider", provider)
    links = {**dict.fromkeys(CLASSES, mall.url("provider")), **links_of(mall.url("provider"))}
    shop = {
        "database": str(folder / "shop.sqlite"),
        "seed": 1,
        "servers": 32,
        "service_ms": 2.0,
        "reservation_s": 2.0,
        "provider": links,
        "sale": {
            "sku": "flash",
            "stock": stock,
            "price_cents": PRICE_CENTS,
            "limit_per_shopper": 1000,
            "opens_at_ns": 0,
        },
        "defects": defects,
    }
    for name in "ab":
        callback = f"{mall.url(name)}/callbacks/payment"
        mall.configure("region", name, {**shop, "name": name, "callback_url": callback})
    mall.configure("worker", "worker", {"database": shop["database"], "defects": defects})
    edges = [{"name": name, "url": mall.url(name)} for name in "ab"]
    mall.configure("director", "director", {"regions": edges, "interval_s": 0.05})
    # Both regions at once on a database that is not there yet: each must find, or make, the same shop.
    mall.start("provider", "a", "b", "worker", "director")
    return mall
