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
from starlette.applications import Starlette

from mock_store import gateway, provider_ledger, schema
from mock_store.app import region_app
from mock_store.callbacks import Callbacks
from mock_store.config import Config, DirectorConfig, ProviderConfig, RegionConfig
from mock_store.director import Director, director_app
from mock_store.provider import Provider, provider_app
from mock_store.reconciler import reconcile_for_ever
from mock_store.region import Region
from mock_store.service_time import ServiceTime
from mock_store.storage import Storage


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
    storage = Storage(Path(config.database), schema=schema.TABLES)
    try:
        await storage.write(schema.seed, config)
        async with world.client(gateway.TIMEOUT) as client:
            yield Region(
                config=config,
                storage=storage,
                gateway=gateway.Gateway(
                    client, urls=config.provider, callback_url=config.callback_url, now_ns=world.now_ns
                ),
                station=_station(config, world, f"{config.seed}/{config.name}/service"),
                now_ns=world.now_ns,
                sleep=world.sleep,
                rng=_seeded(f"{config.seed}/{config.name}/defects"),
            )
    finally:
        storage.close()


@asynccontextmanager
async def open_provider(config: ProviderConfig, world: World) -> AsyncIterator[Provider]:
    """Open the provider; callbacks that an earlier process still owed are sent again."""
    storage = Storage(Path(config.database), schema=provider_ledger.TABLES)
    try:
        async with world.client(httpx.Timeout(1.0, connect=0.5)) as client:
            callbacks = Callbacks(
                storage,
                client,
                delay_ms=config.callback_delay_ms,
                rng=_seeded(f"{config.seed}/callbacks"),
                sleep=world.sleep,
            )
            yield Provider(
                config=config,
                storage=storage,
                station=_station(config, world, f"{config.seed}/service"),
                callbacks=callbacks,
            )
            await callbacks.stop()
    finally:
        storage.close()


@asynccontextmanager
async def open_app(config: Config, world: World) -> AsyncIterator[Starlette]:
    """Open the application of any role with all that runs beside it."""
    if isinstance(config, RegionConfig):
        async with open_region(config, world) as region, _background(reconcile_for_ever(region)):
            yield region_app(region)
    elif isinstance(config, ProviderConfig):
        async with open_provider(config, world) as provider:
            provider.callbacks.resume()
            yield provider_app(provider)
    else:
        async with _open_director(config, world) as director, _background(director.watch_for_ever()):
            yield director_app(director)


@asynccontextmanager
async def _open_director(config: DirectorConfig, world: World) -> AsyncIterator[Director]:
    async with world.client(httpx.Timeout(0.5)) as client:
        yield Director(config, client, sleep=world.sleep)


@asynccontextmanager
async def _background(work: Any) -> AsyncIterator[None]:
    task = asyncio.ensure_future(work)
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


def _station(config: RegionConfig | ProviderConfig, world: World, seed: str) -> ServiceTime:
    return ServiceTime(
        servers=config.servers, mean_ms=config.service_ms, rng=_seeded(seed), sleep=world.sleep
    )


def _seeded(seed: str) -> Random:
    return Random(seed)  # noqa: S311 - a model's randomness is to be repeated, not to be secret
