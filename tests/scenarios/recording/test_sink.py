from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rehearsal.rundir import folder
from scenarios.fleet.messages import Chunk, FromWorker
from scenarios.recording import sink
from scenarios.recording.sink import FILES, HISTOGRAMS, HISTORY, FileSink, Intake, MessageSink, Sink


def write(where: Sink, pieces: list[tuple[bool, bytes]]) -> None:
    """Write pieces into one of the two files each."""
    for of_history, piece in pieces:
        (where.history if of_history else where.histograms)(piece)


def content_of(run: Path, worker: int) -> list[bytes]:
    """Return what lies in a worker's files."""
    return [(run / name).read_bytes() for name in (folder.load_log(worker), folder.histogram_log(worker))]


def test_files_hold_what_was_flushed(tmp_path: Path) -> None:
    """Another process sees it while the run goes on; closing keeps it."""
    here = FileSink(tmp_path, 3)
    write(here, [(True, b"one\n"), (False, b"h\n"), (True, b"two\n")])
    here.flush()
    assert content_of(tmp_path, 3) == [b"one\ntwo\n", b"h\n"]

    here.close()
    assert {path.name for path in tmp_path.iterdir()} == {"history.load.3.ndjson", "histograms.3.ndjson"}


pieces_of = st.lists(st.tuples(st.booleans(), st.binary(min_size=1, max_size=30)), max_size=40)


@given(pieces=pieces_of, size=st.integers(1, 64))
def test_what_travels_by_message_arrives_whole_and_in_order(
    tmp_path_factory: pytest.TempPathFactory, pieces: list[tuple[bool, bytes]], size: int
) -> None:
    """The master's files are byte for byte what the worker wrote, however it was cut; nothing is missing."""
    run = tmp_path_factory.mktemp("run")
    intake, sent = Intake(run, 0), list[Chunk]()

    def send(message: FromWorker) -> None:
        assert isinstance(message, Chunk)
        sent.append(message)
        assert intake.take(message)
        elsewhere.acknowledge(message.file, message.number)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sink, "CHUNK_BYTES", size)
        elsewhere = MessageSink(send)
        write(elsewhere, pieces)
        elsewhere.close()
    intake.close()

    expected = [b"".join(piece for kind, piece in pieces if kind is of) for of in (True, False)]
    assert content_of(run, 0) == expected
    assert intake.missing(elsewhere.cut) == 0
    assert len(sent) == sum(elsewhere.cut.values())


def test_chunks_that_never_came_are_counted(tmp_path: Path) -> None:
    """A gap, and what is missing at the end, are lost; what comes twice is written once."""
    intake = Intake(tmp_path, 0)
    for number in (0, 3, 3, 1):
        intake.take(Chunk(file=HISTORY, number=number, content=b"%d\n" % number))
    intake.close()

    assert content_of(tmp_path, 0) == [b"0\n3\n", b""]
    assert intake.missing({HISTORY: 4, HISTOGRAMS: 0}) == 2
    assert intake.missing({HISTORY: 6, HISTOGRAMS: 1}) == 5


def test_a_chunk_that_could_not_be_written_is_missing(tmp_path: Path) -> None:
    """On a full disk nothing is acknowledged that is not there."""
    intake = Intake(tmp_path, 0)
    intake.close()
    with pytest.raises(ValueError, match="closed file"):
        intake.take(Chunk(file=HISTORY, number=0, content=b"row\n"))

    assert intake.missing({HISTORY: 1}) == 1


def test_a_file_nobody_knows_is_not_written(tmp_path: Path) -> None:
    """No worker can name a file of the master's."""
    intake = Intake(tmp_path, 0)

    assert not intake.take(Chunk(file="../plan.json", number=0, content=b"x"))
    assert len(list(tmp_path.iterdir())) == len(FILES)
    intake.close()


def test_a_master_that_does_not_answer_costs_bounded_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond the window chunks are lost, and counted as cut; after an answer they are sent again."""
    monkeypatch.setattr(sink, "WINDOW", 2)
    sent: list[FromWorker] = []
    elsewhere = MessageSink(sent.append)
    for _ in range(4):
        elsewhere.history(b"row\n")
        elsewhere.flush()
    elsewhere.acknowledge(HISTORY, 0)
    elsewhere.history(b"row\n")
    elsewhere.flush()

    assert [message.number for message in sent if isinstance(message, Chunk)] == [0, 1, 4]
    assert elsewhere.cut == {HISTORY: 5, HISTOGRAMS: 0}


def test_histograms_never_come_before_the_history_they_count() -> None:
    """What a mark of the histograms counts, the history must hold, wherever the worker dies."""
    sent: list[FromWorker] = []
    elsewhere = MessageSink(sent.append)
    elsewhere.history(b"row\n")
    elsewhere.histograms(b"h" * sink.CHUNK_BYTES)

    assert [message.file for message in sent if isinstance(message, Chunk)] == [HISTORY, HISTOGRAMS]
