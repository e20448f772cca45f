import pytest

from rehearsal.model.capacity import Trial
from rehearsal.model.errors import RehearsalError, Unreachable
from rehearsal.model.history import Kind, Row
from rehearsal.model.secrets import masker
from rehearsal.pipeline.hush import hushed, hushing
from rehearsal.pipeline.watcher import Nobody
from scenarios.load_order import Progress
from tests.trials import plain_trial

MASK = masker(["geheimnis"])


class Ear(Nobody):
    """Remembers what it is told."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self.heard: list[str] = []

    def stage(self, sentence: str) -> None:
        """Remember it."""
        self.heard.append(sentence)

    def progress(self, progress: Progress) -> None:
        """Remember its note."""
        self.heard.append(progress.note)

    def fault(self, row: Row) -> None:
        """Remember its note."""
        self.heard.append(row.note)

    def trial(self, trial: Trial) -> None:
        """Remember what broke, and what is not believed."""
        self.heard += [trial.broke, trial.invalid]


TRIAL = plain_trial(broke="/geheimnis/pay", invalid="geheimnis")


def test_who_watches_is_told_no_secrets() -> None:
    """Neither in a sentence, nor in what a command or a worker said."""
    ear = Ear()
    watcher = hushed(ear, MASK)
    watcher.stage("a geheimnis")
    watcher.progress(Progress(state="running", note="geheimnis b"))
    watcher.fault(Row(kind=Kind.FAULT, f="command", note="geheimnis"))
    watcher.trial(TRIAL)

    assert ear.heard == ["a ***", "*** b", "***", "/***/pay", "***"]


@pytest.mark.parametrize("error", [Unreachable("geheimnis?"), OSError(2, "geheimnis?"), RehearsalError()])
def test_an_error_keeps_its_kind_and_no_secret(error: Exception) -> None:
    """Nor do its notes have one."""
    error.add_note("the geheimnis")
    with pytest.raises(type(error)) as caught, hushing(MASK):
        raise error

    assert caught.value is error
    assert "geheimnis" not in f"{error}{error.__notes__}"
    assert error.__notes__ == ["the ***"]


def test_an_error_without_notes_gets_none() -> None:
    """What is not a text stays as it is."""
    error = OSError(28, "geheimnis")
    with pytest.raises(OSError, match=r"\*\*\*"), hushing(MASK):
        raise error

    assert (error.args, hasattr(error, "__notes__")) == ((28, "***"), False)
