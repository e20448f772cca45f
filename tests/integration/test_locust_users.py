"""Locust itself, as a process, with the users of `scenarios.users` against a small real server."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import msgspec
import pytest

pytestmark = [pytest.mark.integration, pytest.mark.calm]

CLOSED = """
from locust import constant, task
from scenarios.users import HttpUser

class Buyer(HttpUser):
    wait_time = constant(0)

    @task
    def buy(self):
        assert self.client.get("/p1", name="product").json() == {"path": "/p1"}
        with self.client.post("/fail", json={"a": 1}, catch_response=True) as answer:
            if answer.status_code == 500:
                answer.success()
"""

OPEN = """
from locust import TaskSet, between, task
from scenarios.arrival import constant
from scenarios.users import HttpUser, OpenModel

class Plain(HttpUser):
    abstract = True
    wait_time = between(100, 200)

    def on_start(self):
        self.client.get("/login", name="login")

    @task
    class Nested(TaskSet):
        @task
        def look(self):
            self.client.get("/p1", name="product")

class Buyer(OpenModel, Plain):
    arrivals = constant(40.0, 1.5)
"""

FOREIGN = """
from locust import FastHttpUser, task
from scenarios.arrival import ramp
from scenarios.users import OpenModel

class Buyer(OpenModel, FastHttpUser):
    arrivals = ramp(10.0, 50.0, 1.0)
    seed = 3

    @task
    def look(self):
        self.client.get("/p1", name="product")
"""

LONG = OPEN.replace("constant(40.0, 1.5)", "constant(40.0, 600.0)")


class _Shop(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        self._answer(200)

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self._answer(500)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the library's name
        del format, args

    def _answer(self, status: int) -> None:
        self.server.seen.append(self.path)  # type: ignore[attr-defined]
        body = msgspec.json.encode({"path": self.path})
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        with suppress(OSError):  # the last requests may be cut by Locust's end
            self.wfile.write(body)


@pytest.fixture
def shop() -> Iterator[ThreadingHTTPServer]:
    """Serve from a thread of this process."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Shop)
    server.seen = []  # type: ignore[attr-defined]
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


def begin(folder: Path, shop: ThreadingHTTPServer, source: str, *options: str) -> subprocess.Popen[str]:
    """Start Locust on a file with this content."""
    (folder / "users.py").write_text(source)
    command = [sys.executable, "-m", "locust", "-f", str(folder / "users.py"), "--headless", "--only-summary"]
    command += ["--host", f"http://127.0.0.1:{shop.server_port}", "--exit-code-on-error", "0", *options]
    command += ["--rehearsal-summary", str(folder / "summary.json")]
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    env.pop("LOCUST_SKIP_MONKEY_PATCH", None)
    return subprocess.Popen(
        command, cwd=folder, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )


def finish(folder: Path, process: subprocess.Popen[str]) -> tuple[dict[str, Any], str]:
    """Wait for the end and return the summary and what was printed."""
    told, _ = process.communicate(timeout=300)

    assert process.returncode == 0, told
    return msgspec.json.decode((folder / "summary.json").read_bytes()), told


def test_a_closed_model_reads_as_locusts_own(tmp_path: Path, shop: ThreadingHTTPServer) -> None:
    """The familiar client works in a real process; Locust's own table and our summary agree."""
    process = begin(tmp_path, shop, CLOSED, "-u", "3", "-r", "3", "-t", "1s")
    summary, told = finish(tmp_path, process)
    (total, *_) = [line.split() for line in told.splitlines() if line.split()[:1] == ["Aggregated"]]

    assert "Traceback" not in told
    assert summary["requests"] > 0
    assert total[1:3] == [str(summary["requests"]), "0(0.00%)"]
    assert summary["planned"] == 0


@pytest.mark.parametrize(
    ("source", "planned"),
    [pytest.param(OPEN, 60, id="nested tasks"), pytest.param(FOREIGN, 30, id="foreign")],
)
def test_one_mixin_makes_any_user_open(
    tmp_path: Path, shop: ThreadingHTTPServer, source: str, planned: int
) -> None:
    """Exactly the scheduled visits begin, whatever the user's own wait time, and Locust ends by itself."""
    summary, told = finish(tmp_path, begin(tmp_path, shop, source, "-u", "20", "-r", "20"))
    seen: list[str] = shop.seen  # type: ignore[attr-defined]

    assert "Traceback" not in told
    assert (summary["planned"], summary["started"], summary["dropped"]) == (planned, planned, {})
    assert seen.count("/p1") == planned


@pytest.mark.parametrize("theirs", ["FastHttpUser", "HttpUser"])
def test_requests_of_locusts_own_clients_are_on_both_clocks(
    tmp_path: Path, shop: ThreadingHTTPServer, theirs: str
) -> None:
    """The first request of an arrival was due when the arrival was, though its client does not know it."""
    source = FOREIGN.replace("FastHttpUser", theirs)
    summary, told = finish(tmp_path, begin(tmp_path, shop, source, "-u", "20", "-r", "20"))

    assert "Traceback" not in told
    assert (summary["requests"], summary["failures"]) == (30, 0)
    assert summary["send_lag_ms"]["p50"] > 0
    assert summary["response_ms"]["max"] >= summary["service_ms"]["p50"] > 0


def test_a_stop_counts_what_was_still_to_come(tmp_path: Path, shop: ThreadingHTTPServer) -> None:
    """Ctrl-C in the middle: the rest is dropped as aborted, and the ledger balances."""
    process = begin(tmp_path, shop, LONG, "-u", "5", "-r", "5")
    seen: list[str] = shop.seen  # type: ignore[attr-defined]
    while seen.count("/p1") < 10 and process.poll() is None:
        threading.Event().wait(0.05)
    process.send_signal(signal.SIGINT)
    summary, told = finish(tmp_path, process)

    assert summary["planned"] == 24_000, told
    assert summary["started"] + summary["dropped"]["aborted"] == 24_000
    assert summary["started"] >= 10
