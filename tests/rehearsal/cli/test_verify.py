from pathlib import Path

import pytest

from rehearsal.cli.verify import verify
from rehearsal.model.errors import RehearsalError
from reports.keys import key_path, load_or_make


@pytest.fixture
def steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every step of a verification hold, in whatever folder."""
    monkeypatch.setattr("rehearsal.rundir.folder.require_run", lambda _run: None)
    monkeypatch.setattr("rehearsal.cli.verify.verify_run", lambda _run, *, trusted: ())


def test_without_a_key_to_trust_only_the_folder_is_vouched_for(
    steps: None, homes: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Anybody can sign a folder with a key of his own: the last line says what was not checked."""
    assert verify(homes, None) == 0
    assert "not checked: name the one you trust with --key" in capsys.readouterr().out


def test_with_a_key_to_trust_the_evidence_holds(
    steps: None, homes: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """One's own key is trusted."""
    load_or_make(key_path({"XDG_CONFIG_HOME": str(homes / ".config")}))

    assert verify(homes, None) == 0
    assert capsys.readouterr().out == "The evidence holds.\n"


def test_a_key_that_cannot_be_read_is_named(homes: Path) -> None:
    """The file and the reason."""
    with pytest.raises(RehearsalError, match="no-key cannot be read: No such file"):
        verify(homes, homes / "no-key")
