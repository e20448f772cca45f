"""A load process killed in the midst of writing: what it left is whole, and its books still balance."""

import sys
from pathlib import Path

import pytest

from capacity.double_entry import judge_double_entry
from rehearsal import process
from rehearsal.model.history import Kind
from rehearsal.model.plan import Phase, PhaseKind
from rehearsal.model.timeline import Timeline, Window
from rehearsal.model.verdict import Status
from rehearsal.process import wait_until
from rehearsal.rundir import folder
from rehearsal.rundir.histogram_file import write_histograms
from rehearsal.rundir.history_file import write_history

pytestmark = pytest.mark.integration

#: Records and flushes without end, 300 attempts at a time, cutting its histograms every few flushes.
RECORDER = """
import sys
from pathlib import Path
from types import SimpleNamespace
from locust.event import Events
from locust.stats import RequestStats
from rehearsal.model.history import Row
from scenarios.recording.histogram_book import HistogramBook
from scenarios.recording.locust_stats import BatchedStats
from scenarios.recording.recorder import Recorder
from scenarios.recording.sink import FileSink
from scenarios.recording.tally import Tally

environment = SimpleNamespace(stats=RequestStats(), events=Events(), runner=None)
book = HistogramBook((("normal", 0),))
recorder = Recorder(FileSink(Path(sys.argv[1]), 0), book, BatchedStats(environment), Tally())
now_ns = 0
while True:
    now_ns += 300_000_000
    for n in range(300):
        due_ns = now_ns - 300_000_000 + n * 1_000_000
        times = {"due_ns": due_ns, "sent_ns": due_ns + n, "done_ns": due_ns + n * 9_999}
        row = Row(kind="op", f="pay", region="a", outcome="ok", **times)
        recorder.attempt(row, good=True, length=1, method="POST")
    recorder.flush(now_ns)
"""


def test_a_recorder_killed_at_any_instant_leaves_whole_books(tmp_path: Path, run_id: str) -> None:
    """History and histograms are read without an error, and agree to the last request that was written."""
    phase = Phase(name="normal", kind=PhaseKind.NORMAL, duration_s=60.0, rate=1.0)
    timeline = Timeline((phase,), (Window(0, 60_000_000_000),), ())
    command = [sys.executable, "-c", RECORDER, str(tmp_path)]
    child, handle = process.start("recorder", command, log=tmp_path / "out.log", run_id=run_id)
    handle.returncode = 0  # whoever kills it here also reaps it
    log = tmp_path / folder.load_log(0)
    assert wait_until(lambda: log.exists() and log.stat().st_size > 1_000_000, timeout_s=120)
    process.kill(child)
    frame = write_history(tmp_path, timeline)
    histograms = write_histograms(tmp_path, timeline)
    finding = judge_double_entry(frame, histograms)

    assert finding.status is Status.PASS, finding.summary
    assert finding.evidence["requests"] == frame.filter(frame["kind"] == Kind.OP).height > 5_000
    assert finding.evidence["unbooked"] <= 5 * 300
