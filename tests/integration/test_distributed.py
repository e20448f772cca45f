"""Several load processes for one drill: real masters and workers of Locust's, and a small shop."""

import json
import os
import signal
import threading
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest

from capacity.workers import CLOCK_LIMIT_MS
from rehearsal import process
from rehearsal.model.clock import NS_PER_MS, NS_PER_S
from rehearsal.model.errors import EXIT_INVALID, EXIT_STOPPED, EXIT_USAGE
from rehearsal.process import wait_until
from tests.integration.crew import (
    ADAPTER,
    ROOT,
    Drill,
    Page,
    Server,
    clear,
    far_away,
    over,
    progress,
)
from tests.integration.quiet_ports import free_port

pytestmark = pytest.mark.integration


@pytest.fixture(scope="module")
def shop() -> Iterator[str]:
    """Give the address of a shop."""
    server = Server(("127.0.0.1", 0), Page)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


@pytest.fixture
def place(tmp_path: Path, shop: str) -> Iterator[Drill]:
    """Give a drill that is surely over afterwards."""
    drill = Drill(tmp_path, shop)
    yield drill
    clear(drill)


@pytest.fixture(scope="module")
def crews(tmp_path_factory: pytest.TempPathFactory, shop: str) -> Iterator[dict[int, Drill]]:
    """Give drills of 1, 2 and 7 workers that run at the same time: an exact ledger needs no quiet machine."""
    drills = {workers: Drill(tmp_path_factory.mktemp("crew"), shop) for workers in (1, 2, 7)}
    for workers, drill in drills.items():
        # Each with a seed of its own, and so a run's name of its own.
        drill.drill("--workers", str(workers), "--seed", str(workers))
    yield drills
    for drill in drills.values():
        clear(drill)


@pytest.mark.parametrize("workers", [1, 2, 7])
def test_the_ledger_is_exact_on_any_number_of_workers(crews: dict[int, Drill], workers: int) -> None:
    """Every planned visit was started or dropped, once, by the worker whose stripe it lies in."""
    place = crews[workers]
    _, _, errors = over(place.started[0])
    ledger = place.ledger()

    assert ledger["planned"] == sum(ledger.values()) - ledger["planned"] == 150, errors
    assert place.findings()["ledger.balance"].startswith("PASS")
    assert Page.marks[place.run.name] >= ledger["started"], "each visit looks at a page at least"
    assert None not in Page.marks
    assert [record["lost"] for record in place.workers()] == [""] * workers
    for worker in range(workers):
        lines = (place.run / f"history.load.{worker}.ndjson").read_text().splitlines()
        visits = {row["visit"] for row in map(json.loads, lines)}
        assert visits == set(range(worker, 150, workers))
    assert process.marked(place.run.name) == []


def test_a_worker_killed_in_the_midst_leaves_an_exact_ledger(place: Drill) -> None:
    """The run goes on; what the dead one had still to do is aborted, and the phase is INVALID, by name."""
    drill = place.drill("--workers", "2", seconds=4.0)
    assert wait_until(lambda: place.running() and progress(place).at_s > 1.2, timeout_s=200)
    (victim,) = place.pids("--worker 1")
    os.kill(victim, signal.SIGKILL)
    code, _, errors = over(drill)
    ledger, findings = place.ledger(), place.findings()

    assert code == EXIT_INVALID, errors
    assert ledger["planned"] == sum(ledger.values()) - ledger["planned"] == 450
    assert 0 < ledger["aborted"] < 225
    assert findings["ledger.balance"].startswith("PASS")
    assert findings["generator.aborted"].startswith("INVALID Burst: ")
    assert "worker 1 of 2 was lost at " in findings["generator.aborted"]
    assert "its process ended (killed by SIGKILL)" in findings["generator.aborted"]
    assert [bool(record["lost"]) for record in place.workers()] == [False, True]
    assert process.marked(place.run.name) == []


