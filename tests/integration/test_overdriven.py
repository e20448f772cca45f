"""A generator asked for more than it can send, against a shop that has no trouble at all."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from rehearsal.model.errors import EXIT_INVALID

pytestmark = pytest.mark.integration

ROOT = Path(__file__).parents[2]
ADAPTER = '''
from scenarios.storefront import Storefront, answer_of

class Quick(Storefront):
    """One page, answered in microseconds."""

    catalogue = ("p0007",)

    def view(self, sku):
        """Look at it, whatever was meant."""
        return answer_of(self.http.request("GET", f"{self.endpoints.url}/products/p0007"))[0]
'''
#: 60,000 visits in one second: several times what one process sends.
PLAN = """
name = "overdriven"
seed = 5

[target]
shop = "url"
url = "URL"
adapter = "quick_shop:Quick"

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
    (tmp_path / "quick_shop.py").write_text(ADAPTER)
    (tmp_path / "plan.toml").write_text(PLAN.replace("URL", shop))
    home = {"XDG_CONFIG_HOME": str(tmp_path / "config"), "XDG_STATE_HOME": str(tmp_path / "state")}
    command = [sys.executable, "-m", "rehearsal.cli", "drill", "plan.toml", "--out", "runs", "--quiet"]
    drill = subprocess.run(
        command, cwd=tmp_path, env={**os.environ, **home, "PYTHONPATH": str(ROOT)}, check=False, timeout=120
    )
    findings = json.loads((tmp_path / "runs/latest/findings.json").read_text())
    by_check = {finding["check"]: finding for finding in findings}
    ledger = by_check["ledger.balance"]["evidence"]

    assert drill.returncode == EXIT_INVALID
    assert by_check["slo.goodput"]["status"] == "PASS"
    assert by_check["slo.response_time.p99"]["status"] == "PASS"
    assert by_check["generator.dropped"]["status"] == "INVALID"
    assert ledger["planned"] == ledger["started"] + ledger["dropped"] == 60_000
