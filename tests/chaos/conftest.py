"""A shop that stands still: fake listeners, processes and network for drills."""

import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest

from chaos.lease_file import Undo
from chaos.toxics import Stream, Toxic, ToxicKind
from chaos.world import LISTENERS, Region, World
from rehearsal.model.errors import RehearsalError

#: How a canary that gives up after a second meets each toxic, besides a delay.
BITES: dict[ToxicKind, type[httpx.TransportError]] = {
    ToxicKind.TIMEOUT: httpx.ReadTimeout,
    ToxicKind.BANDWIDTH: httpx.ReadTimeout,
    ToxicKind.SLICER: httpx.ReadTimeout,
    ToxicKind.RESET_PEER: httpx.ReadError,
    ToxicKind.LIMIT_DATA: httpx.RemoteProtocolError,
}


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

    def enable(self, name: str) -> None:
        """Open a listener; its toxics stay."""
        self._call("enable", name)
        self.closed.discard(name)

    def change_toxic(self, name: str, toxic: Toxic) -> None:
        """Change a toxic's attributes."""
        self._call("change_toxic", name, toxic.name)
        self.toxics[name] = [toxic if old.name == toxic.name else old for old in self.toxics[name]]

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
    argv: tuple[str, ...] = ()
    owed: dict[str, str] = field(default_factory=dict)

    def start(self, label: str, argv: Sequence[str], *, log: Path) -> None:
        """Let a process run."""
        self.calls.append(("start", label))
        self.argv = tuple(argv)
        self.codes[label] = None

    def pause(self, label: str) -> None:
        """Let it stand still."""
        self.calls.append(("pause", label))

    def resume(self, label: str) -> None:
        """Let it go on."""
        self.calls.append(("resume", label))

    def alive(self, label: str) -> bool:
        """Tell whether it runs."""
        return label in self.codes and self.codes[label] is None

    def owe(self, undo: Undo) -> None:
        """Note a command."""
        self.owed[undo.name] = undo.command

    def settle(self, name: str) -> None:
        """Forget it."""
        self.owed.pop(name, None)

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
        default_factory=lambda: FakeProcesses({"region_a": None, "sweeper_a": None, "worker": None})
    )
    answer: Callable[[httpx.Request], httpx.Response] = lambda _: httpx.Response(200, json={})
    requests: list[str] = field(default_factory=list)
    logs: Path = Path()
    now_s: float = 0.0

    @property
    def world(self) -> World:
        """Return the world that drills get."""
        return World(
            run_id="r1",
            provider_url="http://provider",
            director_url="http://director",
            regions={
                "a": Region("http://region-a", ("region_a", "sweeper_a")),
                "b": Region("http://region-b", ("region_b",)),
            },
            listeners={name: f"http://{name.replace('_', '-')}" for name in LISTENERS},
            toxiproxy=self.listeners,
            processes=self.processes,
            http=httpx.Client(transport=httpx.MockTransport(self._serve)),
            provider2_url="http://provider2",
            worker_url="http://worker",
            attackers={"bots": ("attack", "bots")},
            logs=self.logs,
        )

    def _serve(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(f"{request.method} {request.url}")
        listener = request.url.host.replace("-", "_")
        if listener in self.listeners.closed:
            raise httpx.ConnectError("refused", request=request)
        for toxic in self.listeners.toxics.get(listener, []):
            self._bite(toxic, request)
        return self.answer(request)

    def _bite(self, toxic: Toxic, request: httpx.Request) -> None:
        """Do what a toxic does; on the answer's way back the request has been served before."""
        if toxic.kind is ToxicKind.LATENCY:
            self.now_s += toxic.attributes["latency"] / 1000
            error: httpx.HTTPError = httpx.ReadTimeout("late", request=request)
            bites = toxic.attributes["latency"] >= 1000
        else:
            kind, self.now_s = BITES[toxic.kind], self.now_s + 1.0
            error, bites = kind("bitten", request=request), True
        if bites and toxic.stream is Stream.ANSWER:
            self.answer(request)
        if bites:
            raise error


@pytest.fixture
def shop() -> Shop:
    return Shop()


@pytest.fixture
def unused_port() -> int:
    """Return a loopback port at which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
