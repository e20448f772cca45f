"""Puts a process together from its configuration, and takes it apart again."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import httpx
from starlette.types import ASGIApp

from mock_store import gateway, inventory, payments, provider_ledger, schema
from mock_store.callbacks import Callbacks
from mock_store.channels import Channels
from mock_store.config import Config, DirectorConfig, ProviderConfig, RegionConfig, WorkerConfig
from mock_store.counted import CONNECT_S, PATIENT_S, TIMEOUT, TOTAL_S, CallbackOutlet, CountedClient
from mock_store.defects import Defect
from mock_store.director import Director, director_app
from mock_store.front import Front
from mock_store.gateway import Gateway, link_names
from mock_store.links import Links
from mock_store.memory import Memory
from mock_store.modes.database import DatabaseModes
from mock_store.modes.provider import PROVIDER_MODES
from mock_store.modes.region import REGION_MODES
from mock_store.modes.registry import Modes
from mock_store.pages import OWN_CHANGES, Pages
from mock_store.provider import Provider, provider_app
from mock_store.reconciler import reconcile_for_ever
from mock_store.region import Region
from mock_store.replication import replicate_for_ever
from mock_store.service_time import ServiceTime
from mock_store.sharing import Sharing
from mock_store.storage import Storage
from mock_store.work import Station, Time, Work
from mock_store.worker import Worker, worker_app


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """What a process needs of the outside: time, sleep and the network. Tests pass their own."""

    now_ns: Callable[[], int] = time.monotonic_ns
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    transport: httpx.AsyncBaseTransport | None = None

    def client(self, timeout: httpx.Timeout) -> httpx.AsyncClient:
        """Return a client that keeps connections alive and obeys no proxy of the environment."""
        return httpx.AsyncClient(
            timeout=timeout, limits=gateway.LIMITS, trust_env=False, transport=self.transport
        )


@asynccontextmanager
async def open_region(config: RegionConfig, world: World) -> AsyncIterator[Region]:
    """Open a region: schema and stock are made if absent. Nothing runs in the background yet."""
    modes = Modes(REGION_MODES, seed=f"{config.seed}/{config.name}")
    links = Links(region_links(config))
    guard = DatabaseModes(modes, world.sleep)
    storage = Storage(Path(config.database), schema=schema.TABLES, own=OWN_CHANGES, guard=guard)
    try:
        await storage.write(schema.seed, config)
        patient = Defect.NO_CIRCUIT_BREAKER in config.defects
        total_s = PATIENT_S if patient else TOTAL_S
        async with world.client(httpx.Timeout(total_s, connect=CONNECT_S)) as client:
            counted = CountedClient(client, links, world.now_ns, total_s=total_s)
            yield Region(
                config=config,
                storage=storage,
                channels=Channels(_gateways(config, counted, world)),
                station=_station(config, world, f"{config.seed}/{config.name}/service", modes),
                pages=Pages(storage, modes, world.now_ns),
                modes=modes,
                links=links,
                client=counted,
                now_ns=world.now_ns,
                sleep=world.sleep,
                rng=_seeded(f"{config.seed}/{config.name}/defects"),
                memory=Memory(storage.read(inventory.snapshot)),
            )
    finally:
        storage.close()


@asynccontextmanager
async def open_provider(config: ProviderConfig, world: World) -> AsyncIterator[Provider]:
    """Open the provider; callbacks that an earlier process still owed are sent again."""
    modes = Modes(PROVIDER_MODES, seed=f"{config.seed}/{config.prefix}")
    links = Links(config.links)
    storage = Storage(Path(config.database), schema=provider_ledger.TABLES)
    try:
        async with world.client(TIMEOUT) as client:
            callbacks = Callbacks(
                storage,
                CallbackOutlet(CountedClient(client, links, world.now_ns), config.links),
                modes=modes,
                delay_ms=config.callback_delay_ms,
                rng=_seeded(f"{config.seed}/callbacks"),
                sleep=world.sleep,
            )
            yield Provider(
                config=config,
                storage=storage,
                station=_station(config, world, f"{config.seed}/service", None),
                callbacks=callbacks,
                modes=modes,
                links=links,
                now_ns=world.now_ns,
            )
            await callbacks.stop()
    finally:
        storage.close()


@asynccontextmanager
async def open_app(config: Config, world: World) -> AsyncIterator[ASGIApp]:
    """Open the application of any role with all that runs beside it."""
    if isinstance(config, RegionConfig):
        async with (
            open_region(config, world) as region,
            _background(reconcile_for_ever(region)),
            _background(replicate_for_ever(region)),
        ):
            yield Front(region)
    elif isinstance(config, ProviderConfig):
        async with open_provider(config, world) as provider:
            provider.callbacks.resume()
            yield provider_app(provider)
    elif isinstance(config, WorkerConfig):
        async with open_worker(config, world) as worker, _background(worker.work_for_ever()):
            yield worker_app(worker)
    else:
        async with _open_director(config, world) as director, _background(director.watch_for_ever()):
            yield director_app(director)


@asynccontextmanager
async def open_worker(config: WorkerConfig, world: World) -> AsyncIterator[Worker]:
    """Open the worker; its owed confirmations are in the database already."""
    storage = Storage(Path(config.database), schema=schema.TABLES)
    try:
        yield Worker(config, storage, sleep=world.sleep)
    finally:
        storage.close()


@asynccontextmanager
async def _open_director(config: DirectorConfig, world: World) -> AsyncIterator[Director]:
    links = Links(f"edge_{edge.name}" for edge in config.regions)
    async with world.client(httpx.Timeout(0.5)) as client:
        counted = CountedClient(client, links, world.now_ns)
        yield Director(config, counted, links=links, sleep=world.sleep)


def region_links(config: RegionConfig) -> list[str]:
    """Return the names of all links that a region calls over."""
    first = link_names("pay", config.provider)
    second = link_names("pay2", config.provider2) if config.provider2 else []
    return [*first, *second, *(f"sync_{name}" for name in config.peers)]


def _gateways(config: RegionConfig, client: CountedClient, world: World) -> dict[str, Gateway]:
    urls = {payments.FIRST: ("pay", config.provider), payments.SECOND: ("pay2", config.provider2)}
    return {
        name: Gateway(
            client,
            urls=ways,
            callback_url=config.callback_url,
            now_ns=world.now_ns,
            link=link,
            defects=config.defects,
        )
        for name, (link, ways) in urls.items()
        if ways is not None
    }


@asynccontextmanager
async def _background(work: Any) -> AsyncIterator[None]:
    task = asyncio.ensure_future(work)
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


def _station(config: RegionConfig | ProviderConfig, world: World, seed: str, modes: Modes | None) -> Station:
    law = config.law if isinstance(config, RegionConfig) else "exponential"
    made = Sharing if law == "sharing" else ServiceTime
    return made(
        servers=config.servers,
        work=Work(mean_ms=config.service_ms, rng=_seeded(seed), constant=law == "deterministic"),
        time=Time(now_ns=world.now_ns, sleep=world.sleep),
        queue=_queue(config),
        modes=modes,
    )


def _queue(config: RegionConfig | ProviderConfig) -> int:
    if isinstance(config, ProviderConfig) or Defect.UNBOUNDED_QUEUE in config.defects:
        return 0
    return config.queue


def _seeded(seed: str) -> Random:
    return Random(seed)  # noqa: S311 - a model's randomness is to be repeated, not to be secret
