"""ProcessTable and healing with real processes that would otherwise sleep for a minute."""

import os
import sys
from pathlib import Path

import msgspec
import psutil
import pytest

from chaos import process_table, strays
from chaos.heal import HealSummary, heal_leases, heal_run
from chaos.lease_file import Lease, path_of, read_lease, this_process, write_lease
from chaos.process_table import ProcessTable
from rehearsal import process
from rehearsal.model.errors import RehearsalError
from rehearsal.process import Child

pytestmark = pytest.mark.integration


def python(*lines: str) -> list[str]:
    """Return a command that runs these lines, then sleeps for a minute."""
    return [sys.executable, "-c", "\n".join((*lines, "import time", "time.sleep(60)"))]


SLEEPER = python()
STUBBORN = python(
    "import signal", "signal.signal(signal.SIGTERM, signal.SIG_IGN)", "print('deaf', flush=True)"
)
PARENT = python(
    "import subprocess, sys",
    "subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])",
    "print('born', flush=True)",
)
GONE = Child(label="conductor", pid=2**22 - 1, created=1.0, argv=("rehearse",))


def wait_for(path: Path, word: str) -> None:
    """Return once a log has a word."""
    found = process.wait_until(lambda: path.exists() and word in path.read_text(), timeout_s=60.0)

    assert found


def test_the_lease_comes_first(tmp_path: Path, table: ProcessTable, run_id: str) -> None:
    """The lease lies there before anything runs, and names every process started since."""
    path = path_of(tmp_path / "leases", run_id)
    before = read_lease(path)
    child = table.start("sleeper", SLEEPER, log=tmp_path / "s.log")
    table.set_toxiproxy("http://127.0.0.1:1")

    assert before.conductor == this_process()
    assert before.children == ()
    assert read_lease(path) == table.lease
    assert table.lease.children == (child,)
    assert table.lease.toxiproxy_url == "http://127.0.0.1:1"
    assert table.child("sleeper") == child
    assert process.find(child) is not None


def test_kill_and_restart(tmp_path: Path, table: ProcessTable) -> None:
    """A killed process says by which signal; restarted it has the same command and surroundings."""
    argv = [sys.executable, "-c", "import os, time; print(os.environ['WORD'], flush=True); time.sleep(60)"]
    log = tmp_path / "w.log"
    first = table.start("worker", argv, log=log, env={"WORD": "hello"})
    wait_for(log, "hello")

    assert table.alive("worker")
    assert table.kill("worker")
    assert not table.alive("worker")
    assert table.exit_code("worker") == -9
    assert not table.kill("worker")

    second = table.restart("worker")
    wait_for(log, "hello\nhello")

    assert second.argv == first.argv
    assert second.pid != first.pid
    assert table.lease.children == (second,)
    assert table.restart("worker").pid != second.pid


def test_kill_takes_descendants(tmp_path: Path, table: ProcessTable) -> None:
    """A kill leaves no orphan at work."""
    child = table.start("parent", PARENT, log=tmp_path / "p.log")
    wait_for(tmp_path / "p.log", "born")
    (grandchild,) = psutil.Process(child.pid).children()

    table.kill("parent")

    assert not grandchild.is_running()


def test_what_cannot_be_started(tmp_path: Path, table: ProcessTable) -> None:
    """A label that is taken and a program that is not there are refused in a sentence."""
    table.start("sleeper", SLEEPER, log=tmp_path / "s.log")

    with pytest.raises(RehearsalError, match="sleeper is running already"):
        table.start("sleeper", SLEEPER, log=tmp_path / "s.log")
    with pytest.raises(RehearsalError, match="ghost cannot be started"):
        table.start("ghost", [str(tmp_path / "nothing")], log=tmp_path / "g.log")
    assert not table.alive("ghost")
    with pytest.raises(KeyError):
        table.exit_code("ghost")


