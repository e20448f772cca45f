"""Where one fault strikes: the shop, the region meant, and the chance that the run's seed gives it."""

import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from random import Random
from typing import Any, TypeVar

import httpx

from chaos.asker import Asker
from chaos.drill import Evidence
from chaos.faults.catcher import Catcher
from chaos.faults.purse import Purse
from chaos.world import World
from rehearsal import process
from rehearsal.model.errors import RehearsalError, Unreachable
from rehearsal.model.plan import Fault

T = TypeVar("T")

_BACK_S = 10.0


def _wait_back(condition: Callable[[], bool]) -> bool:
    return process.wait_until(condition, timeout_s=_BACK_S)


@dataclass
class Site:
    """One fault's place. `victim` is drawn once for each site.

    `own` counts, by mode, the canaries that were hit: they are not shoppers. `links` are the calls of the
    shop's processes before the fault; `used` says of each of a plan's links whether it was in use. Time comes
    in as `wait_back`, which calls a condition until it is true or gives up, `sleep` and `now_s`.
    """

    world: World
    fault: Fault
    wait_back: Callable[[Callable[[], bool]], bool] = _wait_back
    sleep: Callable[[float], None] = time.sleep
    now_s: Callable[[], float] = time.monotonic
    own: dict[str, int] = field(default_factory=dict)
    links: dict[str, dict[str, dict[str, int]]] = field(default_factory=dict)
    notes: dict[str, Evidence] = field(default_factory=dict)
    used: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Draw what follows from the run's seed."""
        fault = self.fault
        self.random = Random(f"{self.world.seed}/{fault.kind}/{fault.phase}/{fault.after_s}")  # noqa: S311
        self.victim = self.random.choice(("", "_2", "_3"))
        self.purse = Purse(self.world)
        self._catcher: Catcher | None = None

    @property
    def catcher(self) -> Catcher:
        """Return the place for canaries' callbacks; it is open until `close`."""
        if self._catcher is None:
            self._catcher = Catcher()
        return self._catcher

    def close(self) -> None:
        """Take no more callbacks."""
        if self._catcher is not None:
            self._catcher.close()
            self._catcher = None

    @property
    def http(self) -> httpx.Client:
        """Return the canaries' client."""
        return self.world.http

    @property
    def asker(self) -> Asker:
        """Return who asks at listeners whether somebody answers behind them."""
        return Asker(self.http, self.world.health, links=self.world.links, now_s=self.now_s)

    @property
    def other(self) -> str:
        """Return the region that is not struck, "" if there is none."""
        return next((name for name in self.world.regions if name != self.fault.region), "")

    def listeners(self, patterns: Iterable[str]) -> dict[str, str]:
        """Return the listeners that match, with their URLs; RehearsalError if a pattern matches none."""
        found: dict[str, str] = {}
        for pattern in patterns:
            meant = pattern.format(region=self.fault.region, other=self.other, victim=self.victim)
            matching = {n: url for n, url in self.world.listeners.items() if fnmatchcase(n, meant)}
            if not matching:
                raise RehearsalError(
                    f"This shop has no listener {meant}: {self.fault.kind} cannot strike it."
                )
            found |= matching
        return found

    def processes(self, role: str) -> tuple[str, ...]:
        """Return the labels of the region's processes, or of the worker."""
        world = self.world
        return (world.worker,) if role == "worker" else world.regions[self.fault.region].processes

    def urls(self, role: str) -> dict[str, str]:
        """Return by name the addresses, past Toxiproxy, of region, regions, provider, director or worker."""
        world = self.world
        if role == "regions":
            return {f"region_{name}": region.url for name, region in world.regions.items()}
        if role == "region":
            name = self.fault.region
            return {f"region_{name}": world.regions[name].url}
        named = {
            "provider": world.provider_url,
            "director": world.director_url,
            "worker": world.worker_url,
        }
        return {role: named[role]}

    def json(self, method: str, url: str, body: Any = None) -> dict[str, Any]:
        """Ask one of the shop's processes; Unreachable if it is silent, RehearsalError if it refuses."""
        try:
            answer = self.http.request(method, url, json=body)
        except httpx.HTTPError as error:
            raise Unreachable(f"{url} does not answer ({type(error).__name__}).") from None
        if not answer.is_success:
            raise RehearsalError(f"{method} {url} was refused ({answer.status_code}): {answer.text[:200]}")
        return dict(answer.json()) if answer.content else {}

    def counts(self) -> dict[str, dict[str, dict[str, int]]]:
        """Return, by process and link, the calls that the shop's processes made; silent ones are left out."""
        world = self.world
        processes = {**self.urls("regions"), "provider": world.provider_url, "worker": world.worker_url}
        found: dict[str, dict[str, dict[str, int]]] = {}
        for name, url in processes.items():
            try:
                found[name] = self.json("GET", f"{url}/admin/links")["links"] if url else {}
            except (RehearsalError, KeyError, ValueError):
                continue
        return found

    def hit_calls(self, names: Iterable[str]) -> int:
        """Return how many of the shop's own calls over these links went wrong since the fault began."""
        return sum(
            max(0, count - self.links.get(process_name, {}).get(name, {}).get(fate, 0))
            for process_name, links in self.counts().items()
            for name in names
            for fate, count in links.get(name, {}).items()
            if fate != "ok"
        )


def together(calls: Iterable[Callable[[], T]]) -> list[T]:
    """Make calls at the same time: a canary that waits in vain takes a second, six take no longer."""
    made = list(calls)
    with ThreadPoolExecutor(max_workers=max(1, len(made))) as pool:
        return [future.result() for future in [pool.submit(call) for call in made]]
