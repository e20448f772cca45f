"""What users of a stranger's locustfile do, as rows of a drill's history.

A request is one row. Its path is the method and the name that the file gives it, as Locust's statistics have
it: `POST /orders` is nobody's step, however a file calls its requests. It counts as due when it was sent,
but for the first request of an arrival that a schedule of the file's own had made due.
"""

from collections.abc import Callable, Sequence

import numpy as np

from rehearsal.model.histogram import Ints
from rehearsal.model.history import Kind, Outcome, Row
from scenarios.recording.bookkeeping import Overheard, Serving
from scenarios.recording.recorder import Recorder
from scenarios.reply import Reply
from scenarios.strangers.fate import Fate, fate_of, fate_of_reply

#: Letters of a path that are kept; a file that puts ids into its names makes many of them.
_LETTERS = 120


class ClosedBooks:
    """A stand's books that write rows; their instants count from the run's origin, set before the first."""

    def __init__(self, own: Recorder, overheard: Recorder, phases: Sequence[tuple[str, int]]) -> None:
        """Take recorders for our client's requests and for others', and when the plan's phases start (ns).

        The second must not book into Locust's statistics: there Locust has booked them itself.
        """
        self._own = own
        self._overheard = overheard
        self._starts = np.array([start_ns for _, start_ns in phases], np.int64)
        self._planned: list[tuple[str, Ints]] = []
        self.origin_ns = 0
        self.end_ns = 0
        #: The arrival that the calling user is at.
        self.serving: Callable[[], Serving | None] = lambda: None
        self._begun_ns = 0

    def take(self, method: str, name: str, error: str, due_ns: int, sent_ns: int, reply: Reply) -> None:
        """Write down a request of our client."""
        instants = (due_ns, sent_ns, reply.done_ns)
        row = self._row(f"{method} {name}", fate_of_reply(reply, error), instants)
        self._own.attempt(row, good=not error, length=len(reply.body), method=method)

    def overhear(self, request: Overheard) -> None:
        """Write down a request of another client."""
        fate = fate_of(request.exception, request.status)
        instants = (request.due_ns, request.sent_ns, request.done_ns)
        row = self._row(f"{request.method} {request.name}", fate, instants)
        self._overheard.attempt(
            row, good=fate.outcome is Outcome.OK, length=request.length, method=request.method
        )

    def plan(self, kind: str, due_ns: Ints) -> None:
        """Keep when a class's arrivals are due, until it is known from when that counts."""
        self._planned.append((kind, due_ns))
        if self._begun_ns:
            self._write_plan()

    def begin(self, at_ns: int) -> None:
        """Write down what is planned, by class and phase."""
        self._begun_ns = at_ns
        self._write_plan()

    def visit(self, serving: Serving, done_ns: int) -> None:
        """Write down an arrival that was served."""
        self._own.visit(
            Row(
                kind=Kind.VISIT,
                f=serving.kind,
                visit=serving.number,
                due_ns=serving.due_ns - self.origin_ns,
                sent_ns=serving.sent_ns - self.origin_ns,
                done_ns=done_ns - self.origin_ns,
                outcome=Outcome.OK,
            )
        )

    def drop(self, row: Row) -> None:
        """Write down an arrival that was not, if it was due within the run."""
        since_ns = self._begun_ns - self.origin_ns
        if row.due_ns + since_ns >= self.end_ns:
            return
        dropped = Row(
            kind=row.kind,
            f=row.f,
            visit=row.visit,
            due_ns=row.due_ns + since_ns,
            sent_ns=row.sent_ns + since_ns,
        )
        self._own.drop(dropped)

    def end(self) -> None:
        """Do nothing: the conductor of the run ends it."""

    def flush(self) -> None:
        """Do nothing: the recorders are flushed by whoever leads this process."""

    def report(self, *, planned: int, started: int, dropped: dict[str, int]) -> None:
        """Do nothing: the run's report is drawn from its rows."""

    def _row(self, path: str, fate: Fate, instants_ns: tuple[int, int, int]) -> Row:
        due_ns, sent_ns, done_ns = (instant - self.origin_ns for instant in instants_ns)
        serving = self.serving()
        return Row(
            kind=Kind.OP,
            f=path[:_LETTERS],
            visit=serving.number if serving else -1,
            due_ns=due_ns,
            sent_ns=sent_ns,
            done_ns=done_ns,
            outcome=fate.outcome,
            error=fate.error,
            status=fate.status,
            note=fate.note,
        )

    def _write_plan(self) -> None:
        since_ns = self._begun_ns - self.origin_ns
        for kind, all_ns in self._planned:
            due_ns = all_ns + since_ns
            due_ns = due_ns[due_ns < self.end_ns]
            phases = np.maximum(np.searchsorted(self._starts, due_ns, side="right"), 1) - 1
            for phase in np.unique(phases).tolist():
                own = due_ns[phases == phase]
                self._own.visit(Row(kind=Kind.PLANNED, f=kind, due_ns=max(1, int(own[0])), qty=int(own.size)))
        self._planned.clear()
