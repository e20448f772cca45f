"""Several load processes: one clock, and nothing lost on the way back."""

from typing import Any

import pytest

from capacity.workers import judge_clocks, judge_histories, judge_workers
from rehearsal.model.verdict import Status
from rehearsal.rundir.worker_record import WorkerRecord

MS = 1_000_000


def worker(number: int = 0, **facts: Any) -> WorkerRecord:
    """Return a worker on the drill's machine unless facts say otherwise."""
    return WorkerRecord(worker=number, host=f"host-{number}", **facts)


def test_one_process_on_one_machine_has_nothing_to_agree_on() -> None:
    """Neither has a run of an older version, which keeps no workers."""
    assert judge_workers([worker()]) == ()
    assert judge_workers([]) == ()
    assert [finding.check for finding in judge_workers([worker(), worker(1)])] == [
        "generator.clocks",
        "generator.histories",
    ]
    assert len(judge_workers([worker(here=False)])) == 2


@pytest.mark.parametrize(
    ("uncertainty_ms", "expected", "words"),
    [
        pytest.param(0.42, Status.PASS, "known within 0.42 ms (limit 10 ms)", id="a good network"),
        pytest.param(10.0, Status.PASS, "known within 10.00 ms", id="at the limit"),
        pytest.param(14.2, Status.INVALID, "worker 1 (host-1) is known within 14.2 ms only", id="a slow one"),
    ],
)
def test_a_clock_must_be_known(uncertainty_ms: float, expected: Status, words: str) -> None:
    """Instants of a clock that is not known cannot be set beside others."""
    workers = [worker(), worker(1, here=False, uncertainty_ns=int(uncertainty_ms * MS), offset_ns=-3 * MS)]
    finding = judge_clocks(workers)

    assert (finding.status, words in finding.summary) == (expected, True), finding.summary
    assert finding.evidence["1"]["offset_ms"] == -3.0


def test_processes_of_one_machine_read_one_clock() -> None:
    """There is nothing to be measured."""
    finding = judge_clocks([worker(), worker(1)])

    assert (finding.status, finding.measured) == (Status.PASS, 0.0)


def test_missing_chunks_make_the_run_invalid() -> None:
    """Numbers without some of the requests are not the run's numbers."""
    finding = judge_histories([worker(), worker(1, missing_chunks=3)])

    assert (finding.status, finding.measured, "worker 1: 3" in finding.summary) == (Status.INVALID, 3.0, True)


@pytest.mark.parametrize(
    ("lost", "words"),
    [("", "of all 2 load processes are whole."), ("killed", "but for what worker 1 had still to send.")],
    ids=["all there", "one lost"],
)
def test_whole_histories(lost: str, words: str) -> None:
    """A lost worker's missing visits are counted as aborted, elsewhere."""
    finding = judge_histories([worker(), worker(1, lost=lost)])

    assert (finding.status, finding.summary.endswith(words)) == (Status.PASS, True)
