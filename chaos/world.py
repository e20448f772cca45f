"""What a drill may touch: only what the harness started or the plan named comes in here."""

from dataclasses import dataclass, field
from typing import Protocol

import httpx

from chaos.toxics import Toxic

_CANARY_S = 1.0

PAYMENT_LISTENERS = ("pay_authorize", "pay_capture", "pay_status", "pay_refund")


class Listeners(Protocol):
    """What drills ask of Toxiproxy; each call is done when it returns, and heals are safe to repeat."""

    def disable(self, name: str) -> object:
        """Close a listener and its connections."""

    def add_toxic(self, name: str, toxic: Toxic) -> object:
        """Add a toxic to a listener."""

    def heal(self, name: str) -> object:
        """Bring a listener back to passing everything on."""


class Processes(Protocol):
    """What drills ask of the processes that the run has started, by label."""

    def kill(self, label: str) -> object:
        """Kill -9 a process and its descendants."""

    def restart(self, label: str) -> object:
        """Start a process as it was started before."""

    def exit_code(self, label: str) -> int | None:
        """Return how a process ended, None while it runs."""


@dataclass(frozen=True, slots=True)
class Region:
    """A region: its address past Toxiproxy, and the labels of its processes in the order of starting."""

    url: str
    processes: tuple[str, ...]


def canary_client(*, timeout_s: float = _CANARY_S) -> httpx.Client:
    """Return a client that opens a connection for each canary, goes through no proxy, and gives up early.

    A kept connection would tell of the listener as it was, not as it is.
    """
    limits = httpx.Limits(max_keepalive_connections=0)
    return httpx.Client(timeout=timeout_s, trust_env=False, limits=limits)


@dataclass(frozen=True, slots=True)
class World:
    """The shop under drill. `listeners` maps a Toxiproxy listener to its URL; other URLs go past it."""

    run_id: str
    provider_url: str
    director_url: str
    regions: dict[str, Region]
    listeners: dict[str, str]
    toxiproxy: Listeners
    processes: Processes
    http: httpx.Client = field(default_factory=canary_client)


def edge_of(region: str) -> str:
    """Return the listener through which shoppers reach a region."""
    return f"edge_{region}"


def callback_of(region: str) -> str:
    """Return the listener through which the payment provider calls a region back."""
    return f"callback_{region}"
