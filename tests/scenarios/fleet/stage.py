"""A fleet on a clock that a test moves."""

from collections.abc import Callable
from dataclasses import dataclass, field

import msgspec

from rehearsal import __version__
from scenarios.fleet.fleet import Fleet, Post
from scenarios.fleet.messages import (
    Built,
    FromWorker,
    Hello,
    Refused,
    Said,
)
from scenarios.load_order import LoadOrder, Progress
from scenarios.storefront import Endpoints
from scenarios.visit import Basis

MS = 1_000_000
S = 1_000 * MS
ORIGIN, END = 100 * S, 60 * S
ORDER = LoadOrder(
    adapter="a:B",
    endpoints=Endpoints(url="http://shop"),
    basis=Basis(sale_sku="flash", limit_per_shopper=2, think_s=0.3),
    seed=7,
    pool=100,
)


@dataclass
class Stage:
    """A fleet on a clock that a test moves, with workers whose every word the test says."""

    fleet: Fleet
    now_ns: int = ORIGIN
    dead: set[int] = field(default_factory=set)

    def say(self, client: str, message: FromWorker) -> list[Post]:
        """Let a worker say something."""
        return self.fleet.hear(client, message, self.now_ns)

    def pass_s(self, seconds: float, *speaking: str) -> list[Post]:
        """Let time pass, a tick each half second; who speaks, says so each time."""
        posts: list[Post] = []
        for _ in range(int(seconds * 2)):
            self.now_ns += S // 2
            for client in speaking:
                self.say(client, Said(progress=Progress(state="running", started=5, dropped=1)))
            posts += self.fleet.tick(self.now_ns, lambda hello: hello.pid not in self.dead)
        return posts

    def come(self, worker: int, **facts: str) -> list[Post]:
        """Let worker k come, from this machine unless facts say otherwise."""
        hello = Hello(version=__version__, host="here", machine="m", pid=worker, worker=worker)
        return self.say(f"w{worker}", msgspec.structs.replace(hello, **facts))

    def stand(self, *workers: int) -> None:
        """Let workers come, build the schedule and fill their pools."""
        for worker in workers:
            self.come(worker)
            self.say(f"w{worker}", Built(sha256="f00d"))
        self.fleet.begun = True
        for worker in workers:
            self.say(f"w{worker}", Said(progress=Progress(state="ready")))

    def release(self) -> list[Post]:
        """Let the run begin."""
        return self.fleet.release(ORIGIN)


Make = Callable[..., Stage]


def reason(posts: list[Post]) -> str:
    """Return why a worker was refused."""
    ((_, refused),) = posts
    assert isinstance(refused, Refused)
    return refused.reason
