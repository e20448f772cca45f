"""Several load processes for one drill: real masters and workers of Locust's, and a small shop."""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import polars as pl
import pytest

from rehearsal import process

pytestmark = pytest.mark.integration

ROOT = Path(__file__).parents[2]
ADAPTER = '''
from scenarios.storefront import Answer, Storefront, answer_of

class Tiny(Storefront):
    """A shop with one page."""

    catalogue = ("p1",)

    def view(self, sku):
        """Look at it."""
        return answer_of(self.http.request("GET", f"{self.endpoints.url}/products/{sku}"))[0]
'''
PLAN = """
name = "tiny"
seed = 5

[target]
shop = "url"
url = "URL"
adapter = "tiny_shop:Tiny"

[traffic]
normal_per_s = 50.0
multiplier = 2.0
pool = 30
think_s = 0.1
mix = { browse = 1.0, cart = 0.0, flash_sale = 0.0 }

[forecast]
peak_per_s = 50.0

[sale]
opens_with = "burst"

[[phases]]
name = "normal"
kind = "normal"
duration_s = 1.0
rate = 1.0

[[phases]]
name = "burst"
kind = "burst"
duration_s = SECONDS
rate = 2.0

[slo.normal]
p95_ms = 1000.0
p99_ms = 2000.0
goodput = 0.5
payment_success = 0.5

[slo.burst]
p95_ms = 1000.0
p99_ms = 2000.0
goodput = 0.5
payment_success = 0.5
"""


class Page(BaseHTTPRequestHandler):
    """The shop's only page."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """Show the product."""
        body = b'{"sku": "p1"}'
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is the base class's
        """Say nothing."""


@pytest.fixture(scope="module")
def shop() -> Iterator[str]:
    """Give the address of a shop."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Page)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


class Drill:
    """A drill as a person starts it, in a home and a folder of its own."""

    def __init__(self, tmp_path: Path, shop: str) -> None:
        self.folder = tmp_path
        kept = {name: value for name, value in os.environ.items() if not name.startswith("XDG_")}
        self.environment = {**kept, "HOME": str(tmp_path), "PYTHONPATH": str(ROOT)}
        self.shop = shop
        (tmp_path / "tiny_shop.py").write_text(ADAPTER)
        self.started: list[subprocess.Popen[str]] = []

    def rehearse(self, *arguments: str, cwd: Path | None = None) -> subprocess.Popen[str]:
        """Start `rehearse` with its outputs piped."""
        running = subprocess.Popen(
            [sys.executable, "-m", "rehearsal.cli", *arguments],
            env=self.environment,
            cwd=cwd or self.folder,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        self.started.append(running)
        return running

    def drill(self, *options: str, seconds: float = 2.0) -> subprocess.Popen[str]:
        """Start the drill."""
        text = PLAN.replace("URL", self.shop).replace("SECONDS", f"{seconds}")
        (self.folder / "tiny.toml").write_text(text)
        return self.rehearse("drill", "tiny.toml", *options)

    @property
    def run(self) -> Path:
        """Return the newest run's folder."""
        return (self.folder / "runs" / "latest").resolve()

    def running(self) -> bool:
        """Tell whether the load has begun."""
        return (self.run / "origin.json").exists()

    def pids(self, word: str) -> list[int]:
        """Return the processes of the run whose command line holds a word."""
        return [found.pid for found in process.marked(self.run.name) if word in " ".join(found.cmdline())]

    def ledger(self) -> dict[str, int]:
        """Return how many visits were planned, started, and dropped by cause; each visit counted once."""
        history = pl.read_parquet(self.run / "history.parquet").filter(
            pl.col("kind").is_in(["visit", "drop"])
        )
        assert history["visit"].is_unique().all()
        planned = json.loads((self.run / "schedule.json").read_text())["planned"]
        causes = pl.when(pl.col("kind") == "visit").then(pl.lit("started")).otherwise(pl.col("f"))
        counts = dict(history.group_by(causes.alias("cause")).len().iter_rows())
        return {"planned": sum(planned.values()), **counts}

    def findings(self) -> dict[str, str]:
        """Return the sentences of the findings that tell of the load, by check."""
        findings = json.loads((self.run / "findings.json").read_text())
        return {finding["check"]: f"{finding['status']} {finding['summary']}" for finding in findings}

    def workers(self) -> list[dict[str, object]]:
        """Return the load processes that run.json keeps."""
        return list(json.loads((self.run / "run.json").read_text())["workers"])


@pytest.fixture
def place(tmp_path: Path, shop: str) -> Iterator[Drill]:
    """Give a drill that is surely over afterwards."""
    drill = Drill(tmp_path, shop)
    yield drill
    for running in drill.started:
        running.kill()
        running.communicate()
    if drill.run.exists():
        for stray in process.marked(drill.run.name):
            stray.kill()


def over(running: subprocess.Popen[str]) -> tuple[int, str, str]:
    """Wait for the end of a process and return its exit code, output and errors."""
    out, errors = running.communicate(timeout=60)
    return running.returncode, out, errors


@pytest.mark.parametrize("workers", [1, 2, 7])
def test_the_ledger_is_exact_on_any_number_of_workers(place: Drill, workers: int) -> None:
    """Every planned visit was started or dropped, once, by the worker whose stripe it lies in."""
    _, _, errors = over(place.drill("--workers", str(workers)))
    ledger = place.ledger()

    assert ledger["planned"] == sum(ledger.values()) - ledger["planned"] == 250, errors
    assert place.findings()["ledger.balance"].startswith("PASS")
    assert [record["lost"] for record in place.workers()] == [""] * workers
    for worker in range(workers):
        lines = (place.run / f"history.load.{worker}.ndjson").read_text().splitlines()
        visits = {row["visit"] for row in map(json.loads, lines)}
        assert visits == set(range(worker, 250, workers))
    assert process.marked(place.run.name) == []
