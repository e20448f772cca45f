"""Where a load process's records go: into its files in the run's folder, or by message to the master."""

from collections.abc import Callable
from pathlib import Path
from typing import IO, Protocol

from rehearsal.rundir import folder
from scenarios.fleet.messages import Chunk, FromWorker

#: The two files each load process makes, as messages and folders name them.
HISTORY = "history"
HISTOGRAMS = "histograms"
FILES = (HISTORY, HISTOGRAMS)
#: A message carries about so much, so that no other message waits long behind it.
CHUNK_BYTES = 256 * 1024
#: So many chunks (64 MiB) may be under way; when more would be, they are lost, counted, and the run INVALID.
WINDOW = 256


class Sink(Protocol):
    """What a recorder writes to: a `FileSink`, or a `MessageSink`. Lines come whole."""

    def history(self, lines: bytes) -> None:
        """Take lines of the history."""

    def histograms(self, lines: bytes) -> None:
        """Take lines of histograms."""

    def flush(self) -> None:
        """Bring what was taken to where it survives the death of this process."""

    def close(self) -> None:
        """Flush; nothing comes after this."""


class FileSink:
    """Appends to worker k's two files in the run's folder. What was flushed survives any death of the writer.

    The history goes first: what a mark of the histograms counts, the history holds.
    """

    def __init__(self, run: Path, worker: int) -> None:
        """Open the files of load process `worker`."""
        self._history: IO[bytes] = (run / folder.load_log(worker)).open("ab")
        self._histograms: IO[bytes] = (run / folder.histogram_log(worker)).open("ab")

    def history(self, lines: bytes) -> None:
        """Take lines of the history."""
        self._history.write(lines)

    def histograms(self, lines: bytes) -> None:
        """Take lines of histograms."""
        self._histograms.write(lines)

    def flush(self) -> None:
        """Hand what was taken to the operating system."""
        self._history.flush()
        self._histograms.flush()

    def close(self) -> None:
        """Flush and close."""
        self._history.close()
        self._histograms.close()


class MessageSink:
    """Sends to the master, in counted chunks, of which `WINDOW` may wait for their acknowledgement."""

    def __init__(self, send: Callable[[FromWorker], None]) -> None:
        """Take a way to send a message to the master."""
        self._send = send
        self._open: dict[str, bytearray] = {name: bytearray() for name in FILES}
        self._under_way: set[tuple[str, int]] = set()
        self.cut: dict[str, int] = dict.fromkeys(FILES, 0)

    def history(self, lines: bytes) -> None:
        """Take lines of the history."""
        self._take(HISTORY, lines)

    def histograms(self, lines: bytes) -> None:
        """Take lines of histograms; the history they count goes before them."""
        self._cut(HISTORY)
        self._take(HISTOGRAMS, lines)

    def flush(self) -> None:
        """Send what was taken."""
        for name in FILES:
            self._cut(name)

    def close(self) -> None:
        """Send what was taken."""
        self.flush()

    def acknowledge(self, file: str, number: int) -> None:
        """Note that a chunk is written."""
        self._under_way.discard((file, number))

    def _take(self, name: str, lines: bytes) -> None:
        self._open[name] += lines
        if len(self._open[name]) >= CHUNK_BYTES:
            self._cut(name)

    def _cut(self, name: str) -> None:
        if not self._open[name]:
            return
        content, self._open[name] = bytes(self._open[name]), bytearray()
        number = self.cut[name]
        self.cut[name] += 1
        if len(self._under_way) < WINDOW:
            self._under_way.add((name, number))
            self._send(Chunk(file=name, number=number, content=content))


class Intake:
    """The master's end of a MessageSink: writes what comes, and counts what is missing."""

    def __init__(self, run: Path, worker: int) -> None:
        """Make the files of load process `worker`."""
        self._files = FileSink(run, worker)
        self._write = {HISTORY: self._files.history, HISTOGRAMS: self._files.histograms}
        self._next: dict[str, int] = dict.fromkeys(FILES, 0)
        self._skipped = 0

    def take(self, chunk: Chunk) -> bool:
        """Write a chunk that has not come before; tell whether it is one of a file known here.

        Chunks come in order (Locust's sockets see to it): what is skipped is lost.
        """
        if chunk.file not in self._write:
            return False
        if chunk.number >= self._next[chunk.file]:
            # Counted when it is written: on a full disk it stays missing.
            self._write[chunk.file](chunk.content)
            self._files.flush()
            self._skipped += chunk.number - self._next[chunk.file]
            self._next[chunk.file] = chunk.number + 1
        return True

    def missing(self, cut: dict[str, int]) -> int:
        """Return how many of the chunks that were cut never came."""
        return self._skipped + sum(max(0, cut.get(name, 0) - came) for name, came in self._next.items())

    def close(self) -> None:
        """Close the files."""
        self._files.close()
