"""Keeps secrets out of what a drill says: to whoever watches it, and in the errors it ends with."""

from collections.abc import Iterator
from contextlib import contextmanager

import msgspec

from rehearsal.model.capacity import Trial
from rehearsal.model.history import Row
from rehearsal.model.secrets import Masker
from rehearsal.pipeline.watcher import Watcher
from scenarios.load_order import Progress


class Hushed:
    """Passes everything on without its secrets."""

    def __init__(self, watcher: Watcher, mask: Masker) -> None:
        """Take the watcher and the mask."""
        self._watcher = watcher
        self._mask = mask

    def stage(self, sentence: str) -> None:
        """Pass it on."""
        self._watcher.stage(self._mask(sentence))

    def progress(self, progress: Progress) -> None:
        """Pass it on."""
        self._watcher.progress(msgspec.structs.replace(progress, note=self._mask(progress.note)))

    def fault(self, row: Row) -> None:
        """Pass it on."""
        self._watcher.fault(msgspec.structs.replace(row, note=self._mask(row.note)))

    def trial(self, trial: Trial) -> None:
        """Pass it on."""
        broke, invalid = self._mask(trial.broke), self._mask(trial.invalid)
        self._watcher.trial(msgspec.structs.replace(trial, broke=broke, invalid=invalid))


def hushed(watcher: Watcher, mask: Masker) -> Watcher:
    """Return a watcher who is told no secrets."""
    return Hushed(watcher, mask)


@contextmanager
def hushing(mask: Masker) -> Iterator[None]:
    """Let no error leave the block with a secret in its words or notes."""
    try:
        yield
    except Exception as error:
        error.args = tuple(mask(word) if isinstance(word, str) else word for word in error.args)
        if isinstance(error, OSError) and error.strerror:
            error.strerror = mask(error.strerror)
        if notes := getattr(error, "__notes__", None):
            error.__notes__ = [mask(note) for note in notes]
        raise
