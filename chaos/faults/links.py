"""Mechanisms on links: closed, poisoned, opened and closed in turns, dropped once."""

import socket
from dataclasses import dataclass
from functools import partial
from urllib.parse import urlsplit

import msgspec

from chaos.drill import Evidence, all_of
from chaos.faults.mechanism import Mechanism, Move
from chaos.faults.site import Site, together
from chaos.toxics import Toxic

_DROPPED_S = 1.0
_REDRAWN_S = 1.0


class OnLinks(Mechanism):
    """Whatever is done to listeners, named by patterns."""

    patterns: tuple[str, ...]

    @property
    def links(self) -> str:
        """Return the listeners' patterns in words."""
        return ", ".join(self.patterns)

    @property
    def undoes(self) -> str:
        """Say that they pass everything on."""
        return f"open {self.links} and remove toxics"

    def names(self, site: Site) -> dict[str, str]:
        """Return the listeners meant, with their URLs."""
        return site.listeners(self.patterns)

    def felt(self, site: Site) -> tuple[int, str]:
        """Count the shop's own calls that went wrong over these links; edges are the shoppers' to tell.

        Another shop counts none for us: of its links it is told whether they were in use.
        """
        if site.used:
            return 0, "; ".join(site.used[name] for name in self.names(site) if site.used[name])
        names = [name for name in self.names(site) if not name.startswith("edge_")]
        if not (names and site.world.regions):
            return 0, ""
        hit = site.hit_calls(names)
        return hit, f"{hit or 'no'} call{'s' * (hit != 1)} of the shop's over {', '.join(names)} went wrong"

    def heal(self, site: Site) -> None:
        """Open the listeners and let everything pass."""
        for name in self.names(site):
            site.world.toxiproxy.heal(name)

    def mended(self, site: Site) -> Evidence:
        """Ask through each listener: all must answer."""
        found = self.names(site).items()
        return all_of(tuple(together(partial(site.asker.answered, name, url) for name, url in found)))


@dataclass(frozen=True)
class Disable(OnLinks):
    """Listeners are closed: connections are refused, those that stood are cut."""

    patterns: tuple[str, ...]

    @property
    def does(self) -> str:
        """Say that they are closed."""
        return f"close {self.links}"

    def inject(self, site: Site) -> None:
        """Close them."""
        for name in self.names(site):
            site.world.toxiproxy.disable(name)

    def shows(self, site: Site) -> Evidence:
        """Connect to each: all must refuse."""
        return all_of(tuple(site.asker.refused(name, url) for name, url in self.names(site).items()))


@dataclass(frozen=True)
class Poison(OnLinks):
    """Listeners bear toxics; `recycle` cuts connections that stood, for what strikes only new ones.

    Toxiproxy's jitter has no seed: a delay with jitter is drawn from the run's, anew every second.
    """

    patterns: tuple[str, ...]
    toxics: tuple[Toxic, ...]
    recycle: bool = False

    @property
    def does(self) -> str:
        """Say which toxics there are."""
        return f"{self.links}: {', '.join(described(toxic) for toxic in self.toxics)}"

    def inject(self, site: Site) -> None:
        """Add the toxics."""
        toxiproxy = site.world.toxiproxy
        for name in self.names(site):
            if self.recycle:
                toxiproxy.disable(name)
            for toxic in self.toxics:
                toxiproxy.add_toxic(name, _drawn(site, toxic))
            if self.recycle:
                toxiproxy.enable(name)

    def shows(self, site: Site) -> Evidence:
        """Send a request through each: all must meet what the toxics do."""
        found = self.names(site).items()
        return all_of(tuple(together(partial(site.asker.met, name, url, self.toxics) for name, url in found)))

    def moves(self, site: Site, hold_s: float) -> tuple[Move, ...]:
        """Return the changes of delays that have jitter."""
        shaky = [toxic for toxic in self.toxics if toxic.attributes.get("jitter")]
        times = int(hold_s / _REDRAWN_S) if shaky else 0
        return tuple(
            Move(number * _REDRAWN_S, partial(self._redraw, site, name, toxic))
            for number in range(1, times + 1)
            for name in self.names(site)
            for toxic in shaky
        )

    def _redraw(self, site: Site, name: str, toxic: Toxic) -> None:
        site.world.toxiproxy.change_toxic(name, _drawn(site, toxic))


def _drawn(site: Site, toxic: Toxic) -> Toxic:
    """Return a toxic with its jitter drawn."""
    jitter = toxic.attributes.get("jitter", 0)
    if not jitter:
        return toxic
    delay = max(0, toxic.attributes["latency"] + site.random.randint(-jitter, jitter))
    return msgspec.structs.replace(toxic, attributes={"latency": delay, "jitter": 0})


@dataclass(frozen=True)
class Flap(Disable):
    """Listeners are closed and opened in turns, for times that follow from the run's seed.

    Each turn takes `least_s` to `most_s`, or so much less that the hold has several.
    """

    least_s: float = 2.0
    most_s: float = 10.0
    turns: int = 6

    @property
    def does(self) -> str:
        """Say that they come and go."""
        return f"close and open {self.links} in turns of {self.least_s:g} to {self.most_s:g} s, from the seed"

    def moves(self, site: Site, hold_s: float) -> tuple[Move, ...]:
        """Return the turns; closed at first."""
        most_s = min(self.most_s, hold_s / self.turns * 2)
        least_s = min(self.least_s, most_s / 5)
        moves: list[Move] = []
        at_s = site.random.uniform(least_s, most_s)
        while at_s < hold_s:
            moves.append(Move(at_s, partial(self._turn, site, is_open=len(moves) % 2 == 0)))
            at_s += site.random.uniform(least_s, most_s)
        return tuple(moves)

    def _turn(self, site: Site, *, is_open: bool) -> None:
        toxiproxy = site.world.toxiproxy
        for name in self.names(site):
            (toxiproxy.enable if is_open else toxiproxy.disable)(name)


@dataclass(frozen=True)
class Drop(OnLinks):
    """Every connection of the listeners is cut once; they are open again at once."""

    patterns: tuple[str, ...]

    @property
    def does(self) -> str:
        """Say that connections are cut."""
        return f"cut every connection of {self.links} at one moment"

    def inject(self, site: Site) -> None:
        """Cut them, watching a connection of our own."""
        for name, url in self.names(site).items():
            address = urlsplit(url)
            with socket.create_connection((address.hostname or "", address.port or 80), _DROPPED_S) as held:
                site.world.toxiproxy.disable(name)
                site.notes[name] = _cut(name, held)
            site.world.toxiproxy.enable(name)

    def shows(self, site: Site) -> Evidence:
        """Tell what became of the connections that were held."""
        return all_of(tuple(site.notes[name] for name in self.names(site) if name in site.notes))


def described(toxic: Toxic) -> str:
    """Return a toxic in words, with its direction and attributes."""
    has = " ".join(f"{name}={value}" for name, value in toxic.attributes.items())
    return f"{toxic.kind} {toxic.stream} {has}".rstrip()


def _cut(name: str, held: socket.socket) -> Evidence:
    try:
        cut = held.recv(1) == b""
    except TimeoutError:
        cut = False
    except OSError:
        cut = True
    return Evidence(proven=cut, saw=f"a connection to {name} was {'cut' if cut else 'kept'}")
