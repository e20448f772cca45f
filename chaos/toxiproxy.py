"""One Toxiproxy server: every write is read back, and every listener is healed in the order that works."""

import re
import socket
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol, TypeVar
from urllib.parse import quote

import httpx
import msgspec

from chaos.lease_file import Place
from chaos.toxics import Stream, Toxic, ToxicKind
from chaos.toxiproxy_api import REFUSALS, Api, library_for, refusal
from rehearsal import process
from rehearsal.model.errors import RehearsalError, Unreachable

#: Unset, the server logs every connection, and a full log pipe freezes it, control API included.
SERVER_ENV = {"LOG_LEVEL": "error"}
_READY_S = 30.0
_CALL_S = 5.0
#: Toxics that keep bytes back instead of dropping them.
_HOLDING = frozenset({ToxicKind.LATENCY, ToxicKind.BANDWIDTH, ToxicKind.SLICER})
_RECEIVED = re.compile(
    r'^toxiproxy_proxy_received_bytes_total\{direction="upstream".*?,proxy="([^"]*)".*?\} (\S+)$',
    re.MULTILINE,
)
_NAME = re.compile(r"[A-Za-z0-9_.-]{1,80}")

T = TypeVar("T")


class ListenerState(msgspec.Struct, frozen=True, kw_only=True):
    """One listener as the server says it is: its addresses (host:port), whether it is open, its toxics."""

    name: str
    listen: str
    upstream: str
    enabled: bool
    toxics: tuple[Toxic, ...] = ()

    @property
    def clean(self) -> bool:
        """Tell whether it passes everything on untouched."""
        return self.enabled and not self.toxics

    @property
    def url(self) -> str:
        """Return the listener's address as an http URL."""
        return f"http://{self.listen}"


class Starter(Protocol):
    """Starts and watches processes: the part of ProcessTable that a server needs."""

    def start(self, label: str, argv: Sequence[str], *, log: Path, env: Mapping[str, str]) -> object:
        """Start a process under a label."""

    def alive(self, label: str) -> bool:
        """Tell whether it runs."""


def server_argv(binary: Path, port: int, *, metrics: bool = False) -> list[str]:
    """Return the command that starts a server's control API on a loopback port."""
    return [str(binary), "-host", "127.0.0.1", "-port", str(port), *(["-proxy-metrics"] if metrics else [])]


def start_server(
    processes: Starter, binary: Path, port: int, *, log: Path, label: str, metrics: bool = False
) -> "Toxiproxy":
    """Start a server through `processes` and return its wrapper once it answers; `metrics`: it counts bytes.

    Raises Unreachable if the port is taken, or if the server ends or is silent.
    """
    # Somebody else's server at that port would answer in the place of ours, and be broken by the drill.
    with socket.socket() as probe:
        if probe.connect_ex(("127.0.0.1", port)) == 0:
            raise Unreachable(f"Toxiproxy cannot start: port {port} is taken. Free it, or choose another.")
    processes.start(label, server_argv(binary, port, metrics=metrics), log=log, env=SERVER_ENV)
    toxiproxy = Toxiproxy(f"http://127.0.0.1:{port}")
    toxiproxy.wait_ready(alive=lambda: processes.alive(label))
    return toxiproxy


