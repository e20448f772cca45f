"""A generator asked for more than it can send, against a shop that has no trouble at all."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from rehearsal.model.errors import EXIT_INVALID
from tests.integration.crew import ROOT, Drill, over

pytestmark = pytest.mark.integration

#: 60,000 visits in one second: several times what one process sends.
PLAN = """
name = "overdriven"
seed = 5

[target]
shop = "url"
url = "URL"
adapter = "tiny_shop:Tiny"

[traffic]
normal_per_s = 6000.0
multiplier = 10.0
pool = 200
think_s = 0.0
mix = { browse = 1.0, cart = 0.0, flash_sale = 0.0 }

[forecast]
peak_per_s = 60000.0

[sale]
opens_with = "burst"

[[phases]]
name = "burst"
kind = "burst"
duration_s = 1.0
rate = 10.0

[slo.burst]
p95_ms = 5000.0
p99_ms = 5000.0
goodput = 0.99
payment_success = 0.0
"""


@pytest.fixture
def shop() -> Iterator[str]:
    """Give the address of the benchmarks' target, which answers faster than anybody asks."""
    command = [sys.executable, "-m", "benchmarks.target"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        yield f"http://127.0.0.1:{server.stdout.readline().strip()}"
        server.terminate()


def test_an_overdriven_generator_is_invalid_though_the_latencies_look_fine(shop: str, tmp_path: Path) -> None:
    """Every answer was good and quick; the drill still says that the generator was the limit, and where."""
    drill = Drill(tmp_path, shop)
    code, _, errors = over(drill.drill("--quiet", plan=PLAN))
    findings = json.loads((drill.run / "findings.json").read_text())
    by_check = {finding["check"]: finding for finding in findings}
    ledger = by_check["ledger.balance"]["evidence"]

    assert code == EXIT_INVALID, errors
    assert by_check["slo.goodput"]["status"] == "PASS"
    assert by_check["slo.response_time.p99"]["status"] == "PASS"
    assert by_check["generator.dropped"]["status"] == "INVALID"
    assert ledger["planned"] == ledger["started"] + ledger["dropped"] == 60_000
