import json
from pathlib import Path

import msgspec
import pytest

from rehearsal.cli import selftest_data as subject
from rehearsal.pipeline.selftest.data import DataTried

GOOD = DataTried(
    users=4000,
    workers=2,
    seconds=15.2,
    booked=3998,
    dropped=2,
    twice=0,
    missing=0,
    strange=0,
    masked=12,
    swept=9,
    files=28,
    found=(),
)
BAD = msgspec.structs.replace(GOOD, twice=1, found=("logs/a.log",))


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[tuple[int, float, Path]]:
    """Return what is asked of the selftest, which says that all is well, but in a folder "bad" is not."""
    calls: list[tuple[int, float, Path]] = []

    def tried(users: int, per_s: float, room: Path) -> DataTried:
        calls.append((users, per_s, room))
        room.mkdir()
        return BAD if room.name == "bad" else GOOD

    monkeypatch.setattr(subject, "try_data", tried)
    monkeypatch.chdir(tmp_path)
    return calls


def test_the_figures_are_told(
    asked: list[tuple[int, float, Path]], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """In sentences; the folder of a good run is not kept."""
    code = subject.data(out=Path("good"), quick=True, json=False)
    said = capsys.readouterr()

    assert (code, asked) == (0, [(4000, 400.0, tmp_path / "good")])
    assert not (tmp_path / "good").exists()
    assert said.out == (
        "4,000 users, 2 load processes, 15 s: the shop booked 3,998; used twice: 0, missing: 0, unknown: 0, "
        "not started: 2.\n"
        "Secrets slipped into 12 rows and 9 times into other files, and were masked.\n"
        "Files with a secret in them, of 28: none.\n"
    )
    assert said.err == "rehearse: 4,000 users at 400 a second: this takes 10 seconds and a few more.\n"


def test_what_does_not_hold_is_an_exit_code(
    asked: list[tuple[int, float, Path]], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """And the folder stays to be looked at; --json prints the figures alone."""
    code = subject.data(out=Path("bad"), quick=False, json=True)
    said = capsys.readouterr()

    assert (code, asked[0][0], (tmp_path / "bad").exists()) == (1, 200_000, True)
    assert (json.loads(said.out)["found"], said.err) == (["logs/a.log"], "")
    assert "of 28: logs/a.log." in subject.words_of(BAD)
