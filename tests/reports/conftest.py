"""Finished runs to render, sign and tamper with; made once, for they are only read."""

import shutil
from pathlib import Path

import polars as pl
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from rehearsal.model.timeline import Timeline, timeline_of
from rehearsal.model.verdict import verdict_of
from rehearsal.rundir import folder
from rehearsal.rundir.history_file import frame_of
from reports.evidence import sign_run
from reports.figures import Drawing, figures_of
from reports.html import render
from reports.report import Report, report_of
from tests.reports.run_factory import findings_of, plan_of, readings_of, record_of, rows_of, write_run

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))


@pytest.fixture(scope="session")
def timeline() -> Timeline:
    """Return the shipped plan's timeline."""
    return timeline_of(plan_of())


@pytest.fixture(scope="session")
def frame(timeline: Timeline) -> pl.DataFrame:
    """Return the history of a good run."""
    return frame_of(rows_of(timeline), timeline)


def make_report(timeline: Timeline, frame: pl.DataFrame, *, bad: bool = False) -> Report:
    """Return the report of a run."""
    findings = findings_of(timeline, bad=bad)
    record = record_of(defects=("oversell_race",) if bad else ())
    return report_of(plan_of(), timeline, record, findings, verdict_of(findings), frame, readings_of())


@pytest.fixture(scope="session")
def go(timeline: Timeline, frame: pl.DataFrame) -> Report:
    """Return the report of a run in which all went well."""
    return make_report(timeline, frame)


@pytest.fixture(scope="session")
def no_go(timeline: Timeline) -> Report:
    """Return the report of a run that oversold and was slow in the burst."""
    return make_report(timeline, frame_of(rows_of(timeline, bad=True), timeline), bad=True)


@pytest.fixture(scope="session")
def drawn(go: Report) -> dict[str, Drawing]:
    """Return all drawings of the good run by name; drawing takes a second, and equal runs are equal bytes."""
    return figures_of(go)


@pytest.fixture(scope="session")
def signed(tmp_path_factory: pytest.TempPathFactory, go: Report, drawn: dict[str, Drawing]) -> Path:
    """Return the folder of a signed run; tests that change it use `copy`."""
    run = write_run(tmp_path_factory.mktemp("runs") / "run")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("reports.html.figures_of", lambda _: drawn)
        folder.write_bytes(run / folder.REPORT, render(go, run).encode())
    sign_run(run, KEY)
    return run


@pytest.fixture
def copy(signed: Path, tmp_path: Path) -> Path:
    """Return a copy of the signed run that a test may change."""
    return Path(shutil.copytree(signed, tmp_path / "run"))


@pytest.fixture
def undrawn(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave the figures blank: drawing takes a second, and these tests are about words and names."""
    monkeypatch.setattr("reports.figures.drawing_of", lambda *_: Drawing(wide="", narrow=""))
