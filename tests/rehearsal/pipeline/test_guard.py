"""The conductor's side of its supervisor, with a supervisor that is none."""

import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from chaos.lease_file import Place, Undo, path_of, read_lease, write_lease
from rehearsal.model.errors import RehearsalError
from rehearsal.pipeline import guard as subject
from rehearsal.pipeline.guard import MOST, Guard
from rehearsal.pipeline.supervisor import BEAT, QUIT, WATCHING
from rehearsal.rundir.protocol_log import ProtocolLog, read_protocol


@dataclass
class Pipe:
    """An end of a pipe: what was written, and what is read."""

    says: bytes = b""
    written: list[bytes] = field(default_factory=list)
    broken: bool = False

    def write(self, word: bytes) -> None:
        """Take a word, unless nobody reads it."""
        if self.broken:
            raise BrokenPipeError
        self.written.append(word)

    def flush(self) -> None:
        """Have nothing to flush."""

    def readline(self) -> bytes:
        """Say what there is."""
        return self.says

    def close(self) -> None:
        """Close; a dead reader is noticed here too."""
        if self.broken:
            raise BrokenPipeError


class Process:
    """A supervisor that says something and lives until it is told otherwise."""

    pid = 4242

    def __init__(self, says: bytes = WATCHING) -> None:
        """Take its first words."""
        self.stdin, self.stdout = Pipe(), Pipe(says)
        self.code: int | None = None
        self.deaf = False
        self.killed = False

    def poll(self) -> int | None:
        """Return how it ended."""
        return self.code

    def wait(self, timeout: float | None = None) -> int:
        """Wait for its end."""
        if self.deaf and not self.killed:
            raise subprocess.TimeoutExpired("supervisor", timeout or 0)
        return self.code or 0

    def kill(self) -> None:
        """End it."""
        self.killed = True

    def cmdline(self) -> list[str]:
        """Return its command, as psutil does."""
        return ["supervisor"]


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[Process]:
    """Return the supervisors that were started, the next to come last: none of them is a process."""
    processes: list[Process] = []

    def start(*_: Any, **__: Any) -> Process:
        processes.append(Process())
        return processes[-1]

    monkeypatch.setattr("subprocess.Popen", start)
    monkeypatch.setattr("select.select", lambda reads, *_: (reads, [], []))
    monkeypatch.setattr("psutil.Process", lambda _: Process())
    for room in ("chaos.lease_file", "rehearsal.pipeline.guard"):
        monkeypatch.setattr(f"{room}.created_s", lambda _: 7.0)
    # Far between, so that the heart beats only when the test lets it.
    monkeypatch.setattr(subject, "BEAT_S", 3600.0)
    return processes


@pytest.fixture
def halted() -> list[str]:
    """Return the reasons for which the drill was stopped."""
    return []


@pytest.fixture
def guard(tmp_path: Path, halted: list[str], started: list[Process]) -> Guard:
    """Return a guard over a run."""
    run = tmp_path / "run"
    run.mkdir()
    return Guard(run, tmp_path / "leases", ProtocolLog(run), halt=halted.append)


def test_a_run_from_its_beginning_to_its_end(guard: Guard, started: list[Process], tmp_path: Path) -> None:
    """The lease is there before anything else, and gone at the end; the supervisor is told to go."""
    path = path_of(tmp_path / "leases", "run")
    with guard:
        lease = read_lease(path)

    assert lease.supervisor == guard.supervisor
    assert started[0].stdin.written == [QUIT]
    assert not path.exists()


@pytest.mark.parametrize(
    "owed",
    [
        pytest.param({"undos": (Undo(name="a", command="x", timeout_s=1.0),)}, id="a command"),
        pytest.param(
            {"foreign": {"http://tp": {"edge": Place(listen="a:1", upstream="b:2")}}}, id="listener"
        ),
    ],
)
def test_a_lease_with_debts_stays(guard: Guard, tmp_path: Path, owed: dict[str, Any]) -> None:
    """What could not be undone is for `rehearse heal`, even after an end in good order."""
    path = path_of(tmp_path / "leases", "run")
    with guard:
        lease = read_lease(path)
        write_lease(tmp_path / "leases", type(lease)(**{**_fields(lease), **owed}))

    assert {name: getattr(read_lease(path), name) for name in owed} == owed


def _fields(lease: Any) -> dict[str, Any]:
    return {name: getattr(lease, name) for name in lease.__struct_fields__}


def test_a_supervisor_that_does_not_start(
    guard: Guard, started: list[Process], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without one nothing is begun."""
    monkeypatch.setattr("select.select", lambda *_: ([], [], []))

    with pytest.raises(RehearsalError, match="supervisor of this run does not start"), guard:
        pass


def test_beats(guard: Guard, started: list[Process]) -> None:
    """A living supervisor hears the heart; it does not once the drill gives no sign of life for too long."""
    with guard:
        guard._once()
        guard._signed_ns -= 10**12
        guard._once()
        guard.bear(3600.0)
        guard._once()
        guard.sign()

    assert started[0].stdin.written == [BEAT, BEAT, QUIT]


@pytest.mark.parametrize("how", ["ended", "deaf pipe"])
def test_a_dead_supervisor_is_replaced(
    guard: Guard, started: list[Process], tmp_path: Path, halted: list[str], how: str
) -> None:
    """Whoever keeps the lease is told, and so is the protocol."""
    told: list[object] = []
    guard.on_new = told.append
    with guard:
        if how == "ended":
            started[0].code = -9
        started[0].stdin.broken = True
        guard._once()

    assert len(started) == 2
    assert told == [guard.supervisor]
    assert [line.outcome for line in read_protocol(tmp_path / "run")] == ["ok"]
    assert (started[1].stdin.written, halted) == ([QUIT], [])


def test_too_many_deaths_stop_the_drill(guard: Guard, started: list[Process], halted: list[str]) -> None:
    """A machine that kills every supervisor is not one to break things on."""
    with guard:
        for _ in range(MOST + 1):
            started[-1].code = 1
            guard._once()

    assert len(started) == MOST + 1
    assert halted == [f"the death of {MOST + 1} supervisors"]


def test_one_that_cannot_be_replaced_stops_the_drill(
    guard: Guard, started: list[Process], halted: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing may be broken unwatched."""
    with guard:
        started[0].code = 1
        monkeypatch.setattr("select.select", lambda *_: ([], [], []))
        guard._once()

    assert "does not start" in halted[0]
    assert [line.outcome for line in read_protocol(tmp_path / "run")] == ["fail"]


def test_one_that_does_not_go_is_ended(guard: Guard, started: list[Process]) -> None:
    """The run has ended; nobody waits for ever."""
    with guard:
        started[0].deaf = True

    assert started[0].killed
