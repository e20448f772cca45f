"""Where a load process's records go: into files of the run's folder, or by message to the master."""

from collections.abc import Callable
from pathlib import Path
from typing import IO, Protocol

from scenarios.messages import Chunk, FromWorker

#: The two files each load process makes, as messages and folders name them.
HISTORY = "history"
HISTOGRAMS = "histograms"
FILES = (HISTORY, HISTOGRAMS)
#: A message carries about so much, so that no other message waits long behind it.
CHUNK_BYTES = 256 * 1024
#: So many chunks (64 MiB) may be under way; when more would be, they are lost, counted, and the run INVALID.
WINDOW = 256


class Sink(Protocol):
    """What a recorder writes to. Lines come whole."""

    def history(self, lines: bytes) -> None:
        """Take lines of the history."""

    def histograms(self, lines: bytes) -> None:
        """Take lines of histograms."""

    def flush(self) -> None:
        """Bring what was taken to where it survives the death of this process."""

    def close(self) -> None:
        """Flush; nothing comes after this."""


def load_log(worker: int) -> str:
    """Return the name of the history of one load process."""
    return f"history.load.{worker}.ndjson"


def histogram_log(worker: int) -> str:
    """Return the name of the histograms of one load process."""
    return f"histograms.{worker}.ndjson"


def paths_of(run: Path, worker: int) -> dict[str, Path]:
    """Return where the files of one load process lie in a run's folder."""
    return {HISTORY: run / load_log(worker), HISTOGRAMS: run / histogram_log(worker)}


class FileSink:
    """Appends to the run's folder. What was flushed survives any death of this process."""

    def __init__(self, run: Path, worker: int) -> None:
        """Open the files of load process `worker`."""
        self._files: dict[str, IO[bytes]] = {
            name: path.open("ab") for name, path in paths_of(run, worker).items()
        }

    def history(self, lines: bytes) -> None:
        """Take lines of the history."""
        self._files[HISTORY].write(lines)

    def histograms(self, lines: bytes) -> None:
        """Take lines of histograms."""
        self._files[HISTOGRAMS].write(lines)

    def flush(self) -> None:
        """Hand what was taken to the operating system."""
        for file in self._files.values():
            file.flush()

    def close(self) -> None:
        """Flush and close."""
        for file in self._files.values():
            file.close()


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
        """Take lines of histograms."""
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
        self._files: dict[str, IO[bytes]] = {
            name: path.open("ab") for name, path in paths_of(run, worker).items()
        }
        self._next: dict[str, int] = dict.fromkeys(FILES, 0)
        self._skipped = 0

    def take(self, chunk: Chunk) -> bool:
        """Write a chunk that has not come before; tell whether it is one of a file known here.

        Chunks come in order (Locust's sockets see to it): what is skipped is lost.
        """
        if chunk.file not in self._files:
            return False
        if chunk.number >= self._next[chunk.file]:
            self._skipped += chunk.number - self._next[chunk.file]
            self._next[chunk.file] = chunk.number + 1
            self._files[chunk.file].write(chunk.content)
            self._files[chunk.file].flush()
        return True

    def missing(self, cut: dict[str, int]) -> int:
        """Return how many of the chunks that were cut never came."""
        return self._skipped + sum(max(0, cut.get(name, 0) - came) for name, came in self._next.items())

    def close(self) -> None:
        """Close the files."""
        for file in self._files.values():
            file.close()
