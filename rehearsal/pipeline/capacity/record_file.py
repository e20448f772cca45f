"""`capacity.json` while a search goes on: what was found so far survives whatever comes."""

from pathlib import Path
from typing import Any

import msgspec

from rehearsal.model.capacity import CapacityRecord, Trial
from rehearsal.rundir import folder


class RecordFile:
    """A search's record, written anew with each trial."""

    def __init__(self, run: Path) -> None:
        """Take the run's folder and begin with nothing."""
        self._path = run / folder.CAPACITY
        self.record = CapacityRecord()

    def add(self, trial: Trial) -> None:
        """Keep a trial."""
        self.note(trials=(*self.record.trials, trial))

    def note(self, **changes: Any) -> None:
        """Change what is recorded, and write it."""
        self.record = msgspec.structs.replace(self.record, **changes)
        folder.write_json(self._path, self.record)


def read_record(run: Path) -> CapacityRecord | None:
    """Return what a run's search came to; None if it had none. RunDirError if the file is broken."""
    path = run / folder.CAPACITY
    return folder.read_json(path, CapacityRecord) if path.exists() else None
