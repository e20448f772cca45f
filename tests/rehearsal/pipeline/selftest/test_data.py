from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from rehearsal.model.errors import RehearsalError
from rehearsal.model.history import Drop, Kind, Outcome, Row
from rehearsal.model.plan import Plan
from rehearsal.model.timeline import timeline_of
from rehearsal.pipeline.plans import load_plan
from rehearsal.pipeline.selftest import data as subject
from rehearsal.pipeline.selftest.data import STEM, DataTried, figures
from rehearsal.rundir import folder
from rehearsal.rundir.history_file import frame_of
from rehearsal.rundir.record import RunRecord
from rehearsal.rundir.sweep import Swept
from scenarios.data_tables import tables_of

SLIPPED = Row(kind=Kind.OP, f="route", outcome=Outcome.FAIL, error="*** is no good password")
RECORD: dict[str, Any] = {
    "schema": 1,
    "run_id": "r",
    "harness_version": "1",
    "started_at": "2026-01-01T00:00:00+00:00",
    "origin_ns": 0,
    "seed": 1,
    "defects": (),
    "versions": {},
    "machine": {},
    "shop_digest": "",
}
#: The shop's book of a run in which all went well.
WELL = {"u1@rehearsal.invalid": 1, "u2@rehearsal.invalid": 1, "u3@rehearsal.invalid": 1}


@pytest.fixture
def tried(make_plan: Callable[..., Plan], tmp_path: Path) -> Callable[..., DataTried]:
    """Return a function that gives the figures of a run of three users from rows, book and log."""

    def try_it(book: dict[str, int], *rows: Row, log: str = "clean", swept: int = 1) -> DataTried:
        run = tmp_path / "runs" / "r"
        run.mkdir(parents=True)
        (tmp_path / "runs" / "latest").symlink_to("r")
        folder.write_table(run, folder.HISTORY, frame_of(rows, timeline_of(make_plan())))
        masked = {"a.log": swept} if swept else {}
        folder.write_json(run / folder.RUN, RunRecord(**RECORD, secrets=Swept(files=3, masked=masked)))
        (tmp_path / "drill.log").write_text(log)
        return figures(tmp_path, 3, book, 2.34)

    return try_it


def test_a_run_in_which_all_went_well(tried: Callable[..., DataTried]) -> None:
    """Each user once, secrets masked, none left."""
    figures_of_it = tried(WELL, SLIPPED)

    assert figures_of_it.holds
    assert msgspec.to_builtins(figures_of_it) == {
        "users": 3,
        "workers": 2,
        "seconds": 2.3,
        "booked": 3,
        "dropped": 0,
        "twice": 0,
        "missing": 0,
        "strange": 0,
        "masked": 1,
        "swept": 1,
        "files": 3,
        "found": (),
    }


@pytest.mark.parametrize(
    ("book", "rows", "changes", "name", "value"),
    [
        ({**WELL, "u2@rehearsal.invalid": 2}, (SLIPPED,), {}, "twice", 1),
        ({"u1@rehearsal.invalid": 1}, (SLIPPED,), {}, "missing", 2),
        ({**WELL, "u9@rehearsal.invalid": 1}, (SLIPPED,), {}, "strange", 1),
        ({}, (SLIPPED,), {}, "booked", 0),
        (WELL, (), {}, "masked", 0),
        (WELL, (SLIPPED,), {"swept": 0}, "swept", 0),
    ],
    ids=["used twice", "missing", "unheard of", "nobody came", "no row slipped", "no file slipped"],
)
def test_what_does_not_hold(
    tried: Callable[..., DataTried],
    book: dict[str, int],
    rows: tuple[Row, ...],
    changes: dict[str, Any],
    name: str,
    value: int,
) -> None:
    """Each by its own figure; where nothing slipped, that nothing is found proves nothing."""
    figures_of_it = tried(book, *rows, **changes)

    assert (getattr(figures_of_it, name), figures_of_it.holds) == (value, False)


def test_a_secret_that_is_left_is_found(tried: Callable[..., DataTried], tmp_path: Path) -> None:
    """In what the drill printed, and in a column of a table."""
    note = Row(kind=Kind.VISIT, f="browse", note=f"{STEM} of the door")
    figures_of_it = tried(WELL, SLIPPED, note, log=f"with {STEM}\n")

    assert not figures_of_it.holds
    assert figures_of_it.found == (
        str((tmp_path / "runs" / "r" / folder.HISTORY).resolve()),
        str(tmp_path / "drill.log"),
    )


def test_a_visit_that_did_not_start_misses_nobody(tried: Callable[..., DataTried]) -> None:
    """Its user stayed at home, and that is counted as what it is."""
    drop = Row(kind=Kind.DROP, f=Drop.GENERATOR_LATE)
    figures_of_it = tried({"u1@rehearsal.invalid": 1, "u3@rehearsal.invalid": 1}, SLIPPED, drop)

    assert (figures_of_it.dropped, figures_of_it.missing, figures_of_it.holds) == (1, 0, True)


def test_plan_and_users_fit(tmp_path: Path) -> None:
    """The plan is a plan, its table has a row for each visit; passwords hold what files write variously."""
    (tmp_path / "plan.toml").write_text(subject.plan_of("http://127.0.0.1:1", 40, 20.0))
    subject.write_users(tmp_path / "users.csv", 40)
    plan = load_plan(tmp_path / "plan.toml")
    (table,) = tables_of(plan)

    assert (table.rows, table.secret, plan.duration_s) == (40, ("password",), 2.0)
    assert (tmp_path / "users.csv").read_text().splitlines()[1] == f'u1@rehearsal.invalid,"{STEM} ä""&/1"'


def test_a_shop_that_does_not_start_is_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And no drill is begun; what was in the folder before is gone."""
    monkeypatch.setattr("rehearsal.pipeline.selftest.data.sys.executable", "/bin/true")
    (tmp_path / "room").mkdir()
    (tmp_path / "room" / "old").touch()
    with pytest.raises(RehearsalError, match="The shop of the selftest does not start"):
        subject.try_data(3, 3.0, tmp_path / "room")

    assert not (tmp_path / "room" / "old").exists()


def test_a_drill_without_a_verdict_is_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With its exit code and its last words."""
    speaker = tmp_path / "speaker"
    speaker.write_text("#!/bin/sh\necho first\necho 'rehearse: no such thing.'\nexit 2\n")
    speaker.chmod(0o755)
    monkeypatch.setattr("rehearsal.pipeline.selftest.data.sys.executable", str(speaker))
    with pytest.raises(RehearsalError, match=r"\(exit code 2\): rehearse: no such thing\."):
        subject._drill(tmp_path, 1.0)
