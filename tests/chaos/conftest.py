"""A shop that stands still: fake listeners, processes and network for drills."""

import socket
from collections.abc import Callable
from dataclasses import dataclass, field

import httpx
import pytest

from chaos.toxics import Toxic
from chaos.world import PAYMENT_LISTENERS, Region, World
from rehearsal.model.errors import RehearsalError


@dataclass
class FakeListeners:
    """Remembers what was asked; `fails` names the listeners at which every call is refused."""

    calls: list[tuple[str, ...]] = field(default_factory=list)
    fails: set[str] = field(default_factory=set)
    closed: set[str] = field(default_factory=set)
    toxics: dict[str, list[Toxic]] = field(default_factory=dict)

    def disable(self, name: str) -> None:
        """Close a listener."""
        self._call("disable", name)
        self.closed.add(name)

    def add_toxic(self, name: str, toxic: Toxic) -> None:
        """Add a toxic."""
        self._call("add_toxic", name, toxic.name)
        self.toxics.setdefault(name, []).append(toxic)

    def heal(self, name: str) -> None:
        """Mend a listener."""
        self._call("heal", name)
        self.closed.discard(name)
        self.toxics.pop(name, None)

    def _call(self, *call: str) -> None:
        if call[1] in self.fails:
            raise RehearsalError(f"{call[1]} is stuck")
        self.calls.append(call)


@dataclass
class FakeProcesses:
    """Processes by label: None runs, a number is how it ended."""

    codes: dict[str, int | None] = field(default_factory=dict)
    calls: list[tuple[str, str]] = field(default_factory=list)

    def kill(self, label: str) -> None:
        """End a process as kill -9 would."""
        self.calls.append(("kill", label))
        self.codes[label] = -9

    def restart(self, label: str) -> None:
        """Let it run again."""
        self.calls.append(("restart", label))
        self.codes[label] = None

    def exit_code(self, label: str) -> int | None:
        """Return how it ended."""
        return self.codes[label]


@dataclass
class Shop:
    """A world with its fakes at hand; `answer` plays the network and may raise httpx errors."""

    listeners: FakeListeners = field(default_factory=FakeListeners)
    processes: FakeProcesses = field(
        default_factory=lambda: FakeProcesses({"region_a": None, "sweeper_a": None})
    )
    answer: Callable[[httpx.Request], httpx.Response] = lambda _: httpx.Response(200, json={})
    requests: list[str] = field(default_factory=list)

    @property
    def world(self) -> World:
        """Return the world that drills get."""
        names = (*PAYMENT_LISTENERS, "edge_a", "edge_b", "callback_a", "callback_b")
        return World(
            run_id="r1",
            provider_url="http://provider",
            director_url="http://director",
            regions={"a": Region("http://region-a", ("region_a", "sweeper_a"))},
            listeners={name: f"http://{name.replace('_', '-')}" for name in names},
            toxiproxy=self.listeners,
            processes=self.processes,
            http=httpx.Client(transport=httpx.MockTransport(self._serve)),
        )

    def _serve(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(f"{request.method} {request.url}")
        if request.url.host.replace("-", "_") in self.listeners.closed:
            raise httpx.ConnectError("refused", request=request)
        return self.answer(request)


@pytest.fixture
def shop() -> Shop:
    return Shop()


@pytest.fixture
def unused_port() -> int:
    """Return a loopback port at which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
