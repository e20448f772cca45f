"""findings and verdict → report.html → evidence.dsse.json."""

import os
from pathlib import Path

from rehearsal.model.timeline import timeline_of
from rehearsal.model.verdict import Finding
from rehearsal.pipeline.capacity.page import page_of
from rehearsal.pipeline.capacity.record_file import read_record
from rehearsal.pipeline.judge import RunFiles, read_run
from rehearsal.rundir import folder
from rehearsal.rundir.record import VerdictRecord
from reports.evidence import sign_run
from reports.html import render
from reports.keys import key_path, load_or_make
from reports.report import report_of


def publish(run: Path) -> Path:
    """Render a judged run's report and return its path. Equal files give equal bytes."""
    files: RunFiles = read_run(run)
    findings = folder.read_json(run / folder.FINDINGS, tuple[Finding, ...])
    verdict = folder.read_json(run / folder.VERDICT, VerdictRecord).verdict
    report = report_of(
        files.plan,
        timeline_of(files.plan),
        files.record,
        findings,
        verdict,
        files.frame,
        files.readings,
        capacity=page_of(files.plan, read_record(run), findings),
    )
    path = run / folder.REPORT
    folder.write_bytes(path, render(report, run).encode())
    return path


def sign(run: Path) -> Path:
    """Sign a published run with this user's harness key and return the evidence's path."""
    return sign_run(run, load_or_make(key_path(os.environ)))
