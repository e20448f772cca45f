"""A drill with several load processes as a person starts it, and the small shop it rehearses."""

import json
import os
import shutil
import subprocess
import sys
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar

import msgspec
import polars as pl

from rehearsal import process
from rehearsal.model.clock import NS_PER_S
from scenarios import driver
from scenarios.load_order import PROGRESS, Progress

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
pool = 60
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
    """The shop's only page. `marks` counts requests by the run that they say they belong to."""

    protocol_version = "HTTP/1.1"
    marks: ClassVar[Counter[str | None]] = Counter()

    def do_GET(self) -> None:
        """Show the product."""
        self.marks[self.headers["X-Rehearsal"]] += 1
        body = b'{"sku": "p1"}'
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is the base class's
        """Say nothing."""


class Server(ThreadingHTTPServer):
    """The shop: it takes clients that are killed as they come."""

    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing."""


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
        """Start `rehearse`."""
        return self.process([sys.executable, "-m", "rehearsal.cli", *arguments], cwd=cwd)

    def process(self, argv: list[str], *, cwd: Path | None = None) -> subprocess.Popen[str]:
        """Start a process with its outputs piped."""
        running = subprocess.Popen(
            argv,
            env=self.environment,
            cwd=cwd or self.folder,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        self.started.append(running)
        return running

    def drill(self, *options: str, plan: str = PLAN, seconds: float = 1.0) -> subprocess.Popen[str]:
        """Start the drill."""
        text = plan.replace("URL", self.shop).replace("SECONDS", f"{seconds}")
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

    def workers(self) -> list[dict[str, Any]]:
        """Return the load processes that run.json keeps."""
        return list(json.loads((self.run / "run.json").read_text())["workers"])


def clear(drill: Drill) -> None:
    """End whatever a drill has left running, if a test broke off."""
    for running in drill.started:
        running.kill()
        running.communicate()
    if drill.run.exists():
        for stray in process.marked(drill.run.name):
            stray.kill()


def far_away(host: str, port: int) -> tuple[list[str], int]:
    """Return a worker's command line on another clock, and how far that is ahead.

    An hour ahead where this user may make a time namespace; elsewhere the same clock under another name,
    so that it is measured all the same.
    """
    argv = driver.worker_command(host, port)
    ahead = ["unshare", "--time", "--monotonic", "3600", "--fork"]
    if (
        shutil.which("unshare")
        and not subprocess.run([*ahead, "true"], capture_output=True, check=False).returncode
    ):
        return [*ahead, *argv], 3600 * NS_PER_S
    return [*argv, "--machine", "another"], 0


def progress(place: Drill) -> Progress:
    """Return the newest progress of the load."""
    lines = (place.run / PROGRESS).read_bytes().splitlines()
    return msgspec.json.decode(lines[-1], type=Progress)


def over(running: subprocess.Popen[str]) -> tuple[int, str, str]:
    """Wait for the end of a process and return its exit code, output and errors."""
    out, errors = running.communicate(timeout=300)
    return running.returncode, out, errors
