"""What a drill may touch: only what the harness started or the plan named comes in here."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Protocol

import httpx

from chaos.canary import HEALTH
from chaos.lease_file import Undo
from chaos.link_use import LinkUse
from chaos.toxics import Toxic
from rehearsal.model.plan_shop import Link
from rehearsal.model.secrets import Masker

_CANARY_S = 1.0
_POOLS = ("", "_2", "_3")

#: The ways to the first payment provider: authorizations and captures have three servers each.
PAYMENT_LISTENERS = (
    *(f"pay_authorize{pool}" for pool in _POOLS),
    *(f"pay_capture{pool}" for pool in _POOLS),
    "pay_status",
    "pay_refund",
)

#: Every listener of the mock shop, one for each arrow and class of request.
LISTENERS = (
    "edge_a",
    "edge_b",
    "callback_a",
    "callback_b",
    *PAYMENT_LISTENERS,
    "pay2_authorize",
    "pay2_capture",
    "pay2_status",
    "pay2_refund",
    "sync_a",
    "sync_b",
)


class Listeners(Protocol):
    """What drills ask of Toxiproxy; each call is done when it returns, and heals are safe to repeat."""

    def disable(self, name: str) -> object:
        """Close a listener and its connections."""

    def enable(self, name: str) -> object:
        """Open a listener, with whatever toxics it has."""

    def add_toxic(self, name: str, toxic: Toxic) -> object:
        """Add a toxic to a listener."""

    def change_toxic(self, name: str, toxic: Toxic) -> object:
        """Give a listener's toxic of that name other attributes."""

    def heal(self, name: str) -> object:
        """Bring a listener back to passing everything on."""


class Processes(Protocol):
    """What drills ask of the processes that the run has started, by label, and of what the run owes."""

    def start(self, label: str, argv: Sequence[str], *, log: Path) -> object:
        """Start a process."""

    def kill(self, label: str) -> object:
        """Kill -9 a process and its descendants."""

    def restart(self, label: str) -> object:
        """Start a process as it was started before."""

    def pause(self, label: str) -> object:
        """Let a process stand still (SIGSTOP)."""

    def resume(self, label: str) -> object:
        """Let it go on (SIGCONT); safe to repeat, and for one that was never paused."""

    def alive(self, label: str) -> bool:
        """Tell whether a process was started under the label and has not ended."""

    def exit_code(self, label: str) -> int | None:
        """Return how a process ended, None while it runs."""

    def owe(self, undo: Undo) -> None:
        """Note a command that must be carried out whatever becomes of this process."""

    def settle(self, name: str) -> None:
        """Note that it has been."""


@dataclass(frozen=True, slots=True)
class Region:
    """A region: its address past Toxiproxy, and the labels of its processes in the order of starting."""

    url: str
    processes: tuple[str, ...]


def canary_client(*, timeout_s: float = _CANARY_S, headers: Mapping[str, str] | None = None) -> httpx.Client:
    """Return a client that opens a connection for each canary, goes through no proxy, and gives up early.

    A kept connection would tell of the listener as it was, not as it is. `headers` go with every request.
    """
    limits = httpx.Limits(max_keepalive_connections=0)
    return httpx.Client(timeout=timeout_s, trust_env=False, limits=limits, headers=headers)


@dataclass(frozen=True, slots=True)
class World:
    """The shop under drill. `listeners` maps a Toxiproxy listener to its URL; other URLs go past it.

    `seed` is the run's: flaps, victims and delays follow from it. `attackers` are commands by kind of attack;
    what they say is kept in `logs`. `provider2_url` and `worker_url` are "" if there is no such process;
    `worker` is the worker's label. `health` is a path that answers 200 when all is well. `links` are those of
    a plan for somebody's own shop, by the name of their listener: behind them not all speak HTTP; `use`
    tells whether they were in use. `numbers` name the run's canaries; `mask` hides secrets in what a team's
    own commands say.
    """

    run_id: str
    provider_url: str
    director_url: str
    regions: dict[str, Region]
    listeners: dict[str, str]
    toxiproxy: Listeners
    processes: Processes
    http: httpx.Client = field(default_factory=canary_client)
    seed: int = 0
    attackers: dict[str, tuple[str, ...]] = field(default_factory=dict)
    logs: Path = Path()
    provider2_url: str = ""
    worker_url: str = ""
    worker: str = "worker"
    health: str = HEALTH
    links: Mapping[str, Link] = field(default_factory=dict)
    use: LinkUse | None = None
    numbers: Iterator[int] = field(default_factory=lambda: count(1))
    mask: Masker = str


def callback_of(region: str) -> str:
    """Return the listener through which the payment provider calls a region back."""
    return f"callback_{region}"
