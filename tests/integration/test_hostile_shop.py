"""A shop that does all of it at once: the doctor's own process walks it, and a drill ends with a verdict."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest

from tests.hostile.shop import HostileShop, serving
from tests.scenarios.http.authority import Authority

pytestmark = pytest.mark.integration

ROOT = Path(__file__).parents[2]
FIVE = {"redirect_loop", "busy", "bad_body", "session_expired", "tls"}
PLAN = """
name = "hostile"
seed = 4
traffic = {{ normal_per_s = 40.0, multiplier = 5.0, think_s = 0.0, mix = {mix} }}
behaviour = {{ attempts = 2, backoff_s = 0.05, max_backoff_s = 0.1 }}
limits = {{ quiesce_s = 1.0 }}
forecast = {{ peak_per_s = 200.0 }}
phases = [{{ name = "normal", kind = "normal", duration_s = 2.0, rate = 1.0 }}]

[target]
shop = "url"
url = "{url}"
adapter = "tests.hostile.storefront:HostileStorefront"

[slo.normal]
p95_ms = 500.0
p99_ms = 900.0
goodput = 0.99
payment_success = 0.99
"""
MIX = "{ browse = 0.2, cart = 0.8, flash_sale = 0.0 }"


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[HostileShop]:
    """Return a shop that ails at one request in four of each address; its parcels have a bad certificate."""
    ails = {"/products": "loop", "/cart": "busy", "/orders": "html", "/pay": "expired"}
    itself = Authority(tmp_path).issue("127.0.0.1", signed_by_itself=True)
    with serving(HostileShop(tls=itself)) as parcels, serving(HostileShop(ails, turns=4)) as opened:
        opened.parcels = f"{parcels.url}/parcels"
        yield opened


def rehearse(home: Path, *arguments: str) -> tuple[int, str, str]:
    """Run `rehearse` to its end; return exit code, output and errors."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("XDG_")}
    done = subprocess.run(
        [sys.executable, "-m", "rehearsal.cli", *arguments],
        env={**kept, "HOME": str(home)},
        cwd=ROOT,
        text=True,
        capture_output=True,
        timeout=300,
        check=False,
    )
    return done.returncode, done.stdout, done.stderr


def test_a_drill_against_it_ends_with_a_verdict(shop: HostileShop, tmp_path: Path) -> None:
    """All five are met at different steps; nothing hangs, no visit ends in an exception, all is judged.

    NO_GO, for goodput is what it is; INVALID says that the machine was busy, and nothing of the harness.
    """
    plan = tmp_path / "plan.toml"
    plan.write_text(PLAN.format(url=shop.url, mix=MIX))
    code, out, errors = rehearse(tmp_path, "drill", str(plan), "--out", str(tmp_path / "runs"), "--json")
    run = tmp_path / "runs" / "latest"

    assert code in {1, 4}, errors + out
    history = pl.read_parquet(run / "history.parquet")
    met = history.filter(pl.col("kind") == "op").select("f", "error").unique()
    assert set(met["error"]) >= FIVE
    steps = {error: set(met.filter(pl.col("error") == error)["f"]) for error in FIVE}
    assert (steps["redirect_loop"], steps["tls"]) == ({"product"}, {"logistics"})
    assert "adapter_error" not in set(history["error"])
    assert (run / "report.html").exists()


def test_the_doctor_walks_it_in_a_process_of_its_own(shop: HostileShop, tmp_path: Path) -> None:
    """What ails the first visits is named, and the rest of the table stands too."""
    shop.turns = 1
    plan = tmp_path / "plan.toml"
    plan.write_text(PLAN.format(url=shop.url, mix=MIX))
    code, out, errors = rehearse(tmp_path, "doctor", "--target", str(plan), "--json", "--no-burst")
    read = json.loads(out)
    sentences = [sight["sentence"] for sight in read["sights"] if sight["state"] == "wrong"]

    assert (code, read["ok"]) == (1, False), errors
    assert any(words.startswith("browse, step product: GET /products/p1 redirects") for words in sentences)
    assert any(words.startswith("cart, step cart_add: POST /cart is turned away") for words in sentences)
