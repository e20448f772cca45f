"""Room kept for a verdict: a run that fills the disk can still say in its folder what became of it."""

import os
import shutil
from pathlib import Path

_NAME = ".reserve"
#: Three small files, the drafts of them, and what a file system adds.
_BYTES = 128 * 1024


def keep_room(run: Path) -> None:
    """Take room in a run's folder; OSError if there is none, and then nothing should begin."""
    try:
        with (run / _NAME).open("wb") as file:
            # Zeros would take no room on a file system that presses them together or leaves them out.
            file.write(os.urandom(_BYTES))
            file.flush()
            os.fsync(file.fileno())
    except OSError:
        give_room(run)
        raise


def is_full(run: Path) -> bool:
    """Tell whether the disk of a run's folder has less left than is kept."""
    return shutil.disk_usage(run).free < _BYTES


def give_room(run: Path) -> None:
    """Give it back, once nobody is left who would fill it; nothing happens if that was done."""
    (run / _NAME).unlink(missing_ok=True)
