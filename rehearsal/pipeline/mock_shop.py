"""Stands the mock shop up: its processes, and a Toxiproxy listener on every link a drill may break."""

import sys
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Protocol

import httpx

from chaos.process_table import ProcessTable
from chaos.toxiproxy import Toxiproxy
from rehearsal.model.errors import Unreachable
from rehearsal.model.plan import Plan
from rehearsal.pipeline.shop_config import shop_configs
from rehearsal.pipeline.shop_links import Links
from rehearsal.process import Child, wait_until
from rehearsal.rundir import folder

_READY_S = 60.0
_LOOK_EVERY_S = 0.02


class Shop(Protocol):
    """What starts the shop's processes (a ProcessTable does)."""

    def start(self, label: str, argv: Sequence[str], *, log: Path) -> object:
        """Start a process."""

    def alive(self, label: str) -> bool:
        """Tell whether it lives."""


def create_listeners(toxiproxy: Toxiproxy, links: Links) -> None:
    """Create every listener of the shop."""
    for name, url in links.listeners.items():
        toxiproxy.create(name, listen=_address(url), upstream=_address(links.upstream_of(name)))


def start_shop(
    table: ProcessTable | Shop, run: Path, plan: Plan, links: Links, defects: Sequence[str]
) -> None:
    """Start all processes of the shop at once; Unreachable names one that does not answer."""
    begin_shop(table, run, plan, links, defects)
    await_shop(table, run, links)


def begin_shop(
    table: ProcessTable | Shop, run: Path, plan: Plan, links: Links, defects: Sequence[str]
) -> None:
    """Start all processes of the shop at once, and wait for none."""
    for label, config in shop_configs(run, plan, links, tuple(defects)).items():
        path = run / "shop" / f"{label}.json"
        folder.write_json(path, config)
        argv = [sys.executable, "-m", "mock_store", config["role"], str(path)]
        table.start(label, argv, log=_log_of(run, label))


def await_shop(table: ProcessTable | Shop, run: Path, links: Links) -> None:
    """Wait until every process answers and the director sends shoppers to every region.

    Unreachable names the process that does not.
    """
    regions = {f"region_{name}": url for name, url in links.regions.items()}
    processes = {"provider": links.provider, "provider2": links.provider2, **regions, "worker": links.worker}
    with httpx.Client(timeout=1.0, trust_env=False) as client:
        for label, url in processes.items():
            _await(table, run, label, url, partial(_answers, client, url))
        _await(table, run, "director", links.director, partial(_leads_everywhere, client, links.director))


def open_sale(links: Links, opens_at_ns: int, closes_at_ns: int = 0) -> None:
    """Tell the shop when its flash sale opens and closes (0: never), on the machine's monotonic clock."""
    url = f"{links.regions['a']}/admin/sale"
    sale = {"opens_at_ns": opens_at_ns, "closes_at_ns": closes_at_ns}
    try:
        answer = httpx.post(url, json=sale, timeout=5.0, trust_env=False)
    except httpx.HTTPError as error:
        raise Unreachable(f"{url} did not take the time of the sale: {error}") from None
    if not answer.is_success:
        raise Unreachable(f"The mock shop refused the time of its sale: {answer.text}")


def processes_of(region: str) -> tuple[str, ...]:
    """Return the labels of a region's processes."""
    return (f"region_{region}",)


def is_of_shop(child: Child) -> bool:
    """Tell whether a process of the run is one of the shop's own."""
    return "mock_store" in child.argv


def _address(url: str) -> str:
    return url.removeprefix("http://")


def _log_of(run: Path, label: str) -> Path:
    return run / folder.LOGS / f"{label}.log"


def _await(table: ProcessTable | Shop, run: Path, label: str, url: str, good: Callable[[], bool]) -> None:
    def settled() -> bool:
        return not table.alive(label) or good()

    if not (wait_until(settled, timeout_s=_READY_S, every_s=_LOOK_EVERY_S) and table.alive(label)):
        log = _log_of(run, label)
        raise Unreachable(f"The mock shop's {label} did not come up at {url}; {log} says why.")


def _answers(client: httpx.Client, url: str) -> bool:
    try:
        return client.get(f"{url}/health").is_success
    except httpx.HTTPError:
        return False


def _leads_everywhere(client: httpx.Client, director: str) -> bool:
    try:
        regions = client.get(f"{director}/admin/regions").json()["regions"]
    except (httpx.HTTPError, ValueError):
        return False
    return all(region["healthy"] for region in regions)
