"""The drills, walked by the nemesis over a real Toxiproxy, real processes and a small real provider."""

import json
import sys
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from chaos.canary import answered
from chaos.catalogue import drills_of
from chaos.nemesis import Course, walk
from chaos.process_table import ProcessTable
from chaos.toxiproxy import Toxiproxy
from chaos.world import PAYMENT_LISTENERS, Region, World
from rehearsal import process
from rehearsal.model.clock import SystemClock
from rehearsal.model.errors import Stopped
from rehearsal.model.history import Row
from rehearsal.model.plan import Fault, FaultKind
from rehearsal.model.timeline import PlacedFault, Window

pytestmark = pytest.mark.integration

#: One of each sort: closed listeners, a toxic with cents as canaries, and a process that dies.
KINDS = (FaultKind.PAYMENT_UNREACHABLE, FaultKind.ANSWER_LOST_AFTER_CAPTURE, FaultKind.REGION_KILLED)

REGION = """
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
class Health(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200); self.send_header("Content-Length", "0"); self.end_headers()
ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Health).serve_forever()
"""


class Provider(ThreadingHTTPServer):
    """A payment provider, and a director that believes in region a."""

    request_queue_size = 128
    daemon_threads = True

    def __init__(self) -> None:
        """Listen on any loopback port."""
        super().__init__(("127.0.0.1", 0), Answer)
        self.ledger: list[dict[str, Any]] = []

    def handle_error(self, *_: object) -> None:
        """Keep quiet about clients that are cut off: that is what drills do."""

    @property
    def address(self) -> str:
        """Return host:port."""
        return f"127.0.0.1:{self.server_address[1]}"


class Answer(BaseHTTPRequestHandler):
    """Answers as the provider and the director do."""

    server: Provider
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """Answer a reading."""
        self._send({"entries": self.server.ledger, "regions": [{"name": "a", "healthy": True}]})

    def do_POST(self) -> None:
        """Write the ledger."""
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        order_id = body.get("order_id") or body["payment_id"]
        self.server.ledger.append({"kind": self.path[1:], "order_id": order_id})
        self._send({"payment_id": order_id})

    def log_message(self, *_: object) -> None:
        """Keep quiet."""

    def _send(self, body: object) -> None:
        content = json.dumps(body).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


@pytest.fixture
def provider() -> Iterator[Provider]:
    """Return a running provider."""
    with Provider() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def world(
    toxiproxy: Toxiproxy,
    provider: Provider,
    table: ProcessTable,
    free_port: Callable[[], int],
    tmp_path: Path,
) -> World:
    """Return a shop of one region whose every way passes through a listener."""
    port = free_port()
    table.start("region_a", [sys.executable, "-c", REGION, str(port)], log=tmp_path / "a.log")
    upstreams = dict.fromkeys(PAYMENT_LISTENERS, provider.address)
    upstreams |= dict.fromkeys(("edge_a", "callback_a"), f"127.0.0.1:{port}")
    states = {
        name: toxiproxy.create(name, listen="127.0.0.1:0", upstream=upstream)
        for name, upstream in upstreams.items()
    }
    shop = f"http://{provider.address}"
    region = Region(f"http://127.0.0.1:{port}", ("region_a",))
    world = World(
        run_id=table.run_id,
        provider_url=shop,
        director_url=shop,
        regions={"a": region},
        listeners={name: state.url for name, state in states.items()},
        toxiproxy=toxiproxy,
        processes=table,
    )
    up = process.wait_until(lambda: answered(world.http, "a", region.url).proven, timeout_s=10)
    assert up
    return world


def walked(world: World, kind: FaultKind, *, stop: bool = False) -> list[Row]:
    """Walk one fault that is held not at all, or stopped while it is held; return its rows."""
    clock, rows = SystemClock(), list[Row]()
    fault = Fault(kind=kind, phase="p", hold_s=1.0, recover_within_s=1.0)
    placed = [PlacedFault(fault, Window(0, 1))]
    origin_ns = clock.now_ns()

    def wait(instant_ns: int) -> None:
        if stop and rows:
            raise Stopped("stopped")
        clock.sleep_until_ns(instant_ns)

    drills = drills_of(placed, world)
    walk(placed, drills, Course(clock=clock, origin_ns=origin_ns, wait=wait, record=rows.append))
    return rows


@pytest.mark.parametrize("kind", KINDS)
def test_drill(
    world: World, toxiproxy: Toxiproxy, provider: Provider, table: ProcessTable, kind: FaultKind
) -> None:
    """Every fault of a plan takes effect, is healed, and both are proven; the cents are given back."""
    rows = walked(world, kind)

    assert [(row.note.partition(":")[0], row.outcome) for row in rows] == [
        ("inject", "ok"),
        ("effect", "ok"),
        ("felt", "info"),
        ("heal", "ok"),
        ("healed", "ok"),
    ]
    assert all(state.clean for state in toxiproxy.states().values())
    assert table.alive("region_a")
    kinds = [entry["kind"] for entry in provider.ledger]
    assert kinds.count("capture") == kinds.count("refund") == kinds.count("authorize")
    assert bool(kinds) == (kind is FaultKind.ANSWER_LOST_AFTER_CAPTURE)


@pytest.mark.parametrize("kind", KINDS)
def test_stopped_drill(world: World, toxiproxy: Toxiproxy, table: ProcessTable, kind: FaultKind) -> None:
    """A stop while the fault is held leaves no toxic, no closed listener and no missing process."""
    with pytest.raises(Stopped):
        walked(world, kind, stop=True)

    assert all(state.clean for state in toxiproxy.states().values())
    assert table.alive("region_a")
