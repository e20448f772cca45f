"""The GraphQL example inside the test: its shop on a real socket, its adapter over the real client."""

import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any, TypeVar

import gevent
import httpx
import polars as pl

from rehearsal.model.clock import SystemClock, nanoseconds, seconds
from rehearsal.model.history import Row
from rehearsal.model.plan import Plan, VisitKind
from rehearsal.model.readings import FinalReadings
from rehearsal.model.secrets import Secrets
from rehearsal.model.timeline import timeline_of
from rehearsal.pipeline.plans import load_plan
from rehearsal.pipeline.readings import Reader
from rehearsal.rundir.history_file import frame_of
from scenarios.client import Client
from scenarios.means import Means
from scenarios.schedule import Arrival
from scenarios.shopper import Shopping, basis_of, shop
from scenarios.storefront import Endpoints, Storefront, load_adapter

FOLDER = Path(__file__).parents[2] / "examples" / "graphql"
# A user stands in this folder; what it holds is imported from there.
sys.path.append(str(FOLDER))
books, language, resolvers, server = (
    import_module(f"graphql_{name}") for name in ("books", "language", "resolvers", "shop")
)
ADAPTER = load_adapter("graphql_storefront:GraphqlStorefront")
PLAN = load_plan(FOLDER / "plan.toml")
SECRETS = Secrets({"password": "open-sesame", "staff_token": "staff-only"})

T = TypeVar("T")


def means(number: int = 1) -> Means:
    """Return what a visit is given: the plan's secrets, and a test card of its own."""
    return Means(secrets=SECRETS, data={"cards": {"number": f"test-{number}"}})


@dataclass
class Moving:
    """A clock that shop, client and visits share; a wait moves it forward instead of lasting."""

    ahead_ns: int = 0
    _since_ns: int = field(default_factory=SystemClock.now_ns)

    def now_ns(self) -> int:
        """Return the instant."""
        return SystemClock.now_ns() - self._since_ns + self.ahead_ns

    def now_s(self) -> float:
        """Return the instant in seconds."""
        return seconds(self.now_ns())

    def sleep_until_ns(self, instant_ns: int) -> None:
        """Move there."""
        self.ahead_ns += max(0, instant_ns - self.now_ns())

    wait_until_ns = sleep_until_ns

    def wait(self, delay_s: float) -> None:
        """Move on."""
        self.ahead_ns += nanoseconds(delay_s)

    def together(self, calls: Sequence[Callable[[], T]]) -> list[T]:
        """Make the calls one after another."""
        return [call() for call in calls]


@dataclass(frozen=True)
class Opened:
    """The shop, open; and the hands of the test."""

    url: str
    shop: Any
    clock: Moving
    client: httpx.Client

    @property
    def endpoints(self) -> Endpoints:
        """Return where the shop is, with the secrets that its books ask for."""
        return Endpoints(url=self.url, admin_urls=(self.url,), secrets=SECRETS)

    def shopper(self, name: str = "ann") -> Storefront:
        """Return a shopper at the door, not yet logged in."""
        return ADAPTER(Client(self.clock, 0), name, self.endpoints, means())

    def inside(self, name: str = "ann") -> Storefront:
        """Return a shopper who has logged in."""
        shopper = self.shopper(name)
        shopper.open()
        return shopper

    def reader(self) -> Reader:
        """Return what reads the books after a run."""
        return Reader(ADAPTER, self.endpoints, self.client)


@contextmanager
def opened(
    stock: int = 2, *, hesitate: Callable[[], object] = lambda: None, **manners: Any
) -> Iterator[Opened]:
    """Open the shop on a free port until the block is left."""
    clock = Moving()
    kept = books.Books(stock, books.Manners(**manners), clock.now_s, hesitate)
    access = resolvers.Access(
        password=SECRETS["password"], staff_token=SECRETS["staff_token"], session_s=600.0
    )
    its = resolvers.Shop(kept, access, clock.now_s)
    with server.serve(its, 0) as listening:
        serving = threading.Thread(target=listening.serve_forever, kwargs={"poll_interval": 0.01})
        serving.start()
        try:
            # Nothing here is encrypted, and authorities take longer to load than all the rest.
            with httpx.Client(verify=False, trust_env=False) as client:  # noqa: S501
                yield Opened(f"http://127.0.0.1:{listening.server_address[1]}", its, clock, client)
        finally:
            listening.shutdown()
            serving.join()


def visits(place: Opened, plan: Plan, kinds: Sequence[VisitKind], *, at_once: bool = False) -> pl.DataFrame:
    """Carry out a visit of each kind, one after another or all at once; return what the history holds."""
    rows: list[Row] = []
    shopping = Shopping(
        adapter=ADAPTER,
        endpoints=place.endpoints,
        basis=basis_of(plan),
        seed=plan.seed,
        means_of=lambda arrival: means(arrival.index),
    )

    def one(index: int, kind: VisitKind) -> None:
        arrival = Arrival(index, place.clock.now_ns(), kind)
        client = Client(place.clock, 0)
        shop(
            arrival,
            shopping,
            client,
            pace=place.clock,
            record=lambda row, _: rows.append(row),
            record_visit=rows.append,
        )

    if at_once:
        gevent.joinall([gevent.spawn(one, *each) for each in enumerate(kinds)], raise_error=True)
    else:
        for each in enumerate(kinds):
            one(*each)
    return frame_of(rows, timeline_of(plan))


def settled(place: Opened) -> FinalReadings:
    """Let reservations run out and slow payments come through, and read the books."""
    place.clock.wait(60.0)
    return place.reader().settled(0.0, lambda: None)
