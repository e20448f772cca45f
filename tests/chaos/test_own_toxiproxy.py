"""Replacing a wedged server, on one that hangs when told."""

from dataclasses import dataclass, field

import pytest

from chaos.own_toxiproxy import OwnToxiproxy
from chaos.toxics import Toxic, answers_late, answers_lost
from chaos.toxiproxy import ListenerState, Toxiproxy
from rehearsal.model.errors import RehearsalError, Unreachable


@dataclass
class Server:
    """Listeners in memory; while `wedged`, every call about them is Unreachable."""

    wedged: bool = False
    dead: bool = False
    refuses: bool = False
    stays: bool = False
    listeners: dict[str, ListenerState] = field(default_factory=dict)
    closed: set[str] = field(default_factory=set)
    toxics: dict[str, list[Toxic]] = field(default_factory=dict)

    def restart(self) -> bool:
        """Begin anew, with nothing."""
        if self.dead:
            return False
        self.wedged = self.stays
        self.listeners, self.closed, self.toxics = {}, set(), {}
        return True

    def wait_ready(self) -> None:
        """Answer."""

    def create(self, name: str, *, listen: str, upstream: str) -> None:
        """Open a listener."""
        self.listeners[name] = ListenerState(name=name, listen=listen, upstream=upstream, enabled=True)

    def states(self) -> dict[str, ListenerState]:
        """Return the listeners."""
        self._look()
        return dict(self.listeners)

    def disable(self, name: str) -> None:
        """Close one."""
        self._look()
        self.closed.add(name)

    def enable(self, name: str) -> None:
        """Open one."""
        self._look()
        self.closed.discard(name)

    def add_toxic(self, name: str, toxic: Toxic) -> None:
        """Add one."""
        self._look()
        self.toxics.setdefault(name, []).append(toxic)

    def change_toxic(self, name: str, toxic: Toxic) -> None:
        """Change one."""
        self._look()
        self.toxics[name] = [toxic]

    def heal(self, name: str) -> None:
        """Mend one."""
        self._look()
        self.closed.discard(name)
        self.toxics.pop(name, None)

    def _look(self) -> None:
        if self.wedged:
            raise Unreachable("Toxiproxy is wedged. Stop the drill")
        if self.refuses:
            raise RehearsalError("no such listener")


@pytest.fixture
def server() -> Server:
    """Return a server with two listeners."""
    opened = Server()
    opened.create("edge_a", listen="127.0.0.1:1", upstream="127.0.0.1:2")
    opened.create("pay_capture", listen="127.0.0.1:3", upstream="127.0.0.1:4")
    return opened


@pytest.fixture
def told() -> list[tuple[str, int]]:
    """Return what was told of replacements."""
    return []


@pytest.fixture
def own(server: Server, told: list[tuple[str, int]]) -> OwnToxiproxy:
    """Return the server in its care."""
    toxiproxy: Toxiproxy = server  # type: ignore[assignment]
    return OwnToxiproxy(
        toxiproxy,
        restart=server.restart,
        now_ns=lambda: 7,
        tell=lambda words, since_ns: told.append((words, since_ns)),
    )


def test_nothing_is_replaced_while_it_answers(
    own: OwnToxiproxy, server: Server, told: list[tuple[str, int]]
) -> None:
    """Calls go through, and a refusal is the caller's affair."""
    own.disable("edge_a")
    own.add_toxic("pay_capture", answers_lost())
    server.refuses = True

    with pytest.raises(RehearsalError, match="no such listener"):
        own.enable("edge_a")
    assert (server.closed, server.toxics) == ({"edge_a"}, {"pay_capture": [answers_lost()]})
    assert told == []


def test_a_wedge_while_healing(own: OwnToxiproxy, server: Server, told: list[tuple[str, int]]) -> None:
    """A new server with all listeners takes its place; what was to be healed is clean, the rest as it was."""
    own.disable("edge_a")
    own.add_toxic("pay_capture", answers_late(100))
    before = dict(server.listeners)
    server.wedged = True
    own.heal("pay_capture")

    assert (server.listeners, server.closed, server.toxics) == (before, {"edge_a"}, {})
    assert told == [("Toxiproxy is wedged; it was killed and replaced", 7)]


def test_a_wedge_while_breaking(own: OwnToxiproxy, server: Server) -> None:
    """What was broken before is broken again, and then what was asked for."""
    own.add_toxic("edge_a", answers_late(100))
    server.wedged = True
    own.add_toxic("pay_capture", answers_lost())

    assert server.toxics == {"edge_a": [answers_late(100)], "pay_capture": [answers_lost()]}


def test_what_was_undone_stays_undone(own: OwnToxiproxy, server: Server) -> None:
    """An opened listener and a changed toxic are wanted as they are now."""
    own.disable("edge_a")
    own.enable("edge_a")
    own.add_toxic("pay_capture", answers_late(100))
    own.change_toxic("pay_capture", answers_late(200))
    server.wedged = True

    assert set(own.states()) == {"edge_a", "pay_capture"}
    assert (server.closed, server.toxics) == (set(), {"pay_capture": [answers_late(200)]})


def test_a_dead_server_is_not_replaced(own: OwnToxiproxy, server: Server) -> None:
    """Whatever failed since it died was not the shop's fault, and nobody knows what did."""
    server.wedged = server.dead = True

    with pytest.raises(Unreachable):
        own.heal("edge_a")


def test_a_server_that_wedges_again_at_once(
    own: OwnToxiproxy, server: Server, told: list[tuple[str, int]]
) -> None:
    """It is replaced once for a call; that it did not help is told to the caller, who heals once more."""
    server.wedged = server.stays = True

    with pytest.raises(Unreachable):
        own.heal("edge_a")
    assert len(told) == 1
