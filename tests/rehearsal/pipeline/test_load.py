import signal
import socket
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

import msgspec
import pytest

from chaos.process_table import ProcessTable
from rehearsal.model.errors import RehearsalError, Stopped
from rehearsal.pipeline.crew import ALONE, Crew
from rehearsal.pipeline.halt import Halt
from rehearsal.pipeline.load import Rally, how_ended
from rehearsal.pipeline.watcher import Nobody
from rehearsal.process import Child
from rehearsal.rundir import folder
from rehearsal.rundir.worker_record import WorkerRecord
from scenarios.load_order import MASTER, PROGRESS, WORKERS, FleetOrder, LoadOrder, Port, Progress
from scenarios.storefront import Endpoints
from scenarios.visit import Basis

ORDER = LoadOrder(
    adapter="a:B",
    endpoints=Endpoints(url="http://shop"),
    basis=Basis(sale_sku="flash", limit_per_shopper=2, think_s=0.3),
    seed=7,
    pool=100,
)
TWO = FleetOrder(workers=2, sha256="f00d", end_ns=9)


@dataclass
class Table:
    """Processes that a test only pretends to start."""

    on_start: Callable[[str], None]
    started: dict[str, list[str]] = field(default_factory=dict)
    codes: dict[str, int] = field(default_factory=dict)
    killed: list[str] = field(default_factory=list)

    def start(
        self, label: str, argv: Sequence[str], *, log: Path, env: Mapping[str, str] | None = None
    ) -> Child:
        """Note it."""
        self.started[label] = list(argv)
        log.parent.mkdir(exist_ok=True)
        log.touch()
        self.on_start(label)
        return self.child(label)

    def child(self, label: str) -> Child:
        """Return it."""
        return Child(label=label, pid=77, created=1.0, argv=tuple(self.started[label]))

    def alive(self, label: str) -> bool:
        """Tell whether nobody said that it ended."""
        return label not in self.codes

    def exit_code(self, label: str) -> int | None:
        """Return what was said of its end."""
        return self.codes.get(label)

    def kill(self, label: str) -> bool:
        """Note it."""
        self.killed.append(label)
        return True


class Heard(Nobody):
    """Remembers what was said."""

    def __init__(self) -> None:
        self.said: list[str] = []

    def stage(self, sentence: str) -> None:
        """Remember it."""
        self.said.append(sentence)


@dataclass
class Meeting:
    """A rally over pretended processes."""

    run: Path
    table: Table
    heard: Heard
    halt: Halt

    def rally(self, crew: Crew) -> Rally:
        """Return the rally of a crew."""
        table = cast("ProcessTable", self.table)
        return Rally(table, self.run, crew, halt=self.halt, watcher=self.heard)


def say(run: Path, state: str, note: str = "") -> None:
    """Let the master say something."""
    with (run / PROGRESS).open("ab") as file:
        file.write(msgspec.json.encode(Progress(state=state, note=note)) + b"\n")


@pytest.fixture
def meeting(tmp_path: Path) -> Meeting:
    """Return a meeting whose master listens, and whose load is ready, as soon as it is started."""

    def on_start(label: str) -> None:
        folder.write_json(tmp_path / MASTER, Port(port=6001))
        say(tmp_path, "waiting", "0 of 2 workers have come.")
        say(tmp_path, "ready")

    return Meeting(tmp_path, Table(on_start), Heard(), Halt())


def test_one_process_has_no_master(meeting: Meeting) -> None:
    """As Locust itself would start it; what became of it is its host and pid."""
    rally = meeting.rally(ALONE)
    load = rally.start(ORDER, TWO)
    (record,) = rally.dismiss(load)

    assert list(meeting.table.started) == ["locust"]
    assert (record.worker, record.pid, record.lost) == (0, 77, "")
    assert record.host


def test_workers_of_this_machine_are_told_where_and_which_they_are(meeting: Meeting) -> None:
    """The master first; then one process a stripe, at the port that the master found free."""
    meeting.rally(Crew(workers=2)).start(ORDER, TWO)

    assert list(meeting.table.started) == ["locust-master", "locust-worker-0", "locust-worker-1"]
    last = meeting.table.started["locust-worker-1"]
    assert last[last.index("--port") + 1 : last.index("--port") + 2] == ["6001"]
    assert last[-4:] == ["--worker", "1", "--run", str(meeting.run)]


def test_workers_from_elsewhere_are_awaited_and_told_of(meeting: Meeting) -> None:
    """Only the master is started; a person reads what to type elsewhere, and who has come."""
    meeting.table.on_start = lambda _: folder.write_json(meeting.run / MASTER, Port(port=6001))
    say(meeting.run, "waiting", "1 of 2 workers have come: anna.")
    crew = Crew(workers=2, elsewhere=True, host="10.0.0.5", port=6001, within_s=0.0)
    with pytest.raises(RehearsalError, match="Within 0 s only this was reached: 1 of 2 workers"):
        meeting.rally(crew).start(ORDER, TWO)

    assert list(meeting.table.started) == ["locust-master"]
    assert meeting.heard.said == [
        "Waiting for 2 workers. Start each with: rehearse worker --master 10.0.0.5:6001",
        "1 of 2 workers have come: anna.",
    ]


