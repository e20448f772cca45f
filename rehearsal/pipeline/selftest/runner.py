"""Runs cases side by side, each a process; repeats what proved nothing; stops in an orderly way."""

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import msgspec

from rehearsal.model.clock import Clock, nanoseconds, seconds
from rehearsal.pipeline.halt import Halt
from rehearsal.pipeline.selftest.case import Case, Result, Seen, Standing
from rehearsal.pipeline.selftest.ledger import Ledger
from rehearsal.pipeline.selftest.worth import result_of

#: A drill that proved nothing, for the machine starved it or nobody felt the fault, is run so often in all.
ATTEMPTS = 3
#: No drill of the selftest takes so long; one that does is stopped.
LONGEST_S = 240.0
_LOOK_EVERY_S = 0.2
_WORTH_REPEATING = frozenset({Standing.STARVED, Standing.UNFELT})


class Drilling(Protocol):
    """A drill under way."""

    def ended(self) -> bool:
        """Tell whether it is over."""

    def seen(self) -> Seen:
        """Return what it left."""

    def stop(self) -> None:
        """Ask it to heal and end."""

    def wait(self) -> bool:
        """Wait for its end after `stop`; tell whether it ended by itself."""

    def clear(self) -> None:
        """Remove its folder."""


class Watch(Protocol):
    """Who is told how it goes."""

    def began(self, case: Case, attempt: int) -> None:
        """Hear that a drill begins."""

    def over(self, result: Result, *, again: bool) -> None:
        """Hear how one ended, and whether it is repeated."""


Start = Callable[[Case, Path], Drilling]


@dataclass(slots=True)
class Runner:
    """Runs cases in rooms under `out`, at most `jobs` at a time."""

    out: Path
    jobs: int
    ledger: Ledger
    start: Start
    clock: Clock
    halt: Halt
    watch: Watch
    _running: dict[str, "_Under"] = field(default_factory=dict)
    _waiting: deque["_Turn"] = field(default_factory=deque)

    def run(self, cases: Sequence[Case]) -> None:
        """Run the cases that are not decided in the ledger, and write their results there.

        Stopped, once all drills have healed and ended, if a stop is asked for.
        """
        self._waiting.extend(
            _Turn(case, 1, 0.0) for case in cases if case.text and self.ledger.decided(case) is None
        )
        try:
            while self._waiting or self._running:
                self._begin()
                instant_ns = self.clock.now_ns() + nanoseconds(_LOOK_EVERY_S)
                self.halt.wait_until(instant_ns, self.clock, lambda: None)
                self._collect()
        except BaseException:
            self._end()
            raise

    def _begin(self) -> None:
        while self._waiting and len(self._running) < self.jobs:
            turn = self._waiting.popleft()
            self.watch.began(turn.case, turn.attempt)
            drilling = self.start(turn.case, self.out / turn.case.name)
            self._running[turn.case.name] = _Under(turn, drilling, self.clock.now_ns())

    def _collect(self) -> None:
        for name, under in list(self._running.items()):
            took_s = seconds(self.clock.now_ns() - under.since_ns)
            if under.drilling.ended():
                seen = under.drilling.seen()
            elif took_s > LONGEST_S:
                under.drilling.stop()
                under.drilling.wait()
                seen = msgspec.structs.replace(under.drilling.seen(), broken=f"not over after {took_s:.0f} s")
            else:
                continue
            del self._running[name]
            self._settle(under, seen, under.turn.spent_s + took_s)

    def _settle(self, under: "_Under", seen: Seen, took_s: float) -> None:
        case, attempt = under.turn.case, under.turn.attempt
        result = result_of(case, seen, seconds=took_s, attempts=attempt)
        again = result.standing in _WORTH_REPEATING and attempt < ATTEMPTS
        if again:
            self._waiting.append(_Turn(case, attempt + 1, took_s))
        else:
            if result.standing.is_good:
                result = msgspec.structs.replace(result, run="")
            self.ledger.write(case, result)
        if again or result.standing.is_good:
            under.drilling.clear()
        self.watch.over(result, again=again)

    def _end(self) -> None:
        for under in self._running.values():
            under.drilling.stop()
        for under in self._running.values():
            under.drilling.wait()


@dataclass(frozen=True, slots=True)
class _Turn:
    """A case, its how-manieth attempt is due, and the seconds that went into those before."""

    case: Case
    attempt: int
    spent_s: float


@dataclass(frozen=True, slots=True)
class _Under:
    """A turn under way."""

    turn: _Turn
    drilling: Drilling
    since_ns: int
