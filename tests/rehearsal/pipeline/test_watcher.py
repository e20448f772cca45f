import errno

from rehearsal.model.capacity import Trial
from rehearsal.model.history import Kind, Row
from rehearsal.pipeline.watcher import Nobody, Unshaken
from scenarios.load_order import Progress
from tests.trials import plain_trial

TRIAL = plain_trial()


class Fragile:
    """A watcher whose terminal closes after so many sentences."""

    def __init__(self, left: int) -> None:
        """Take how many."""
        self.left = left
        self.heard: list[object] = []

    def stage(self, sentence: str) -> None:
        """Hear a sentence."""
        self._hear(sentence)

    def progress(self, progress: Progress) -> None:
        """Hear of the load."""
        self._hear(progress)

    def fault(self, row: Row) -> None:
        """Hear of a fault."""
        self._hear(row)

    def trial(self, trial: Trial) -> None:
        """Hear of a trial."""
        self._hear(trial)

    def _hear(self, said: object) -> None:
        if not self.left:
            raise OSError(errno.EIO, "Input/output error")
        self.left -= 1
        self.heard.append(said)


def test_everything_is_passed_on() -> None:
    """A watcher that lives hears all."""
    fragile, progress, row = Fragile(4), Progress(state="running"), Row(kind=Kind.FAULT, f="x")
    watcher = Unshaken(fragile)
    watcher.stage("one")
    watcher.progress(progress)
    watcher.fault(row)
    watcher.trial(TRIAL)

    assert fragile.heard == ["one", progress, row, TRIAL]


def test_a_watcher_that_is_gone_ends_no_drill() -> None:
    """A closed terminal or pipe is no reason to stop; it is not tried again."""
    fragile = Fragile(1)
    watcher = Unshaken(fragile)
    watcher.stage("one")
    watcher.stage("two")
    fragile.left = 9
    watcher.stage("three")

    assert fragile.heard == ["one"]


def test_nobody_hears_nothing() -> None:
    """The silent watcher takes everything and does nothing."""
    Nobody().stage("one")
    Nobody().progress(Progress(state="running"))
    Nobody().fault(Row(kind=Kind.FAULT, f="x"))
    Nobody().trial(TRIAL)

    assert vars(Nobody()) == {}
