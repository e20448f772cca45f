from pathlib import Path

import msgspec
import pytest

from rehearsal.model.errors import BrokenOff, RehearsalError
from rehearsal.rundir import folder
from rehearsal.rundir.worker_record import WorkerRecord
from scenarios import driver
from scenarios.driver import Load, command, write_fleet, write_order
from scenarios.load_order import (
    FLEET,
    LOAD_ORDER,
    MASTER,
    ORIGIN,
    PROGRESS,
    WORKERS,
    FleetOrder,
    LoadOrder,
    Origin,
    Port,
    Progress,
)
from scenarios.storefront import Endpoints
from scenarios.visit import Basis


def append(run: Path, *lines: bytes) -> None:
    """Add to a run's progress file."""
    with (run / PROGRESS).open("ab") as file:
        file.write(b"".join(lines))


def line(state: str, at_s: float = 0.0) -> bytes:
    """Return a line of progress."""
    return msgspec.json.encode(Progress(state=state, at_s=at_s)) + b"\n"


@pytest.fixture
def load(tmp_path: Path) -> Load:
    """Return a load whose process lives."""
    return Load(tmp_path, lambda: True, tmp_path / "locust.log")


def test_progress_is_followed_line_by_line(tmp_path: Path, load: Load) -> None:
    """The newest whole line counts; a half-written one waits for its rest."""
    assert load.poll().state == "starting"
    append(tmp_path, line("ready"), line("running", 1.0), line("running", 2.0)[:9])
    assert load.poll().at_s == 1.0
    append(tmp_path, line("running", 2.0)[9:])

    assert load.poll().at_s == 2.0


def test_a_load_that_dies_is_named_with_its_log(tmp_path: Path) -> None:
    """Ended is fine, dead is not."""
    load = Load(tmp_path, lambda: False, tmp_path / "locust.log")
    append(tmp_path, line("running", 3.0))

    with pytest.raises(BrokenOff, match=r"ended in the state 'running'; .*locust\.log says why"):
        load.poll()
    append(tmp_path, line("finished", 4.0))
    assert load.poll().state == "finished"


def test_waiting_for_the_pool(tmp_path: Path, load: Load) -> None:
    """Ready ends the wait; a pool that never stands is given up, and so are workers that never come."""
    append(tmp_path, line("waiting"), line("ready"))
    seen: list[str] = []
    load.wait_ready(look=lambda news: seen.extend(progress.state for progress in news))
    assert seen == ["waiting", "ready"]

    append(tmp_path, line("starting"))
    with pytest.raises(RehearsalError, match="did not stand within 0 s"):
        load.wait_ready(0.0)
    append(
        tmp_path, msgspec.json.encode(Progress(state="waiting", note="1 of 3 workers have come: a.")) + b"\n"
    )
    with pytest.raises(RehearsalError, match="Within 0 s only this was reached: 1 of 3 workers have come: a"):
        load.wait_ready(0.0)


@pytest.mark.parametrize(
    ("states", "kind"),
    [(["ready", "failed"], RehearsalError), (["running", "failed"], BrokenOff)],
    ids=["before the run", "in the midst of it"],
)
def test_a_master_that_gives_up_says_why(
    tmp_path: Path, load: Load, states: list[str], kind: type[RehearsalError]
) -> None:
    """Its sentence is the error; before the run it is started again, in the midst it is INVALID."""
    for state in states:
        progress = Progress(state=state, note="All 2 workers are lost: its process ended.")
        append(tmp_path, msgspec.json.encode(progress) + b"\n")

    with pytest.raises(RehearsalError, match=r"All 2 workers are lost: its process ended\. The logs") as told:
        load.poll()
    assert type(told.value) is kind


def test_what_became_of_workers_is_read_if_there_is_a_master(tmp_path: Path, load: Load) -> None:
    """A single process has nobody who writes of it."""
    assert load.workers() == ()
    folder.write_json(tmp_path / WORKERS, (WorkerRecord(worker=0, lost="killed"),))

    assert load.workers() == (WorkerRecord(worker=0, lost="killed"),)


def test_a_master_is_found_by_the_port_it_writes(tmp_path: Path) -> None:
    """Workers are told where it listens; each is told its stripe, its folder, or neither."""
    assert driver.port_of(tmp_path) is None
    folder.write_json(tmp_path / MASTER, Port(port=6001))
    write_fleet(tmp_path, FleetOrder(workers=3, sha256="f00d", end_ns=9))

    assert driver.port_of(tmp_path) == 6001
    assert folder.read_json(tmp_path / FLEET, FleetOrder).workers == 3
    assert driver.master_command(tmp_path)[-2:] == ["scenarios.fleet.master", str(tmp_path)]
    away = driver.worker_command("box", 6001, within_s=9)
    own = driver.own_worker_command(tmp_path, "box", 6001, 2)
    assert away[-6:] == ["--host", "box", "--port", "6001", "--within", "9"]
    assert own[-4:] == ["--worker", "2", "--run", str(tmp_path)]


def test_order_and_origin_are_files(tmp_path: Path, load: Load) -> None:
    """The load process learns everything from the run's folder."""
    order = LoadOrder(
        adapter="a:B",
        endpoints=Endpoints(url="http://x"),
        basis=Basis(sale_sku="f", limit_per_shopper=2, think_s=0.1),
        seed=1,
        pool=9,
    )
    write_order(tmp_path, order)
    load.release(77)

    assert folder.read_json(tmp_path / LOAD_ORDER, LoadOrder) == order
    assert folder.read_json(tmp_path / ORIGIN, Origin).origin_ns == 77
    assert command(tmp_path, order)[-2:] == ["--rehearsal-run", str(tmp_path)]
    assert command(tmp_path, order)[command(tmp_path, order).index("--users") + 1] == "9"


def test_the_locustfile_is_where_the_command_says() -> None:
    """A moved file would start nothing."""
    assert driver.LOCUSTFILE.exists()
