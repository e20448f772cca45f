"""Any stage again, from the files before it: for runs cut short, and for reports drawn anew."""

from pathlib import Path

from rehearsal.model.readings import FinalReadings
from rehearsal.model.timeline import timeline_of
from rehearsal.pipeline.aborted import book_aborted
from rehearsal.pipeline.judge import judge, read_plan
from rehearsal.pipeline.publish import publish
from rehearsal.rundir import folder
from rehearsal.rundir.histogram_file import write_histograms
from rehearsal.rundir.history_file import write_history
from rehearsal.rundir.record import RunRecord


def report_again(run: Path) -> Path:
    """Return the report's path, drawn anew; what is missing before it (history, findings) is made first."""
    folder.require_run(run)
    if not (run / folder.HISTORY).exists():
        book_aborted(run, folder.read_json(run / folder.RUN, RunRecord).workers)
        write_history(run, timeline_of(read_plan(run)))
    if not (run / folder.HISTOGRAMS).exists():
        write_histograms(run, timeline_of(read_plan(run)))
    if not (run / folder.FINAL).exists():
        folder.write_json(run / folder.FINAL, FinalReadings())
    if not (run / folder.VERDICT).exists():
        judge(run)
    return publish(run)