def test_workers_from_elsewhere_send_their_histories(place: Drill) -> None:
    """No folder is shared; a clock that is not the drill's is measured, and found to be what it is."""
    port = free_port()
    drill = place.drill("--expect-workers", "2", "--bind", f"127.0.0.1:{port}")
    far, ahead_ns = far_away("127.0.0.1", port)
    elsewhere = place.folder / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "tiny_shop.py").write_text(ADAPTER)
    near = place.rehearse("worker", "--master", f"127.0.0.1:{port}", cwd=elsewhere)
    other = place.process(far, cwd=elsewhere)
    _, _, errors = over(drill)
    ends = [over(worker) for worker in (near, other)]
    findings = place.findings()

    assert place.ledger()["planned"] == sum(place.ledger().values()) // 2 == 150, errors
    assert findings["ledger.balance"].startswith("PASS")
    assert findings["generator.histories"].startswith("PASS")
    (measured,) = [record for record in place.workers() if not record["here"]]
    assert abs(measured["offset_ns"] - ahead_ns) <= measured["uncertainty_ns"]
    # Where the machine is busy the clock is known less well, which is said; never so badly as it is off.
    known = measured["uncertainty_ns"] <= CLOCK_LIMIT_MS * NS_PER_MS
    told = "PASS The clocks of 1 load processes elsewhere" if known else "INVALID The clock of worker"
    assert findings["generator.clocks"].startswith(told), findings
    assert measured["uncertainty_ns"] < NS_PER_S
    history = pl.read_parquet(place.run / "history.parquet")
    assert history.filter(pl.col("kind") == "op")["sent_ns"].is_between(0, 10 * NS_PER_S).all()
    kept = (place.run / f"history.load.{measured['worker']}.ndjson").read_text()
    assert '"kind":"health","f":"cpu"' in kept
    assert [code for code, _, _ in ends] == [0, 0], ends
    assert all("has ended; this worker sent its part of it." in said for _, said, _ in ends)
    assert list(elsewhere.glob("**/*.ndjson")) == []


def begun(place: Drill) -> bool:
    """Tell whether the load of a drill has run for half a second."""
    return place.running() and progress(place).at_s > 0.5


@pytest.mark.parametrize(
    ("victims", "words"),
    [
        ("scenarios.fleet.master", "Locust ended in the state 'running'; "),
        ("scenarios.fleet.worker", "All 2 workers are lost: its process ended."),
    ],
    ids=["the master", "all workers"],
)
def test_a_load_that_dies_as_a_whole_ends_the_run(place: Drill, victims: str, words: str) -> None:
    """One sentence, exit code 4, and nothing left running."""
    drill = place.drill("--workers", "2", seconds=60.0)
    assert wait_until(lambda: begun(place), timeout_s=200)
    for pid in place.pids(victims):
        os.kill(pid, signal.SIGKILL)
    code, _, errors = over(drill)

    assert (code, words in errors) == (EXIT_INVALID, True), errors
    assert process.marked(place.run.name) == []


def test_a_worker_that_dies_while_it_stands_up_ends_the_drill(place: Drill) -> None:
    """Nothing has been sent yet, so the sentence asks for no more than another start."""
    drill = place.drill("--workers", "2")
    assert wait_until(lambda: bool(place.pids("--worker 1")), timeout_s=200)
    os.kill(place.pids("--worker 1")[0], signal.SIGKILL)
    code, _, errors = over(drill)

    assert code == EXIT_USAGE, errors
    assert "Worker 1 was lost before the run began" in errors
    assert not place.running()
    assert process.marked(place.run.name) == []


def test_a_stop_while_workers_are_awaited_sends_those_home_that_came(place: Drill) -> None:
    """Ctrl-C at the drill ends it with 5, and each worker with a sentence, as does an adapter it lacks."""
    port = free_port()
    drill = place.drill("--expect-workers", "2", "--bind", f"127.0.0.1:{port}")
    elsewhere = place.folder / "elsewhere"
    elsewhere.mkdir()
    place.environment["PYTHONPATH"] = str(ROOT)
    bare = place.rehearse("worker", "--master", f"127.0.0.1:{port}", cwd=elsewhere)
    code, _, errors = over(bare)
    assert code == EXIT_USAGE
    assert "The adapter tiny_shop:Tiny cannot be loaded" in errors
    # The master's newest word may still be that the first has come: the next count must be the second's.
    assert wait_until(
        lambda: "0 of 2" in (note := progress(place).note) and "cannot serve" in note, timeout_s=40
    )

    waiting = place.rehearse("worker", "--master", f"127.0.0.1:{port}")
    assert wait_until(lambda: "1 of 2 workers have come" in progress(place).note, timeout_s=200)
    drill.send_signal(signal.SIGINT)
    code, _, errors = over(drill)
    assert (code, "Stopped by Ctrl-C" in errors) == (EXIT_STOPPED, True), errors
    assert "cannot serve this drill: The adapter tiny_shop:Tiny cannot be loaded" in errors
    code, _, errors = over(waiting)

    assert (code, "was ended before its last visit" in errors) == (EXIT_STOPPED, True), errors


def test_a_master_that_nobody_leads_any_more_ends_the_load(place: Drill) -> None:
    """A conductor killed outright heals and judges nothing: the load must not go on, and nothing is owed."""
    drill = place.drill("--workers", "2", seconds=60.0)
    assert wait_until(lambda: begun(place), timeout_s=200)
    drill.kill()
    drill.communicate()

    assert wait_until(lambda: process.marked(place.run.name) == [], timeout_s=100)
    # Its supervisor may have healed all there was by then, or heal waits for it, or does it.
    code, _, _ = over(place.rehearse("heal"))
    home = Path(place.environment["HOME"])
    assert (code, list(home.glob(".local/state/rehearsal/leases/*.json"))) == (0, [])
