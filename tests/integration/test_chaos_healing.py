"""Healing what a dead run owes to others, and what its supervisor is about to do."""

import sys
import threading
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from chaos.heal import heal_leases
from chaos.lease_file import Lease, Place, Undo, drop_lease, path_of, read_lease, write_lease
from chaos.process_table import ProcessTable
from chaos.toxics import answers_lost
from chaos.toxiproxy import Toxiproxy
from rehearsal import process
from rehearsal.process import Child, wait_until

pytestmark = pytest.mark.integration

SLEEPER = [sys.executable, "-c", "import time; time.sleep(60)"]
GONE = Child(label="conductor", pid=2**22 - 1, created=1.0, argv=("rehearse",))


def test_commands_that_are_owed_are_carried_out(tmp_path: Path, run_id: str) -> None:
    """One that fails, or takes too long, is named with its command; the others are undone all the same."""
    undos = (
        Undo(name="good", command=f"touch {tmp_path}/undone", timeout_s=20.0),
        Undo(name="bad", command="exit 3", timeout_s=20.0),
        Undo(name="slow", command="sleep 60", timeout_s=0.3),
    )
    lease = Lease(run_id=run_id, run_dir=str(tmp_path), conductor=GONE, undos=undos)
    write_lease(tmp_path / "leases", lease)
    completed: list[Path] = []
    (healed,) = heal_leases(tmp_path / "leases", completed.append).healed

    assert (tmp_path / "undone").exists()
    assert (healed.undone, healed.owes) == (("good",), True)
    assert [words.partition(" ")[0] for words in healed.problems] == ["bad", "slow"]
    assert "ended with exit code 3. Run it yourself: exit 3" in healed.problems[0]
    assert "took longer than 0.3 s" in healed.problems[1]
    assert completed == [tmp_path]
    assert [undo.name for undo in read_lease(path_of(tmp_path / "leases", run_id)).undos] == ["bad", "slow"]


def test_listeners_of_somebody_s_own_toxiproxy(toxiproxy: Toxiproxy, tmp_path: Path, run_id: str) -> None:
    """Those that the run touched are healed, also one that its dead healer had deleted; others are left."""
    for name in ("touched", "theirs"):
        toxiproxy.create(name, listen="127.0.0.1:0", upstream="127.0.0.1:9")
        toxiproxy.add_toxic(name, answers_lost())
    state = toxiproxy.state("touched")
    place = Place(listen=state.listen, upstream=state.upstream)
    gone = Place(listen="127.0.0.1:0", upstream="127.0.0.1:9")
    dead = "http://127.0.0.1:9"
    foreign = {toxiproxy.url: {"touched": place, "gone": gone}, dead: {"lost": place}}
    lease = Lease(run_id=f"{run_id}-2", run_dir=str(tmp_path), conductor=GONE, foreign=foreign)
    write_lease(tmp_path / "other", lease)
    (healed,) = heal_leases(tmp_path / "other").healed
    states = toxiproxy.states()

    assert healed.listeners == ("touched", "gone")
    assert [states[name].clean for name in healed.listeners] == [True, True]
    assert states["theirs"].toxics == (answers_lost(),)
    assert [words.partition(" ")[0] for words in healed.problems] == ["lost"]
    assert read_lease(path_of(tmp_path / "other", f"{run_id}-2")).foreign == {dead: {"lost": place}}


def test_a_supervisor_at_work_is_waited_for(
    tmp_path: Path, run_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two that heal the same run would only be in each other's way."""
    supervisor, handle = process.start("supervisor", SLEEPER, log=tmp_path / "s.log", run_id="none")
    lease = Lease(run_id=run_id, run_dir=str(tmp_path), conductor=GONE, supervisor=supervisor)
    write_lease(tmp_path / "leases", lease)

    def finish() -> None:
        drop_lease(tmp_path / "leases", run_id)
        handle.kill()
        handle.wait()

    def waited(condition: Callable[[], bool], *, timeout_s: float) -> bool:
        threading.Timer(0.1, finish).start()  # not before it is waited for
        return wait_until(condition, timeout_s=timeout_s)

    monkeypatch.setattr(process, "wait_until", waited)
    (healed,) = heal_leases(tmp_path / "leases").healed

    assert (healed.run_id, healed.by_supervisor) == (run_id, True)


def test_a_supervisor_that_hangs_is_ended(
    tmp_path: Path, run_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Then its work is done in its place."""
    monkeypatch.setattr("chaos.heal._SUPERVISED_S", 0.2)
    supervisor, handle = process.start("supervisor", SLEEPER, log=tmp_path / "s.log", run_id="none")
    child, second = process.start("region", SLEEPER, log=tmp_path / "r.log", run_id=run_id)
    lease = Lease(
        run_id=run_id, run_dir=str(tmp_path), conductor=GONE, supervisor=supervisor, children=(child,)
    )
    write_lease(tmp_path / "leases", lease)
    (healed,) = heal_leases(tmp_path / "leases").healed

    assert (healed.by_supervisor, healed.processes) == (False, ("region",))
    assert [process.find(each) for each in (supervisor, child)] == [None, None]
    assert [each.wait(timeout=5) is not None for each in (handle, second)] == [True, True]


def test_a_paused_process(table: ProcessTable, tmp_path: Path) -> None:
    """It stands still until it is resumed; one that is still paused at the end is ended all the same."""
    child = table.start("region_a", SLEEPER, log=tmp_path / "r.log")
    found = psutil.Process(child.pid)
    table.pause("region_a")
    assert wait_until(lambda: found.status() == psutil.STATUS_STOPPED, timeout_s=60)
    table.resume("region_a")
    table.resume("region_a")
    assert wait_until(lambda: found.status() != psutil.STATUS_STOPPED, timeout_s=60)
    table.pause("region_a")
    table.stop_all()

    assert process.find(child) is None


def test_what_is_owed_stands_in_the_lease(table: ProcessTable, tmp_path: Path, run_id: str) -> None:
    """From before it is done until it is settled; the newest word of a name counts."""
    path = path_of(tmp_path / "leases", run_id)
    first = Undo(name="a", command="x", timeout_s=1.0)
    table.owe(first)
    table.owe(Undo(name="b", command="y", timeout_s=1.0))
    table.owe(Undo(name="a", command="z", timeout_s=1.0))
    place = Place(listen="a:1", upstream="b:2")
    table.touch("http://tp", "edge", place)
    table.touch("http://tp", "edge", place)
    table.touch("http://tp", "pay", place)
    owed = read_lease(path)
    table.settle("a")
    table.untouch("http://tp", "edge")
    table.untouch("http://other", "edge")
    table.stop_all()
    left = read_lease(path)
    table.untouch("http://tp", "pay")
    table.set_supervisor(GONE)

    assert [(undo.name, undo.command) for undo in owed.undos] == [("b", "y"), ("a", "z")]
    assert owed.foreign == {"http://tp": {"edge": place, "pay": place}}
    assert ([undo.name for undo in left.undos], left.foreign) == (["b"], {"http://tp": {"pay": place}})
    assert (read_lease(path).foreign, read_lease(path).supervisor) == ({}, GONE)
