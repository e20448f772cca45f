"""protocol.ndjson: where a drill is, written as it goes: after any death it tells how far the drill came."""

from pathlib import Path

import msgspec

from rehearsal.model.clock import Clock, SystemClock
from rehearsal.model.history import Kind, Outcome, Row
from rehearsal.model.protocol import ProtocolLine, ProtocolStep
from rehearsal.model.secrets import Masker
from rehearsal.rundir import folder
from rehearsal.rundir.history_file import HistoryLog
from rehearsal.rundir.ndjson import blocks


class ProtocolLog:
    """Appends lines, each in one write: nothing is lost with the process that wrote it."""

    def __init__(self, run: Path, clock: Clock | None = None, mask: Masker = str) -> None:
        """Take the run's folder, the clock of instants, and what masks secrets in a note."""
        self._path = run / folder.PROTOCOL
        self._clock: Clock = clock or SystemClock()
        self._mask = mask

    def begin(self, step: ProtocolStep, note: str = "") -> None:
        """Say that a step begins."""
        self.tell(step, note)

    def tell(
        self,
        step: ProtocolStep,
        note: str,
        *,
        outcome: Outcome = Outcome.OK,
        since_ns: int | None = None,
    ) -> None:
        """Say what was found or done, and since when, if it took time."""
        now_ns = self._clock.now_ns()
        at_ns = now_ns if since_ns is None else since_ns
        line = ProtocolLine(step=step, at_ns=at_ns, done_ns=now_ns, outcome=outcome, note=self._mask(note))
        with self._path.open("ab", buffering=0) as file:
            file.write(msgspec.json.encode(line) + b"\n")


def read_protocol(run: Path) -> tuple[ProtocolLine, ...]:
    """Return the lines of a run's protocol; a cut last one is left out, a missing file is empty."""
    lines = b"".join(blocks(run / folder.PROTOCOL)).splitlines()
    return tuple(msgspec.json.decode(line, type=ProtocolLine) for line in lines)


def book_protocol(run: Path, origin_ns: int) -> None:
    """Append the protocol so far to the conductor's history, on the run's clock; a second time it is not."""
    log = run / folder.CONDUCTOR_LOG
    lines = read_protocol(run)
    if not lines or any(b'"kind":"protocol"' in block for block in blocks(log)):
        return
    _drop_cut_line(log)
    # A run that never had an origin ended before it.
    origin_ns = origin_ns or lines[-1].done_ns
    history = HistoryLog(log)
    for line in lines:
        history.append(
            Row(
                kind=Kind.PROTOCOL,
                f=line.step,
                sent_ns=line.at_ns - origin_ns,
                done_ns=line.done_ns - origin_ns,
                outcome=line.outcome,
                note=line.note,
            )
        )
    history.close()


def _drop_cut_line(log: Path) -> None:
    """Take away what a killed writer wrote last, if it is no whole line: rows are appended after it."""
    if not log.exists():
        return
    with log.open("r+b") as file:
        file.truncate(file.read().rfind(b"\n") + 1)
