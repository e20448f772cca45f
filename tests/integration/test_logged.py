"""An access log as the load of a whole drill: two load processes, a shop of the test's own, a fault."""

import json
import os
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import polars as pl
import pytest

pytestmark = pytest.mark.integration

ROOT = Path(__file__).parents[2]
PLAN = """
name = "theirs"
seed = 3
[target]
shop = "url"
url = "http://127.0.0.1:{port}"
[traffic]
log = "access.log"
normal_per_s = 20.0
multiplier = 5.0
pool = 40
[[phases]]
name = "normal"
kind = "normal"
duration_s = 1.0
rate = 1.0
[[phases]]
name = "broken"
kind = "fault"
duration_s = 2.0
rate = 1.0
[[faults]]
kind = "command"
phase = "broken"
after_s = 0.2
hold_s = 0.8
recover_within_s = 1.0
[faults.command]
inject = "touch {broken}"
undo = "rm -f {broken}"
prove = "test -e {broken}"
prove_healed = "test ! -e {broken}"
[slo.normal]
p95_ms = 4000.0
p99_ms = 8000.0
goodput = 0.9
[slo.fault]
p95_ms = 4000.0
p99_ms = 8000.0
goodput = 0.1
"""


class Shop(ThreadingHTTPServer):
    """Answers each page, with 503 while the file `broken` is there; counts what it was asked, and by whom."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, broken: Path) -> None:
        """Listen on a port of its own."""
        super().__init__(("127.0.0.1", 0), Page)
        self.broken = broken
        self.asked: Counter[str] = Counter()
        self.marks: set[str] = set()


class Page(BaseHTTPRequestHandler):
    """One page."""

    protocol_version = "HTTP/1.1"
    server: Shop

    def do_GET(self) -> None:
        """Answer."""
        self.server.asked[self.path] += 1
        self.server.marks.add(self.headers.get("X-Rehearsal", ""))
        body = b"<html>a page</html>"
        self.send_response(503 if self.server.broken.exists() else 200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    """Return a shop that runs."""
    with Shop(tmp_path / "broken") as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


def line(session: int, at_s: float, path: str, method: str = "GET") -> str:
    """Return a line of the log."""
    asked = {"request_method": method, "request_uri": path, "status": 200, "session_id": f"v{session}"}
    return json.dumps({"msec": f"{1_794_300_000 + at_s:.3f}", **asked})


def test_a_log_is_rehearsed(shop: Shop, tmp_path: Path) -> None:
    """Visits are the log's sessions, whichever process plays them; the fault bites, heals and is judged.

    Nothing can be GO: nobody bought. INVALID says that the machine was busy, and nothing of the harness.
    """
    lines = [line(n, 3.7 * n, "/") for n in range(150)]
    lines += [line(n, 3.7 * n + 0.1, f"/p/{n}") for n in range(150)]
    lines += [line(n, 3.7 * n + 0.2, "/orders", "POST") for n in range(150)]
    (tmp_path / "access.log").write_text("\n".join(lines))
    plan = tmp_path / "plan.toml"
    plan.write_text(PLAN.format(port=shop.server_port, broken=shop.broken))
    kept = {name: value for name, value in os.environ.items() if not name.startswith("XDG_")}
    options = ("--workers", "2", "--json", "--out", str(tmp_path / "runs"))
    done = subprocess.run(
        [sys.executable, "-m", "rehearsal.cli", "drill", str(plan), *options],
        cwd=ROOT,
        env={**kept, "HOME": str(tmp_path)},
        text=True,
        capture_output=True,
        timeout=300,
        check=False,
    )
    run = tmp_path / "runs" / "latest"
    assert done.returncode in {3, 4}, done.stderr + done.stdout

    history = pl.read_parquet(run / "history.parquet")
    ops = history.filter(pl.col("kind") == "op")
    assert set(ops["f"]) == {"GET /", "GET /p/{n}"}
    assert set(history.filter(pl.col("kind") == "visit")["f"]) == {"logged"}
    first, second = (ops.filter(pl.col("f") == f).sort("visit") for f in ("GET /", "GET /p/{n}"))
    both = first.join(second, on="visit")
    assert both.height > 45
    assert (both["due_ns_right"] - both["due_ns"] >= 100_000_000).all()
    assert "/orders" not in shop.asked
    assert run.resolve().name in shop.marks
    record = json.loads((run / "run.json").read_text())["log"]
    assert (record["sessions"], record["left_out"]) == (150, {"requests of other methods (POST)": 150})

    states = {each["check"]: each["status"] for each in json.loads((run / "findings.json").read_text())}
    assert states["fault.command.effect"] == states["fault.command.healed"] == "PASS"
    assert states["ledger.balance"] == states["history.histograms"] == "PASS"
    assert states["invariant.I20.no_lost_order"] == "INCONCLUSIVE"
    assert "run.readings" not in states
    assert "slo.payment_success" not in states
    assert "The load was the sessions of access.log" in (run / "report.html").read_text()
