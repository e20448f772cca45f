import subprocess
import sys
from types import ModuleType

import pytest

from rehearsal.cli import entry
from rehearsal.cli.output import say


def test_a_ctrl_c_while_the_program_is_loaded_is_no_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    """Exit code 5, and not a word."""

    def stopped() -> None:
        raise KeyboardInterrupt

    app = ModuleType("rehearsal.cli.app")
    monkeypatch.setattr(app, "main", stopped, raising=False)
    monkeypatch.setitem(sys.modules, "rehearsal.cli.app", app)
    with pytest.raises(SystemExit) as caught:
        entry.main()

    assert caught.value.code == 5


def test_results_are_printed(capsys: pytest.CaptureFixture[str]) -> None:
    """On standard output, with a newline."""
    say("GO")

    assert capsys.readouterr().out == "GO\n"


def test_a_reader_who_has_gone_changes_nothing() -> None:
    """Piped into something that has ended, the process says nothing and ends as it would have."""
    code = (
        "import sys; sys.stdin.read(); from rehearsal.cli.output import say; say('a'); say('b'); sys.exit(3)"
    )
    writer = subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert writer.stdout is not None
    writer.stdout.close()
    assert writer.stdin is not None
    writer.stdin.close()
    assert writer.stderr is not None
    with writer.stderr as errors:
        complaint = errors.read()

    assert (writer.wait(30), complaint) == (3, b"")
