"""The history while it is written: what was appended to a run's logs since it was looked at last."""

from pathlib import Path

import polars as pl

from rehearsal.rundir import folder
from rehearsal.rundir.history_file import TABLE, empty_log


class HistoryTail:
    """Reads a run's logs piece by piece. What a writer has not flushed comes with the next look."""

    def __init__(self, run: Path) -> None:
        """Take the run's folder; the first look begins where its logs begin."""
        self._run = run
        self._read: dict[Path, int] = {}

    def read(self) -> pl.DataFrame:
        """Return the rows appended since the last look, of all writers, in no particular order."""
        logs = [*folder.logs_of(self._run, folder.LOAD_LOGS).values(), self._run / folder.CONDUCTOR_LOG]
        return pl.concat([empty_log(), *filter(len, map(self._new_rows, logs))])

    def _new_rows(self, path: Path) -> pl.DataFrame:
        if not path.exists():
            return empty_log()
        with path.open("rb") as file:
            file.seek(self._read.get(path, 0))
            content = file.read()
        whole = content[: content.rfind(b"\n") + 1]
        self._read[path] = self._read.get(path, 0) + len(whole)
        return TABLE.rows(whole, path) if whole else empty_log()
