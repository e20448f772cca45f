"""A load process of a stranger's users as a process, led through a run's folder, against a small server."""

import subprocess
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import polars as pl
import pytest

from rehearsal.model.clock import NS_PER_S
from rehearsal.process import wait_until
from rehearsal.rundir import folder
from rehearsal.rundir.history_file import read_log
from scenarios.driver import Load, command, write_order
from scenarios.load_order import LoadOrder
from scenarios.schedule import Schedule
from scenarios.storefront import Endpoints
from scenarios.strangers.closed import LAST_TASKS_S, sha256_of
from scenarios.visit import Basis

pytestmark = pytest.mark.integration

ROOT = Path(__file__).parents[2]
THEIRS = """
import gevent
import locust
from locust import FastHttpUser, HttpUser, constant, events, task
from scenarios import users
from scenarios.arrival import constant as rate

@events.request.add_listener
def count(request_type, name, **_):
    print("heard", name, flush=True)

class Plain(HttpUser):
    wait_time = constant(0.1)
    @task
    def look(self):
        self.client.get("/plain")

class Ours(users.HttpUser):
    wait_time = constant(0.1)
    @task
    def look(self):
        self.client.get("/ours")

class Clumsy(FastHttpUser):
    wait_time = constant(0.5)
    @task
    def look(self):
        self.client.get("/fail")
        raise KeyError("url")

class Abroad(FastHttpUser):
    wait_time = constant(0.5)
    @task
    def look(self):
        self.client.get("http://198.51.100.1/")

class Stuck(locust.User):
    @task
    def wait_for_ever(self):
        while True:
            gevent.sleep(60)

class Buyer(users.OpenModel, FastHttpUser):
    arrivals = rate(20.0, 60.0)
    @task
    def look(self):
        self.client.get("/bought")
        self.client.get("/paid")
"""


class _Shop(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        status = 500 if self.path == "/fail" else 200
        self.send_response(status)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        """Say nothing."""


@pytest.fixture(scope="module")
def shop() -> Iterator[str]:
    """Return the address of a server that answers at once."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Shop)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def served(shop: str, tmp_path_factory: pytest.TempPathFactory) -> tuple[pl.DataFrame, str]:
    """Serve two seconds of twelve users once; return the history and the log."""
    run = tmp_path_factory.mktemp("run")
    theirs = run / "theirs.py"
    theirs.write_text(THEIRS)
    order = LoadOrder(
        adapter="scenarios.mock_storefront:MockStorefront",
        endpoints=Endpoints(url=shop),
        basis=Basis(sale_sku="flash", limit_per_shopper=2, think_s=0.0),
        seed=1,
        pool=1,
        phases=(("first", 0), ("second", NS_PER_S)),
        locustfile=str(theirs),
        locustfile_sha256=sha256_of(theirs),
    )
    write_order(run, order)
    users = ((0, 12), (NS_PER_S, 12), (2 * NS_PER_S, 0))
    schedule = Schedule(schema=1, seed=1, sha256="", planned={}, due_ns=(), kind=(), users=users)
    folder.write_json(run / folder.SCHEDULE, schedule)
    log = run / "log.txt"
    with log.open("wb") as out:
        argv = command(run, order)
        process = subprocess.Popen(argv, cwd=ROOT, stdout=out, stderr=subprocess.STDOUT)
    try:
        load = Load(run, lambda: process.poll() is None, log)
        load.wait_ready(300.0)
        load.release(time.monotonic_ns() + NS_PER_S // 2)
        assert wait_until(lambda: load.poll().state == "finished", timeout_s=300)
        assert process.wait(timeout=100) == 0, log.read_text()
    finally:
        process.kill()
        process.wait()
    return read_log(run / folder.load_log(0)), log.read_text()


def of(history: pl.DataFrame, kind: str, f: str = "") -> pl.DataFrame:
    """Return the rows of a kind, and of a path if one is named."""
    rows = history.filter(pl.col("kind") == kind)
    return rows.filter(pl.col("f") == f) if f else rows


def test_requests_of_every_client_are_rows(served: tuple[pl.DataFrame, str]) -> None:
    """Locust's two clients and ours; each due when it was sent, within the run."""
    history, _ = served
    for path in ("GET /plain", "GET /ours"):
        rows = of(history, "op", path)
        assert rows.height > 2, path
        assert (rows["due_ns"] == rows["sent_ns"]).all(), path
        assert rows["sent_ns"].is_between(0, (2.0 + LAST_TASKS_S) * NS_PER_S).all(), path
        assert set(rows["outcome"]) == {"ok"}, path
    assert set(of(history, "op", "GET /fail").select("outcome", "error", "status").rows()) == {
        ("info", "http_500", 500)
    }


def test_a_forbidden_host_is_never_reached(served: tuple[pl.DataFrame, str]) -> None:
    """The file's own client is refused the connection, and the history says why."""
    errors = of(served[0], "op").filter(pl.col("f").str.contains("198.51.100.1"))["error"]

    assert errors.len() > 0
    assert set(errors) == {"not_allowed"}


def test_a_class_with_a_schedule_keeps_it(served: tuple[pl.DataFrame, str]) -> None:
    """Planned = started + dropped; the first request of an arrival is due when the arrival was."""
    history, _ = served
    planned = of(history, "planned", "Buyer")["qty"].sum()
    visits, drops = of(history, "visit", "Buyer"), of(history, "drop")
    first, second = of(history, "op", "GET /bought"), of(history, "op", "GET /paid")

    assert 10 <= planned <= 40
    assert planned == visits.height + drops.height
    assert set(first["visit"]) >= set(visits["visit"])
    assert set(
        first.join(visits, on="visit", suffix="_visit")
        .select(pl.col("due_ns") - pl.col("due_ns_visit"))
        .to_series()
    ) == {0}
    assert (first["due_ns"] < first["sent_ns"]).all()
    assert (second["due_ns"] == second["sent_ns"]).all()


def test_exceptions_and_users_who_never_end_are_told(served: tuple[pl.DataFrame, str]) -> None:
    """Each task that broke off is a row with its reason; who hangs is cut off and counted."""
    history, _ = served

    assert "KeyError: 'url'" in set(of(history, "users", "error")["note"])
    assert of(history, "users", "unfinished")["qty"].to_list() == [2]


def test_users_are_counted_and_the_process_watched(served: tuple[pl.DataFrame, str]) -> None:
    """Twelve of twelve in the middle of each second; processor and stalls each second."""
    history, _ = served
    counted = of(history, "users", "running").filter(pl.col("sent_ns") < 2 * NS_PER_S)

    assert set(counted.select("qty", "value").rows()) == {(12, 12.0)}
    assert {"stall_ms", "load_cpu"} == set(of(history, "health")["f"])


def test_locusts_statistics_and_listeners_hear_of_each_request_once(served: tuple[pl.DataFrame, str]) -> None:
    """The file's own listeners are told, of our client's requests too, and Locust's table is whole."""
    history, log = served
    for name in ("/plain", "/ours", "/bought"):
        count = of(history, "op", f"GET {name}").height
        table = [line.split() for line in log.splitlines() if line.startswith("GET ") and f" {name} " in line]

        assert log.count(f"heard {name}\n") == count, name
        assert int(table[0][2]) == count, name
