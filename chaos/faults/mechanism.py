"""One way of breaking something. A fault is made of one or more."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from chaos.drill import Evidence
from chaos.faults.site import Site
from rehearsal.model.percent import percent


@dataclass(frozen=True, slots=True)
class Move:
    """Something that is done `at_s` into the hold."""

    at_s: float
    do: Callable[[], object]


class Mechanism(ABC):
    """A way of breaking, as a value: what it needs to know of a run is in the site.

    All but `moves` may raise RehearsalError. `heal` is safe to repeat, and after half an injection.
    `at_once`: a canary sent right after the injection meets it.
    """

    at_once = True

    @property
    @abstractmethod
    def does(self) -> str:
        """Return in words what it does."""

    @property
    @abstractmethod
    def undoes(self) -> str:
        """Return in words how that is undone."""

    @abstractmethod
    def inject(self, site: Site) -> None:
        """Break it."""

    @abstractmethod
    def shows(self, site: Site) -> Evidence:
        """Send a canary and tell whether it was hit as it should be."""

    def moves(self, site: Site, hold_s: float) -> tuple[Move, ...]:
        """Return what is done while the fault is held for `hold_s`."""
        del site, hold_s
        return ()

    def felt(self, site: Site) -> tuple[int, str]:
        """Return how many calls or requests, not counting canaries, were really hit, and that in words.

        "" if nobody but shoppers could tell.
        """
        del site
        return 0, ""

    @abstractmethod
    def heal(self, site: Site) -> None:
        """Mend it."""

    @abstractmethod
    def mended(self, site: Site) -> Evidence:
        """Send a canary and tell whether it was served."""


@dataclass(frozen=True)
class Later(Mechanism):
    """Another mechanism that strikes when `share` of the hold is over."""

    share: float
    what: Mechanism
    at_once = False

    @property
    def does(self) -> str:
        """Say what, and when."""
        return f"after {percent(self.share, 0)} of the hold: {self.what.does}"

    @property
    def undoes(self) -> str:
        """Ask the mechanism."""
        return self.what.undoes

    def inject(self, site: Site) -> None:
        """Wait for its time."""

    def shows(self, site: Site) -> Evidence:
        """Ask the mechanism."""
        return self.what.shows(site)

    def moves(self, site: Site, hold_s: float) -> tuple[Move, ...]:
        """Return its one move."""
        return (Move(self.share * hold_s, partial(self.what.inject, site)),)

    def felt(self, site: Site) -> tuple[int, str]:
        """Ask the mechanism."""
        return self.what.felt(site)

    def heal(self, site: Site) -> None:
        """Mend it."""
        self.what.heal(site)

    def mended(self, site: Site) -> Evidence:
        """Ask the mechanism."""
        return self.what.mended(site)
