from pathlib import Path

import msgspec
import pytest

from rehearsal.model.errors import BrokenOff, RehearsalError
from rehearsal.rundir import folder
from scenarios import driver
from scenarios.driver import Load, command, write_order
from scenarios.load_order import LOAD_ORDER, ORIGIN, PROGRESS, LoadOrder, Origin, Progress
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


def test_waiting_for_the_pool(tmp_path: Path, load: Load, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ready ends the wait; a pool that never stands is given up."""
    append(tmp_path, line("ready"))
    load.wait_ready()

    append(tmp_path, line("starting"))
    monkeypatch.setattr(driver, "_READY_S", 0.0)
    with pytest.raises(RehearsalError, match="did not stand within 0 s"):
        load.wait_ready()


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
