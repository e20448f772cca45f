"""A definition at work: the drill that the nemesis walks."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial

from chaos.drill import Evidence, all_of
from chaos.faults.mechanism import Mechanism, Move
from chaos.faults.site import Site
from rehearsal.model.clock import Clock, nanoseconds
from rehearsal.model.errors import RehearsalError
from rehearsal.model.fault_facts import FACTS

Canary = Callable[[Site], Evidence]

#: A canary for the first of two faults is sent so often before the second begins.
_FIRST_TRIES = 3


@dataclass(frozen=True)
class Definition:
    """A fault as a row of a table: how it breaks, in this order; healing goes the other way.

    Each mechanism proves itself; `canary` shows besides what the fault means for the business, and `healed`
    that this is over.
    """

    breaks: tuple[Mechanism, ...]
    canary: Canary | None = None
    healed: Canary | None = None


class Composed:
    """A definition in one place. Its methods may raise RehearsalError."""

    def __init__(self, definition: Definition, site: Site) -> None:
        """Take the row, and where it strikes."""
        facts = FACTS[site.fault.kind]
        self.name = site.fault.kind.value
        self.effect = facts.effect
        self._definition = definition
        self._site = site

    def inject(self) -> None:
        """Break it, having read what the shop's calls came to before."""
        self._site.links = self._site.counts()
        if use := self._site.world.use:
            self._site.used = use.told()
        for mechanism in self._definition.breaks:
            mechanism.inject(self._site)

    def prove_effect(self) -> Evidence:
        """Send the canaries: all must be hit."""
        parts = [each.shows(self._site) for each in self._definition.breaks if each.at_once]
        if self._definition.canary is not None:
            parts.append(self._definition.canary(self._site))
        return all_of(tuple(parts))

    def moves(self, hold_s: float) -> tuple[Move, ...]:
        """Return what is to be done while the fault is held."""
        return tuple(move for each in self._definition.breaks for move in each.moves(self._site, hold_s))

    def hold(self, until_ns: int, clock: Clock, wait: Callable[[int], None]) -> None:
        """Hold it until an instant, making its moves; `wait` returns at an instant or raises."""
        _hold(self.moves, until_ns, clock, wait)

    def felt(self) -> Evidence:
        """Tell how many calls of the shop's own, or requests, were hit besides canaries."""
        told = [each.felt(self._site) for each in self._definition.breaks]
        words = "; ".join(saw for _, saw in told if saw)
        return Evidence(proven=any(hit > 0 for hit, _ in told), saw=words or "only shoppers can tell")

    def heal(self) -> None:
        """Mend all that can be mended, and settle the canaries' cents; raise the first thing that failed."""
        breaks = reversed(self._definition.breaks)
        _all([*(partial(each.heal, self._site) for each in breaks), self._site.purse.require_settled])

    def prove_heal(self) -> Evidence:
        """Send the canaries: all must be served."""
        parts = [each.mended(self._site) for each in self._definition.breaks]
        if self._definition.healed is not None:
            parts.append(self._definition.healed(self._site))
        seen = all_of(tuple(parts))
        if seen.proven:
            self._site.close()
        return seen


class Together:
    """Two faults at once, under a name of their own: healed in the order opposite to that of breaking.

    The first is proven before the second begins, which may hide it from any canary.
    """

    def __init__(self, name: str, effect: str, parts: tuple[Composed, Composed]) -> None:
        """Take the drills."""
        self.name = name
        self.effect = effect
        self._parts = parts
        self._first_seen = Evidence(proven=False, saw="never looked at")

    def inject(self) -> None:
        """Break the first, prove it, break the second."""
        first, second = self._parts
        first.inject()
        for _ in range(_FIRST_TRIES):
            self._first_seen = first.prove_effect()
            if self._first_seen.proven:
                break
        second.inject()

    def prove_effect(self) -> Evidence:
        """Both must be proven, the first as it was before the second began."""
        return all_of((self._first_seen, self._parts[1].prove_effect()))

    def hold(self, until_ns: int, clock: Clock, wait: Callable[[int], None]) -> None:
        """Hold both, each with its moves."""
        _hold(self._moves, until_ns, clock, wait)

    def felt(self) -> Evidence:
        """Tell what was felt of either."""
        seen = [part.felt() for part in self._parts]
        return Evidence(proven=any(each.proven for each in seen), saw="; ".join(each.saw for each in seen))

    def heal(self) -> None:
        """Mend both, whatever becomes of the one that is mended first."""
        _all([part.heal for part in reversed(self._parts)])

    def prove_heal(self) -> Evidence:
        """Both must be served."""
        return all_of(tuple(part.prove_heal() for part in self._parts))

    def _moves(self, hold_s: float) -> tuple[Move, ...]:
        return tuple(move for part in self._parts for move in part.moves(hold_s))


def _all(steps: Iterable[Callable[[], None]]) -> None:
    """Take every step, whatever becomes of those before; then raise what went wrong first."""
    problem: RehearsalError | None = None
    for step in steps:
        try:
            step()
        except RehearsalError as error:
            problem = problem or error
    if problem is not None:
        raise problem


def _hold(
    moves_in: Callable[[float], tuple[Move, ...]], until_ns: int, clock: Clock, wait: Callable[[int], None]
) -> None:
    start_ns = clock.now_ns()
    moves = moves_in(max(0.0, (until_ns - start_ns) / 1e9))
    for move in sorted(moves, key=lambda each: each.at_s):
        wait(min(until_ns, start_ns + nanoseconds(move.at_s)))
        move.do()
    wait(until_ns)