class Toxiproxy:
    """A server's listeners. Methods raise Unreachable (dead, wedged) or RehearsalError (refused, undone)."""

    def __init__(
        self, url: str, *, timeout_s: float = _CALL_S, transport: httpx.BaseTransport | None = None
    ) -> None:
        """Take the control API's address; no call waits longer than `timeout_s`."""
        self.url = url
        self._api = Api(url, timeout_s=timeout_s, transport=transport)
        self._library = library_for(self._api)
        self._unmade: dict[str, Place] = {}

    def wait_ready(self, *, alive: Callable[[], bool] = lambda: True, timeout_s: float = _READY_S) -> None:
        """Return once the control API answers; Unreachable if it does not, or if `alive` turns false."""
        process.wait_until(lambda: not alive() or self._answers(), timeout_s=timeout_s)
        if not alive() or not self._answers():
            raise Unreachable(
                f"Toxiproxy did not come up at {self.url}: its port may be taken; its log tells."
            )

    def states(self) -> dict[str, ListenerState]:
        """Return all listeners by name."""
        return self._read("/proxies", dict[str, ListenerState])

    def state(self, name: str) -> ListenerState:
        """Return one listener as the server says it is now."""
        return self._read(f"/proxies/{quote(name, safe='')}", ListenerState)

    def create(self, name: str, *, listen: str, upstream: str) -> ListenerState:
        """Open a listener; `listen` may end in `:0`, the answer names the port."""
        if not _NAME.fullmatch(name):
            raise RehearsalError(f"{name!r} cannot name a listener: use letters, digits, '_', '.' and '-'.")
        self._call(name, self._library.Toxiproxy().create, upstream, name, listen)
        state = self.state(name)
        if not state.enabled or state.upstream != upstream:
            raise RehearsalError(f"Toxiproxy created {name} otherwise than asked: {state}.")
        return state

    def disable(self, name: str) -> ListenerState:
        """Close a listener and all its connections; clients are refused."""
        self._call(name, self._proxy(name).disable)
        return self._expect(name, lambda state: not state.enabled, "is still open after it was disabled")

    def enable(self, name: str) -> ListenerState:
        """Open a listener again."""
        self._call(name, self._proxy(name).enable)
        return self._expect(name, lambda state: state.enabled, "is still closed: is its port taken?")

    def add_toxic(self, name: str, toxic: Toxic) -> ListenerState:
        """Add a toxic to a listener and make sure that the server has it as asked."""
        wish = msgspec.to_builtins(toxic)
        self._call(name, lambda: self._proxy(name).add_toxic(**wish))
        return self._expect(name, lambda state: toxic in state.toxics, f"did not take {toxic}")

    def change_toxic(self, name: str, toxic: Toxic) -> ListenerState:
        """Give a listener's toxic of that name other attributes, and make sure that it has them."""
        # The library cannot; connections that stand keep going, as adding the toxic anew would not let them.
        path = f"/proxies/{quote(name, safe='')}/toxics/{quote(toxic.name, safe='')}"
        self._call(name, lambda: self._api.post(path, json={"attributes": toxic.attributes}))
        return self._expect(name, lambda state: toxic in state.toxics, f"did not change to {toxic}")

    def heal(self, name: str, place: Place | None = None) -> ListenerState:
        """Bring a listener back to passing everything on; a clean one is left as it is.

        If one whose `place` is known is gone, its healer died, or failed, while it was made anew: it is made.

        Requests that a toxic holds back are let go first: they arrive late, as on a real network. Then the
        order matters. Removing a toxic from an open listener hangs with a client that does not read
        (https://github.com/Shopify/toxiproxy/issues/558); closing it first cuts that client off. But a toxic
        that holds back answers takes five seconds to be removed from a closed one, for it tries to write to
        connections that are gone (measured, 2.12.0): there the whole listener is made anew.
        """
        place = self._unmade.get(name, place)
        if place and name not in self.states():
            return self._make(name, place)
        state = self.state(name)
        if state.clean:
            return state
        state = self._let_go(state)
        if any(toxic.kind in _HOLDING for toxic in state.toxics):
            return self._made_anew(state)
        if state.toxics:
            self.disable(name)
        for toxic in state.toxics:
            self._remove(name, toxic)
        self._expect(name, lambda now: not now.toxics, "still has toxics after they were removed")
        return self.enable(name)

    def _let_go(self, state: ListenerState) -> ListenerState:
        """Remove what holds back requests from an open listener: the server behind it reads them."""
        holding = [
            toxic for toxic in state.toxics if toxic.kind in _HOLDING and toxic.stream is Stream.REQUEST
        ]
        if not (holding and state.enabled):
            return state
        for toxic in holding:
            self._remove(state.name, toxic)
        return self.state(state.name)

    def _made_anew(self, state: ListenerState) -> ListenerState:
        place = Place(listen=state.listen, upstream=state.upstream)
        # From here on it may be gone: whoever heals it once more makes it.
        self._unmade[state.name] = place
        self._call(state.name, self._proxy(state.name).destroy)
        return self._make(state.name, place)

    def _make(self, name: str, place: Place) -> ListenerState:
        state = self.create(name, listen=place.listen, upstream=place.upstream)
        self._unmade.pop(name, None)
        return state

    def _remove(self, name: str, toxic: Toxic) -> None:
        self._call(name, self._proxy(name).destroy_toxic, quote(toxic.name, safe=""))

    def heal_all(self) -> tuple[str, ...]:
        """Heal every listener; return the names of those that needed it."""
        sick = tuple(name for name, state in sorted(self.states().items()) if not state.clean)
        for name in sick:
            self.heal(name)
        return sick

    def received(self) -> dict[str, int]:
        """Return by listener the bytes from clients whose connections have ended.

        A listener has an entry once a connection to it has ended (seen on 2.12.0); none has one if the server
        was started without metrics.
        """
        text = self._call("/metrics", self._api.get, "/metrics").text
        return {name: round(float(count)) for name, count in _RECEIVED.findall(text)}

    def version(self) -> str:
        """Return the server's version, such as 2.12.0; before 2.7 the answer is a bare word."""
        content = self._call("/version", self._api.get, "/version").content
        try:
            return msgspec.json.decode(content, type=dict[str, str])["version"]
        except (msgspec.DecodeError, KeyError):
            return bytes(content).decode(errors="replace").strip()

    def _answers(self) -> bool:
        try:
            return "version" in self._read("/version", dict[str, str])
        except RehearsalError:
            return False

    def _proxy(self, name: str) -> Any:
        quoted = quote(name, safe="")
        return self._library.Proxy(name=quoted, upstream="", enabled=True, listen="")

    def _expect(self, name: str, true_of: Callable[[ListenerState], bool], otherwise: str) -> ListenerState:
        state = self.state(name)
        if not true_of(state):
            raise RehearsalError(f"Listener {name} of Toxiproxy at {self.url} {otherwise}.")
        return state

    def _read(self, path: str, kind: type[T]) -> T:
        # The library drops the toxics of /proxies, so the whole answer is read past it, in one call.
        answer = self._call(path, self._api.get, path)
        try:
            return msgspec.json.decode(answer.content, type=kind)
        except msgspec.DecodeError as error:
            raise Unreachable(f"What answers at {self.url} is no Toxiproxy: {error}.") from None

    def _call(self, subject: str, function: Callable[..., Any], *args: Any) -> Any:
        try:
            return function(*args)
        except REFUSALS as error:
            raise RehearsalError(f"Toxiproxy at {self.url} refused {subject}: {refusal(error)}.") from None
