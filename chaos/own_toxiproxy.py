"""The run's own Toxiproxy, replaced by a new server when its control API stops answering.

With one client that does not read, the server keeps a lock while it adds or removes a toxic: from then on
every call about listeners hangs, while /version goes on answering; and closing the listener frees the client,
but not the lock (seen on 2.12.0, https://github.com/Shopify/toxiproxy/issues/558). What helps is a new
server: it has no toxics, so whatever was to be healed is healed; what was to be broken is broken again.
"""

from collections.abc import Callable
from typing import TypeVar

from chaos.toxics import Toxic
from chaos.toxiproxy import ListenerState, Toxiproxy
from rehearsal.model.errors import Unreachable

T = TypeVar("T")

#: Told when a server was replaced: in a sentence why, and since when it had not answered (monotonic ns).
Replaced = Callable[[str, int], object]


class OwnToxiproxy:
    """A server that this run started. Calls as Toxiproxy has them; what they want is remembered."""

    def __init__(
        self,
        toxiproxy: Toxiproxy,
        *,
        restart: Callable[[], bool],
        now_ns: Callable[[], int],
        tell: Replaced,
    ) -> None:
        """Take a server with all its listeners. `restart` kills it and starts it anew; False: it was dead.

        Of a server that is dead by itself nobody knows since when, so it is not replaced.
        """
        self._toxiproxy = toxiproxy
        self._restart = restart
        self._now_ns = now_ns
        self._tell = tell
        self._listeners = tuple(toxiproxy.states().values())
        self._closed: set[str] = set()
        self._toxics: dict[str, dict[str, Toxic]] = {}

    def disable(self, name: str) -> None:
        """Close a listener and all its connections."""
        self._do(lambda: self._toxiproxy.disable(name))
        self._closed.add(name)

    def enable(self, name: str) -> None:
        """Open a listener, with whatever toxics it has."""
        self._do(lambda: self._toxiproxy.enable(name))
        self._closed.discard(name)

    def add_toxic(self, name: str, toxic: Toxic) -> None:
        """Add a toxic to a listener."""
        self._do(lambda: self._toxiproxy.add_toxic(name, toxic))
        self._toxics.setdefault(name, {})[toxic.name] = toxic

    def change_toxic(self, name: str, toxic: Toxic) -> None:
        """Give a listener's toxic of that name other attributes."""
        self._do(lambda: self._toxiproxy.change_toxic(name, toxic))
        self._toxics.setdefault(name, {})[toxic.name] = toxic

    def heal(self, name: str) -> None:
        """Bring a listener back to passing everything on, in the order that is safe."""
        # Before it is asked for: a new server is not to be broken again here.
        self._closed.discard(name)
        self._toxics.pop(name, None)
        self._do(lambda: self._toxiproxy.heal(name))

    def states(self) -> dict[str, ListenerState]:
        """Return all listeners by name."""
        return self._do(self._toxiproxy.states)

    def _do(self, call: Callable[[], T]) -> T:
        since_ns = self._now_ns()
        try:
            return call()
        except Unreachable as error:
            if not self._restart():
                raise
            self._furnish()
            self._tell(f"{error.args[0].partition('. ')[0]}; it was killed and replaced", since_ns)
            return call()

    def _furnish(self) -> None:
        """Give the new server all listeners, and what is wanted of them."""
        self._toxiproxy.wait_ready()
        for each in self._listeners:
            self._toxiproxy.create(each.name, listen=each.listen, upstream=each.upstream)
        for name, toxics in self._toxics.items():
            for toxic in toxics.values():
                self._toxiproxy.add_toxic(name, toxic)
        for name in self._closed:
            self._toxiproxy.disable(name)
