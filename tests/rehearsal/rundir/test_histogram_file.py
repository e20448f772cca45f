"""Workers' histogram logs, whole and cut, joined by adding counts."""

from collections.abc import Callable
from pathlib import Path

import msgspec
import polars as pl
import pytest

from rehearsal.model.errors import RunDirError
from rehearsal.model.histogram import encode
from rehearsal.model.history import Kind, Outcome, Row
from rehearsal.model.plan import Plan
from rehearsal.model.timeline import Timeline, timeline_of
from rehearsal.rundir import folder, ndjson
from rehearsal.rundir.histogram_file import (
    SCHEMA,
    Clock,
    Line,
    Mark,
    histogram_of,
    read_histograms,
    write_histograms,
)
from rehearsal.rundir.history_file import HistoryLog

Entry = Line | Mark


def line(buckets: list[int], counts: list[int], *, second: int = 3, clock: str = Clock.RESPONSE) -> Line:
    """Return a histogram of paid orders in region a."""
    return Line(
        second=second,
        phase="normal",
        path="pay",
        region="a",
        outcome="ok",
        clock=clock,
        buckets=buckets,
        counts=counts,
    )


def log(run: Path, worker: int, *entries: Entry, cut: bytes = b"") -> None:
    """Write a worker's log, `cut` after its last whole line."""
    lines = msgspec.json.Encoder().encode_lines(entries)
    (run / folder.histogram_log(worker)).write_bytes(lines + cut)


def attempts(run: Path, worker: int, *due_ns: int) -> None:
    """Write a worker's history: an attempt for each due time, with a visit before it."""
    history = HistoryLog(run / folder.load_log(worker))
    for due in due_ns:
        history.append(Row(kind=Kind.VISIT, f="cart", due_ns=due))
        history.append(Row(kind=Kind.OP, f="pay", due_ns=due, region="b", outcome=Outcome.INFO, done_ns=due))
    history.close()


@pytest.fixture
def timeline(make_plan: Callable[..., Plan]) -> Timeline:
    """Return a plan's timeline; its phase burst begins at 10 s."""
    return timeline_of(make_plan())


def told(frame: pl.DataFrame) -> list[tuple[int, str, int, int]]:
    """Return second, clock, bucket and count of each row."""
    return frame.select("second", "clock", "bucket", "count").rows()


def test_counts_of_all_workers_and_chunks_are_added(tmp_path: Path, timeline: Timeline) -> None:
    """The same second in two chunks and two workers is one; other seconds and clocks stay apart."""
    log(tmp_path, 0, line([5, 7], [1, 2]), Mark(attempts=3), line([7], [1]), Mark(attempts=4, end=True))
    log(tmp_path, 1, line([7], [10]), line([7], [4], second=2), Mark(attempts=14))
    log(tmp_path, 10, line([5], [3], clock=Clock.SERVICE), Mark(attempts=3, end=True))
    frame = write_histograms(tmp_path, timeline)

    assert told(frame) == [
        (2, "response", 7, 4),
        (3, "response", 5, 1),
        (3, "response", 7, 13),
        (3, "service", 5, 3),
    ]
    assert dict(frame.schema) == SCHEMA
    assert read_histograms(tmp_path).equals(frame)


@pytest.mark.parametrize(
    "cut",
    [
        pytest.param(b"", id="between a line and its mark"),
        pytest.param(b'{"second":4,"pha', id="within a line"),
        pytest.param(b'{"attempts":9', id="within the mark"),
        pytest.param(b'{"attempts":9}', id="before the end of the mark's line"),
    ],
)
def test_only_whole_chunks_count(tmp_path: Path, timeline: Timeline, cut: bytes) -> None:
    """A worker killed within a chunk loses that chunk, wherever it was cut."""
    log(tmp_path, 0, line([5], [1]), Mark(attempts=1), line([6], [8]), cut=cut)

    assert told(write_histograms(tmp_path, timeline)) == [(3, "response", 5, 1)]