def test_no_refusal_is_lost_between_two_looks_or_by_a_stop(meeting: Meeting) -> None:
    """What was written since the last look is said sentence by sentence, then Ctrl-C is obeyed."""
    refused = [f"0 of 2 workers have come. A worker on {host} was refused: no." for host in ("ann", "ben")]

    def on_start(_: str) -> None:
        folder.write_json(meeting.run / MASTER, Port(port=6001))
        for note in (refused[0], refused[1], refused[1]):
            say(meeting.run, "waiting", note)

    def stage(sentence: str) -> None:
        meeting.heard.said.append(sentence)
        meeting.halt.set("Ctrl-C")

    meeting.table.on_start, meeting.heard.stage = on_start, stage  # type: ignore[method-assign]
    with pytest.raises(Stopped, match="Stopped by Ctrl-C"):
        meeting.rally(Crew(workers=2, elsewhere=True)).start(ORDER, TWO)

    assert meeting.heard.said[1:] == refused


def test_an_address_that_means_all_is_told_as_a_name(meeting: Meeting) -> None:
    """Nobody elsewhere can come to 0.0.0.0."""
    meeting.rally(Crew(workers=2, elsewhere=True, host="0.0.0.0", port=6001)).start(ORDER, TWO)

    assert meeting.heard.said[0].endswith(f"rehearse worker --master {socket.gethostname()}:6001")


def test_a_stop_while_workers_are_awaited_is_obeyed(meeting: Meeting) -> None:
    """Ctrl-C need not wait for those who never come."""
    meeting.halt.set("Ctrl-C")

    with pytest.raises(Stopped, match="Stopped by Ctrl-C"):
        meeting.rally(Crew(workers=2, elsewhere=True)).start(ORDER, TWO)


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (
            "a line\nThe drill cannot listen for workers on 10.9.9.9:1.\n",
            "cannot listen for workers on 10",
        ),
        ("", "master does not listen; see .*locust-master.log"),
    ],
    ids=["it says why", "it says nothing"],
)
def test_a_master_that_cannot_listen(meeting: Meeting, said: str, words: str) -> None:
    """Its last line is the sentence; without one its log is named."""

    def on_start(label: str) -> None:
        (meeting.run / folder.LOGS / f"{label}.log").write_text(said)
        meeting.table.codes[label] = 2

    meeting.table.on_start = on_start
    with pytest.raises(RehearsalError, match=words):
        meeting.rally(Crew(workers=2)).start(ORDER, TWO)


def test_who_was_lost_is_told_with_the_exit_code_and_ended_if_it_lives(meeting: Meeting) -> None:
    """A frozen worker that wakes up must not send while the shop is read."""
    rally = meeting.rally(Crew(workers=3))
    load = rally.start(ORDER, TWO)
    records = (
        WorkerRecord(worker=0),
        WorkerRecord(worker=1, lost="its process ended"),
        WorkerRecord(worker=2, lost="not heard for 10 s"),
    )
    folder.write_json(meeting.run / WORKERS, records)
    meeting.table.codes["locust-worker-1"] = -signal.SIGKILL

    told = [record.lost for record in rally.dismiss(load)]
    assert told == ["", "its process ended (killed by SIGKILL)", "not heard for 10 s"]
    assert meeting.table.killed == ["locust-worker-2"]


def test_who_was_lost_elsewhere_is_not_ours_to_end(meeting: Meeting) -> None:
    """There is no process of it here."""
    rally = meeting.rally(Crew(workers=1, elsewhere=True))
    load = rally.start(ORDER, TWO)
    folder.write_json(meeting.run / WORKERS, (WorkerRecord(worker=0, here=False, lost="not heard"),))

    assert rally.dismiss(load)[0].lost == "not heard"
    assert meeting.table.killed == []


@pytest.mark.parametrize(
    ("code", "words"), [(3, "exit code 3"), (-9, "killed by SIGKILL"), (-99, "killed by signal 99")]
)
def test_how_a_process_ended(code: int, words: str) -> None:
    """As a person says it."""
    assert words == how_ended(code)


def test_a_crew_from_elsewhere_is_told_earlier_of_its_origin() -> None:
    """A message over a network takes its time."""
    assert Crew(elsewhere=True).lead_s > ALONE.lead_s
    assert (ALONE.alone, Crew(elsewhere=True).alone, Crew(workers=2).alone) == (True, False, False)


def test_a_worker_that_ends_before_anybody_knew_it_is_named(meeting: Meeting) -> None:
    """The master cannot miss whom it has not met."""

    def on_start(label: str) -> None:
        folder.write_json(meeting.run / MASTER, Port(port=6001))
        say(meeting.run, "waiting", "0 of 2 workers have come.")
        if label == "locust-worker-1":
            meeting.table.codes[label] = 1

    meeting.table.on_start = on_start
    with pytest.raises(
        RehearsalError, match=r"Worker 1 was lost before the run began \(exit code 1\); see .*1\.log"
    ):
        meeting.rally(Crew(workers=2)).start(ORDER, TWO)
