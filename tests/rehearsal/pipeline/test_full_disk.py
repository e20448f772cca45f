"""A run that fills the disk says so, and has a verdict."""

import errno
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from rehearsal.model.errors import BrokenOff
from rehearsal.model.plan import Plan
from rehearsal.model.verdict import Verdict
from rehearsal.pipeline import run as running
from rehearsal.pipeline.circumstances import record_of
from rehearsal.pipeline.run import _write_cut_short, ended_by
from rehearsal.rundir import folder
from rehearsal.rundir.record import RunRecord, VerdictRecord
from rehearsal.rundir.reserve import keep_room
from scenarios.schedule import build

FULL = OSError(errno.ENOSPC, "No space left on device")


@pytest.fixture
def record(make_plan: Callable[..., Plan], plan_text: str, tmp_path: Path) -> RunRecord:
    """Return the record of a run whose folder, `tmp_path`, is as it was when it began."""
    plan = make_plan(plan_text)
    record = record_of(plan, tmp_path.name, at=datetime.now(UTC), defects=(), toxiproxy=None)
    folder.write_json(tmp_path / folder.PLAN, plan.model_dump(mode="json"))
    folder.write_json(tmp_path / folder.SCHEDULE, build(plan))
    keep_room(tmp_path)
    return record


def no_room(*_: object, **__: object) -> None:
    """Write nothing."""
    raise FULL


@pytest.mark.parametrize("room", [True, False], ids=["the history still fits", "it does not"])
def test_on_a_full_disk_the_verdict_is_written_first(
    record: RunRecord, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, room: bool
) -> None:
    """INVALID, and why; the room that was kept for it is given back before."""
    monkeypatch.setattr(running, "is_full", lambda _: True)
    if not room:
        monkeypatch.setattr(running, "write_history", no_room)
    left = _write_cut_short(tmp_path, record, 7, BrokenOff("Locust ended."))
    verdict = folder.read_json(tmp_path / folder.VERDICT, VerdictRecord)
    kept = "verdict.json (INVALID), findings.json, run.json, and"

    assert verdict.verdict is Verdict.INVALID
    assert verdict.deciding[0].summary.endswith(f"Locust ended. The disk of {tmp_path} is full.")
    assert folder.read_json(tmp_path / folder.RUN, RunRecord).origin_ns == 7
    assert left.startswith(f"The disk of {tmp_path} is full. Kept are {kept}")
    assert ("not history.parquet ([Errno 28] No space left on device)" in left) is not room
    assert not (tmp_path / ".reserve").exists()


def test_where_nothing_can_be_written_that_is_said(
    record: RunRecord, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The error is all that is left to tell it by."""
    monkeypatch.setattr(folder, "write_bytes", no_room)
    left = _write_cut_short(tmp_path, record, 7, FULL)

    assert left == (
        "Kept are no verdict, and logs; not history.parquet ([Errno 28] No space left on device)."
    )


def test_a_run_that_is_cut_short_with_room_left_lacks_nothing(record: RunRecord, tmp_path: Path) -> None:
    """Its history is whole as far as it goes."""
    assert _write_cut_short(tmp_path, record, 7, BrokenOff("Locust ended.")) == ""
    assert (tmp_path / folder.HISTORY).exists()


@pytest.mark.parametrize(
    ("error", "begun", "words"),
    [
        pytest.param(FULL, True, "[Errno 28] No space left on device. Kept are", id="in its midst"),
        pytest.param(BrokenOff("Locust ended."), True, "Locust ended. Kept are", id="what died of it"),
        pytest.param(FULL, False, "[Errno 28] No space left on device", id="before it began"),
    ],
)
def test_what_was_kept_is_said_with_the_error(error: Exception, begun: bool, words: str) -> None:
    """In its midst a full disk breaks a run off; before, it is a mistake of whoever began it there."""
    ended = ended_by(error, begun=begun, left="Kept are")

    assert (str(ended), isinstance(ended, BrokenOff)) == (words, begun)
