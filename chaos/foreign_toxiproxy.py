"""A Toxiproxy that a team put before its own shop: its listeners may be broken, the server is theirs."""

from collections.abc import Callable
from typing import Protocol

from chaos.lease_file import Place
from chaos.toxics import Toxic
from chaos.toxiproxy import Toxiproxy
from rehearsal.model.errors import Unreachable


class Book(Protocol):
    """Where it is noted which listeners must be healed whatever happens (a ProcessTable's lease)."""

    def touch(self, url: str, listener: str, place: Place) -> object:
        """Note a listener before it is broken."""

    def untouch(self, url: str, listener: str) -> object:
        """Note that it is healed."""


class ForeignToxiproxy:
    """Calls as Toxiproxy has them. A listener is in the book before anything is done to it."""

    def __init__(self, toxiproxy: Toxiproxy, book: Book, *, gone: Callable[[], bool] = lambda: False) -> None:
        """Take the server, and where what is touched is noted. It is never ended or replaced.

        `gone` tells whether its process is known to have ended, and its listeners with it.
        """
        self._toxiproxy = toxiproxy
        self._gone = gone
        self._book = book
        self._touched: dict[str, Place] = {}

    def disable(self, name: str) -> None:
        """Close a listener and all its connections."""
        self._touch(name)
        self._toxiproxy.disable(name)

    def enable(self, name: str) -> None:
        """Open a listener, with whatever toxics it has."""
        self._touch(name)
        self._toxiproxy.enable(name)

    def add_toxic(self, name: str, toxic: Toxic) -> None:
        """Add a toxic to a listener."""
        self._touch(name)
        self._toxiproxy.add_toxic(name, toxic)

    def change_toxic(self, name: str, toxic: Toxic) -> None:
        """Give a listener's toxic of that name other attributes."""
        self._touch(name)
        self._toxiproxy.change_toxic(name, toxic)

    def heal(self, name: str) -> None:
        """Bring a listener back to passing everything on, in the order that is safe."""
        try:
            self._toxiproxy.heal(name, self._touched.get(name))
        except Unreachable:
            if not self._gone():
                raise
        if self._touched.pop(name, None) is not None:
            self._book.untouch(self._toxiproxy.url, name)

    def _touch(self, name: str) -> None:
        if name not in self._touched:
            state = self._toxiproxy.state(name)
            place = Place(listen=state.listen, upstream=state.upstream)
            self._book.touch(self._toxiproxy.url, name, place)
            self._touched[name] = place
