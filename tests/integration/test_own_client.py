"""A load process whose adapter brings a client of its own, over real sockets."""

import os
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import msgspec
import pytest

from chaos.process_table import ProcessTable
from rehearsal.model.clock import SystemClock, nanoseconds
from rehearsal.model.history import Kind, Row
from rehearsal.model.plan import VisitKind
from rehearsal.process import wait_until
from rehearsal.rundir import folder
from rehearsal.rundir.ndjson import blocks
from scenarios import driver
from scenarios.load_order import LoadOrder
from scenarios.schedule import KINDS, Schedule
from scenarios.storefront import Endpoints
from scenarios.visit import Basis

pytestmark = pytest.mark.integration

ROOT = Path(__file__).parents[2]
ADAPTER = """
import requests
from scenarios.storefront import Answer, Storefront

class Theirs(Storefront):
    catalogue = ("p1",)

    @classmethod
    def connect(cls, bounds):
        session = requests.Session()
        session.trust_env = False

        def send(method, url, headers, body, timeout_s):
            url = url.replace("%s/away", "http://198.51.100.1/away")
            answer = session.request(method, url, data=body, headers=headers, timeout=timeout_s)
            return answer.status_code, answer.headers, answer.content

        return send

    def view(self, sku):
        page = self.web.get("/away" if self.shopper.endswith("0") else "/p1")
        return self.told(page)
"""
VISITS = 8


class Together(ThreadingHTTPServer):
    """A shop that answers nobody before two are there at once; `marks` are what requests were marked by."""

    daemon_threads = True

    def __init__(self) -> None:
        """Listen on a free port."""
        super().__init__(("127.0.0.1", 0), Page)
        self.marks: list[str | None] = []
        self.two = threading.Event()
        self.url = f"http://127.0.0.1:{self.server_port}"


class Page(BaseHTTPRequestHandler):
    """One connection."""

    server: Together

    def do_GET(self) -> None:
        """Wait for another, and answer."""
        self.server.marks.append(self.headers["X-Rehearsal"])
        if len(self.server.marks) > 1:
            self.server.two.set()
        self.send_response(200 if self.server.two.wait(60) else 500)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


def rows_of(run: Path) -> list[Row]:
    """Return what the load process wrote."""
    lines = b"".join(blocks(run / folder.load_log(0))).splitlines()
    return [msgspec.json.decode(line, type=Row) for line in lines]


@pytest.fixture
def shop() -> Iterator[Together]:
    """Return a shop that serves."""
    server = Together()
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def test_a_client_of_the_adapter_s_own_is_load_as_any_other(
    tmp_path: Path, table: ProcessTable, shop: Together
) -> None:
    """Blocking as it is, shoppers ask at the same time; every request is marked; none leaves this machine."""
    (tmp_path / "theirs.py").write_text(ADAPTER % shop.url)
    order = LoadOrder(
        adapter="theirs:Theirs",
        endpoints=Endpoints(url=shop.url),
        basis=Basis(sale_sku="flash", limit_per_shopper=1, think_s=0.0),
        seed=1,
        pool=VISITS,
        run=tmp_path.name,
        headers={"X-Rehearsal": tmp_path.name},
        phases=(("normal", 0),),
    )
    due_ns = tuple(range(VISITS))
    kinds = (KINDS.index(VisitKind.BROWSE),) * VISITS
    schedule = Schedule(schema=1, seed=1, sha256="", planned={"normal": VISITS}, due_ns=due_ns, kind=kinds)
    folder.write_json(tmp_path / folder.SCHEDULE, schedule)
    driver.write_order(tmp_path, order)
    log = tmp_path / "locust.log"
    path = os.pathsep.join((str(ROOT), str(tmp_path)))
    table.start("locust", driver.command(tmp_path, order), log=log, env={"PYTHONPATH": path})
    load = driver.Load(tmp_path, lambda: table.alive("locust"), log)
    load.wait_ready(300.0)
    load.release(SystemClock.now_ns() + nanoseconds(0.3))
    assert wait_until(lambda: load.poll().state == "finished", timeout_s=200)
    rows = [row for row in rows_of(tmp_path) if row.kind is Kind.OP]

    assert {(row.outcome, row.error) for row in rows} == {("ok", ""), ("fail", "not_allowed")}, (
        log.read_text()
    )
    assert {tmp_path.name} == set(shop.marks)
    assert len(shop.marks) + sum(row.error == "not_allowed" for row in rows) == len(rows)
