"""What a stand tells of arrivals and requests, and to whom: the books of a Locust process, or of a drill."""

from typing import NamedTuple, Protocol

from rehearsal.model.histogram import Ints
from rehearsal.model.history import Row
from scenarios.reply import Reply


class Serving(NamedTuple):
    """An arrival that a user of class `kind` is at; instants on CLOCK_MONOTONIC."""

    kind: str
    number: int
    due_ns: int
    sent_ns: int


class Overheard(NamedTuple):
    """A request of somebody else's client, as Locust's event tells it; instants on CLOCK_MONOTONIC."""

    method: str
    name: str
    exception: object
    status: int
    length: int
    due_ns: int
    sent_ns: int
    done_ns: int


class Bookkeeper(Protocol):
    """What a stand tells of arrivals and requests."""

    def take(self, method: str, name: str, error: str, due_ns: int, sent_ns: int, reply: Reply) -> None:
        """Count a request of our client."""

    def overhear(self, request: Overheard) -> None:
        """Count a request of another client, which Locust has booked itself."""

    def plan(self, kind: str, due_ns: Ints) -> None:
        """Learn when the arrivals of a class are due, counted from the beginning."""

    def visit(self, serving: Serving, done_ns: int) -> None:
        """Count an arrival that was served."""

    def drop(self, row: Row) -> None:
        """Count an arrival that was not; its instants count from the beginning."""

    def begin(self, at_ns: int) -> None:
        """Learn when all stand and the schedules begin."""

    def end(self) -> None:
        """Learn that the load is over."""

    def flush(self) -> None:
        """Write down what has waited."""

    def report(self, *, planned: int, started: int, dropped: dict[str, int]) -> None:
        """Sum up at the end."""
