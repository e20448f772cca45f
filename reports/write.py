"""From a run folder to its report: read every file, decide, draw, write."""

from pathlib import Path

from rehearsal.model.readings import FinalReadings
from rehearsal.model.timeline import timeline_of
from rehearsal.model.verdict import Finding
from rehearsal.rundir import folder
from rehearsal.rundir.history_file import read_history
from rehearsal.rundir.record import RunRecord
from reports.evidence import VerdictFile, read_plan
from reports.html import html_of
from reports.report import report_of

#: Files whose digests the report prints; its own it cannot know.
_PRINTED = tuple(name for name in folder.SIGNED if name != folder.REPORT)


def write_report(run: Path) -> Path:
    """Write `report.html` from a run's other files and return its path. The same files give the same bytes.

    RunDirError if a file is missing or unreadable.
    """
    plan = read_plan(run)
    report = report_of(
        plan,
        timeline_of(plan),
        folder.read_json(run / folder.RUN, RunRecord),
        folder.read_json(run / folder.FINDINGS, tuple[Finding, ...]),
        folder.read_json(run / folder.VERDICT, VerdictFile).verdict,
        read_history(run),
        folder.read_json(run / folder.FINAL, FinalReadings),
    )
    digests = {name: folder.sha256_of(run / name) for name in _PRINTED}
    folder.write_bytes(run / folder.REPORT, html_of(report, digests).encode())
    return run / folder.REPORT
