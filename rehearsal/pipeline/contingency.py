"""Contingency plans carried out while the faults go on, from a thread of their own: healing must not wait."""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol, Self

from rehearsal.model.clock import Clock, nanoseconds, seconds
from rehearsal.model.errors import RehearsalError
from rehearsal.model.history import Kind, Outcome, Row
from rehearsal.model.plan import Contingency
from rehearsal.model.timeline import Timeline


class Deed(Protocol):
    """How a contingency plan is carried out and undone; both return in words what was done."""

    def do(self) -> str:
        """Carry it out; RehearsalError if that fails."""

    def undo(self) -> str:
        """Go back; safe to repeat. RehearsalError if that fails."""


@dataclass(frozen=True, slots=True)
class Appointment:
    """A contingency plan and when, in ns since the origin, it begins and is undone."""

    contingency: Contingency
    begin_ns: int
    undo_ns: int


def appointments(contingencies: Sequence[Contingency], timeline: Timeline) -> tuple[Appointment, ...]:
    """Return when each plan begins, in that order; each is undone at the end of its phase."""
    placed = []
    for each in contingencies:
        window = timeline.window_of(each.phase)
        placed.append(Appointment(each, window.start_ns + nanoseconds(each.after_s), window.end_ns))
    return tuple(sorted(placed, key=lambda appointment: appointment.begin_ns))


class Contingencies:
    """Walks the appointments, as a context manager; whatever was begun is undone when it is left."""

    def __init__(
        self,
        placed: Sequence[Appointment],
        deed_of: Callable[[Contingency, threading.Event], Deed],
        *,
        clock: Clock,
        origin_ns: int,
        record: Callable[[Row], None],
    ) -> None:
        """Take the appointments, how plans are carried out, the clock, and where rows go.

        `deed_of` gets an event that is set when the run is over.
        """
        self._clock = clock
        self._origin_ns = origin_ns
        self._record = record
        self._over = threading.Event()
        # One thread each: a plan whose command takes minutes does not hold up the next.
        self._threads = [
            threading.Thread(
                target=self._keep,
                args=(each, deed_of(each.contingency, self._over)),
                name=each.contingency.name,
                daemon=True,
            )
            for each in placed
        ]

    def __enter__(self) -> Self:
        """Begin to wait."""
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Undo what was begun and is not undone yet."""
        self._over.set()
        for thread in self._threads:
            thread.join()

    def _keep(self, appointment: Appointment, deed: Deed) -> None:
        name = appointment.contingency.name
        if not self._reached(appointment.begin_ns):
            return
        self._note(name, "begin", self._clock.now_ns(), Outcome.OK, appointment.contingency.action)
        try:
            self._take(name, "done", deed.do)
            self._reached(appointment.undo_ns)
        finally:
            self._take(name, "undo", deed.undo)

    def _reached(self, instant_ns: int) -> bool:
        """Wait for an instant of the run; tell whether it came before the end."""
        left_s = seconds(self._origin_ns + instant_ns - self._clock.now_ns())
        return not self._over.wait(max(0.0, left_s))

    def _take(self, name: str, step: str, act: Callable[[], str]) -> None:
        sent_ns = self._clock.now_ns()
        try:
            self._note(name, step, sent_ns, Outcome.OK, act())
        except (RehearsalError, OSError) as error:  # no room or descriptor for a command, say
            self._note(name, step, sent_ns, Outcome.FAIL, str(error))

    def _note(self, name: str, step: str, sent_ns: int, outcome: Outcome, words: str) -> None:
        self._record(
            Row(
                kind=Kind.PLAN_B,
                f=name,
                sent_ns=sent_ns - self._origin_ns,
                done_ns=self._clock.now_ns() - self._origin_ns,
                outcome=outcome,
                note=f"{step}: {words}",
            )
        )