def test_the_last_mark_may_lie_many_blocks_back(
    tmp_path: Path, timeline: Timeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Blocks with no mark in them change nothing about which lines count."""
    monkeypatch.setattr(ndjson.blocks, "__defaults__", (None, 64))
    log(tmp_path, 0, line([5], [1]), line([6], [2]), Mark(attempts=3), *[line([9], [9])] * 5)

    assert told(write_histograms(tmp_path, timeline)) == [(3, "response", 5, 1), (3, "response", 6, 2)]


def test_what_a_killed_worker_did_not_book_is_counted_apart(tmp_path: Path, timeline: Timeline) -> None:
    """Requests of its history past the last mark, in their phase, under no clock and in no bucket."""
    attempts(tmp_path, 0, 3_000_000_000, 9_999_999_999, 10_000_000_000, 10_000_000_001)
    log(tmp_path, 0, line([5], [1]), Mark(attempts=1))
    frame = write_histograms(tmp_path, timeline).filter(pl.col("clock") == "unbooked")

    assert frame.select("second", "phase", "path", "region", "outcome", "bucket", "count").rows() == [
        (9, "normal", "pay", "b", "info", -1, 1),
        (10, "burst", "pay", "b", "info", -1, 2),
    ]


def test_a_worker_without_histograms_booked_nothing(tmp_path: Path, timeline: Timeline) -> None:
    """Its whole history is unbooked."""
    attempts(tmp_path, 4, 1, 2)

    assert told(write_histograms(tmp_path, timeline)) == [(0, "unbooked", -1, 2)]


def test_a_recorder_that_stopped_counting_is_not_excused(tmp_path: Path, timeline: Timeline) -> None:
    """Only the last three seconds before a worker's death can be unbooked for its death's sake."""
    attempts(tmp_path, 0, *(second * 1_000_000_000 for second in range(1, 9)))

    assert [second for second, *_ in told(write_histograms(tmp_path, timeline))] == [6, 7, 8]


def test_a_worker_that_ended_well_is_taken_at_its_word(tmp_path: Path, timeline: Timeline) -> None:
    """Nothing of it counts as unbooked: a difference to its history is then found, not explained."""
    attempts(tmp_path, 0, 1, 2)
    log(tmp_path, 0, line([5], [1]), Mark(attempts=1, end=True))

    assert told(write_histograms(tmp_path, timeline)) == [(3, "response", 5, 1)]


def test_no_workers_make_an_empty_table(tmp_path: Path, timeline: Timeline) -> None:
    """A run that broke off before its load is still a run."""
    frame = write_histograms(tmp_path, timeline)

    assert frame.is_empty()
    assert read_histograms(tmp_path).equals(frame)


@pytest.mark.parametrize(
    ("spoiled", "words"),
    [
        pytest.param(
            b'{"second":3,"pha{"second":4}\n', r"0.ndjson, line 2, is no row", id="a cut line in the midst"
        ),
        pytest.param(
            b'{"second":3,"buckets":[1,2],"counts":[1]}\n',
            "buckets that have no count",
            id="a count is missing",
        ),
    ],
)
def test_a_broken_log_is_named(tmp_path: Path, timeline: Timeline, spoiled: bytes, words: str) -> None:
    """What cannot be a histogram is not guessed around."""
    path = tmp_path / folder.histogram_log(0)
    good = msgspec.json.Encoder().encode_lines([line([5], [1])])
    path.write_bytes(good + spoiled + b'{"attempts":2}\n')

    with pytest.raises(RunDirError, match=words):
        write_histograms(tmp_path, timeline)


def test_foreign_tables_are_refused(tmp_path: Path) -> None:
    """Missing, broken and foreign files are each named."""
    path = tmp_path / folder.HISTOGRAMS
    with pytest.raises(RunDirError, match="is missing"):
        read_histograms(tmp_path)
    path.write_bytes(b"no parquet")
    with pytest.raises(RunDirError, match="cannot be read"):
        read_histograms(tmp_path)
    pl.DataFrame({"a": [1]}).write_parquet(path)
    with pytest.raises(RunDirError, match="other columns"):
        read_histograms(tmp_path)


def test_rows_become_a_histogram_again(tmp_path: Path, timeline: Timeline) -> None:
    """Whatever keys the rows differ in, their counts are added by bucket."""
    log(tmp_path, 0, line([7], [2]), line([5, 7], [1, 2], second=9), Mark(attempts=5, end=True))

    assert encode(histogram_of(write_histograms(tmp_path, timeline))) == ([5, 7], [1, 4])


def test_logs_are_found_by_their_worker(tmp_path: Path) -> None:
    """In the order of the numbers; what only looks like a log is none."""
    for name in ("histograms.10.ndjson", "histograms.9.ndjson", "histograms.x.ndjson", "histograms.ndjson"):
        (tmp_path / name).touch()

    assert list(folder.logs_of(tmp_path, folder.HISTOGRAM_LOGS)) == [9, 10]