def test_stop_all(tmp_path: Path, table: ProcessTable, run_id: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The last started ends first; strays with the run's mark end too; the lease is given back."""
    order: list[str] = []
    stop = process.stop

    def note(children: list[Child]) -> None:
        order.extend(child.label for child in children)
        stop(children, grace_s=0.2)

    monkeypatch.setattr(process, "stop", note)
    first = table.start("first", SLEEPER, log=tmp_path / "1.log")
    second = table.start("second", STUBBORN, log=tmp_path / "2.log")
    wait_for(tmp_path / "2.log", "deaf")
    stray, handle = process.start("stray", SLEEPER, log=tmp_path / "3.log", run_id=run_id)

    table.stop_all()
    table.stop_all()

    assert order == ["second", "first"]
    assert [process.find(child) for child in (first, second, stray)] == [None] * 3
    assert handle.wait(timeout=5) is not None
    assert list((tmp_path / "leases").iterdir()) == []


def test_stop_all_after_a_failure(
    tmp_path: Path, table: ProcessTable, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where stopping one process fails, the mark still ends them all."""
    child = table.start("sleeper", SLEEPER, log=tmp_path / "s.log")

    def fail(_: list[Child]) -> None:
        raise psutil.AccessDenied(child.pid)

    with monkeypatch.context() as patched:
        patched.setattr(process, "stop", fail)
        with pytest.raises(psutil.AccessDenied):
            table.stop_all()

    assert process.find(child) is None


def test_lease_that_cannot_be_written(tmp_path: Path, run_id: str) -> None:
    """Without a lease nothing is started."""
    (tmp_path / "leases").write_text("")

    with pytest.raises(RehearsalError, match="a killed run could not be healed"):
        ProcessTable(tmp_path / "leases", run_id=run_id, run_dir=tmp_path)


def test_the_caller_is_spared(run_id: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Healing started from a marked process does not end itself."""
    monkeypatch.setattr(process, "marked", lambda _: [psutil.Process()])

    assert strays.kill_marked(run_id) == ()


def test_processes_that_vanish() -> None:
    """A process that ends between two looks is no error."""

    class Vanished:
        """A process that is gone when it is touched."""

        def kill(self) -> None:
            """Fail as psutil does."""
            raise psutil.NoSuchProcess(1)

        def children(self, *, recursive: bool) -> list[psutil.Process]:
            """Fail as psutil does."""
            raise psutil.NoSuchProcess(1, msg=str(recursive))

        def wait(self, timeout: float | None = None) -> None:
            """End at once."""

        def is_running(self) -> bool:
            """Be gone."""
            return False

    vanished: psutil.Process = Vanished()  # type: ignore[assignment]
    strays.kill_all([vanished])

    assert process_table._descendants(vanished) == []


def lease_of(tmp_path: Path, run_id: str, *children: Child, conductor: Child = GONE) -> Lease:
    """Write the lease of a run and return it."""
    lease = Lease(run_id=run_id, run_dir=str(tmp_path), conductor=conductor, children=children)
    write_lease(tmp_path / "leases", lease)
    return lease


def test_heal_a_dead_run(tmp_path: Path, run_id: str) -> None:
    """Processes in the lease are stopped, those that only bear the mark are killed, the lease is removed."""
    listed, first = process.start("listed", SLEEPER, log=tmp_path / "1.log", run_id=run_id)
    stray, second = process.start("stray", SLEEPER, log=tmp_path / "2.log", run_id=run_id)
    gone = msgspec.structs.replace(GONE, label="gone")
    lease_of(tmp_path, run_id, gone, listed)

    summary = heal_leases(tmp_path / "leases")

    (healed,) = summary.healed
    assert healed.run_id == run_id
    assert healed.processes == ("listed",)
    assert healed.strays == (stray.pid,)
    assert healed.problems == ()
    assert [process.find(child) for child in (listed, stray)] == [None, None]
    assert list((tmp_path / "leases").iterdir()) == []
    assert heal_leases(tmp_path / "leases") == HealSummary()
    assert [handle.wait(timeout=5) is not None for handle in (first, second)] == [True, True]


CONDUCTOR = """
import sys, time
from pathlib import Path
from chaos.process_table import ProcessTable
folder, run_id = Path(sys.argv[1]), sys.argv[2]
table = ProcessTable(folder / "leases", run_id=run_id, run_dir=folder)
table.start("sleeper", [sys.executable, "-c", "import time; time.sleep(60)"], log=folder / "s.log")
print("standing", flush=True)
time.sleep(60)
"""


def test_heal_after_kill_minus_nine(tmp_path: Path, run_id: str) -> None:
    """Nothing of a harness that was killed outright survives healing."""
    argv = [sys.executable, "-c", CONDUCTOR, str(tmp_path), run_id]
    conductor, handle = process.start("conductor", argv, log=tmp_path / "c.log", run_id="none")
    wait_for(tmp_path / "c.log", "standing")
    (sleeper,) = read_lease(path_of(tmp_path / "leases", run_id)).children

    assert "still going" in heal_leases(tmp_path / "leases").refused[0]
    assert process.find(sleeper) is not None

    handle.kill()
    handle.wait()
    (healed,) = heal_leases(tmp_path / "leases").healed

    assert process.find(conductor) is None
    assert process.find(sleeper) is None
    assert healed.processes == ("sleeper",)


def test_heal_refuses_a_living_run(tmp_path: Path, run_id: str) -> None:
    """A run that is still going heals itself; nothing of it is touched."""
    lease = lease_of(tmp_path, run_id, conductor=this_process())

    with pytest.raises(RehearsalError, match=f"still going .process {os.getpid()}."):
        heal_run(lease, tmp_path / "leases")

    summary = heal_leases(tmp_path / "leases")
    assert summary.healed == ()
    assert f"kill -TERM {os.getpid()}" in summary.refused[0]
    assert path_of(tmp_path / "leases", run_id).exists()


def test_heal_spares_a_stranger_with_the_same_pid(tmp_path: Path, run_id: str) -> None:
    """A pid that is somebody else's now is left alone."""
    stranger, handle = process.start("stranger", SLEEPER, log=tmp_path / "s.log", run_id="another-run")
    lease_of(tmp_path, run_id, msgspec.structs.replace(stranger, created=stranger.created - 100))

    (healed,) = heal_leases(tmp_path / "leases").healed

    assert healed.processes == ()
    assert process.find(stranger) is not None
    handle.kill()
    handle.wait()


def test_heal_sets_broken_files_aside(tmp_path: Path) -> None:
    """A broken lease is reported and moved out of the way, once."""
    folder = tmp_path / "leases"
    folder.mkdir()
    (folder / "half.json").write_bytes(b'{"run_id":')

    summary = heal_leases(folder)

    assert "half.json is no readable lease" in summary.set_aside[0]
    assert (folder / "half.broken").exists()
    assert heal_leases(folder) == HealSummary()


def test_heal_reports_what_it_cannot_set_aside(tmp_path: Path) -> None:
    """Not even a folder in the place of a lease makes it crash."""
    folder = tmp_path / "leases"
    (folder / "odd.json").mkdir(parents=True)
    (folder / "odd.broken").write_bytes(b"")

    assert "cannot be set aside" in heal_leases(folder).set_aside[0]


def test_heal_of_a_lease_that_vanishes(tmp_path: Path) -> None:
    """Two people healing at once do not trip over one another."""
    folder = tmp_path / "leases"
    folder.mkdir()
    (folder / "gone.json").symlink_to(tmp_path / "nowhere")

    assert heal_leases(folder) == HealSummary()


def test_heal_with_nothing_to_heal(tmp_path: Path) -> None:
    """A machine that never saw a drill needs no healing."""
    assert heal_leases(tmp_path / "never") == HealSummary()
