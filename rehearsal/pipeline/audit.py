"""history + final readings → the findings on the invariants alone, in little memory."""

from pathlib import Path

from chaos.invariants.audit import audit
from rehearsal.model.verdict import Finding
from rehearsal.pipeline.judge import read_plan
from rehearsal.rundir.final_file import read_final
from rehearsal.rundir.history_file import scan_history


def audit_run(run: Path) -> tuple[Finding, ...]:
    """Return what the invariants say of a run's files; nothing is written.

    The history is read a few columns at a time and the readings in parts, so a run of ten million operations
    fits into two gibibytes. RunDirError names a file that is missing or broken.
    """
    return audit(scan_history(run), read_final(run), read_plan(run))
