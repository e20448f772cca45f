"""Somebody else's locustfile, unchanged, under a plan: the whole drill, and what is refused before it."""

import json
import os
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

pytestmark = pytest.mark.integration

ROOT = Path(__file__).parents[2]
PLAN = ROOT / "tests" / "plans" / "stranger.toml"
TO_BE_HEARD = {"I5.no_lost_paid_order", "I9.indeterminate_resolves", "I20.no_lost_order"}


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory, toxiproxy_server: Path) -> dict[str, str]:
    """Return an environment with a home of its own, in which only Toxiproxy is known."""
    home = tmp_path_factory.mktemp("home")
    kept = {name: value for name, value in os.environ.items() if not name.startswith("XDG_")}
    return {**kept, "HOME": str(home), "TOXIPROXY_SERVER": str(toxiproxy_server)}


def rehearse(environment: dict[str, str], *arguments: str) -> tuple[int, str, str]:
    """Run `rehearse` to its end; return exit code, output and errors."""
    done = subprocess.run(
        [sys.executable, "-m", "rehearsal.cli", *arguments],
        env=environment,
        cwd=ROOT,
        text=True,
        capture_output=True,
        timeout=600,
        check=False,
    )
    return done.returncode, done.stdout, done.stderr


def readings_of(run: Path, worker: int) -> list[int]:
    """Return how many users a load process had in each second: its k-th reading, however late it came."""
    rows = map(json.loads, (run / f"history.load.{worker}.ndjson").read_text().splitlines())
    return [row["qty"] for row in rows if (row["kind"], row.get("f")) == ("users", "running")]


# One process is what test_closed_load.py shows; a whole drill takes half a minute.
@pytest.mark.parametrize("workers", ["2"])
def test_a_strangers_file_is_rehearsed(environment: dict[str, str], tmp_path: Path, workers: str) -> None:
    """Its users follow the plan, each request is in the history, the fault bites, and all is judged.

    Nothing can be GO here: what the shop told its shoppers, the file keeps to itself. INVALID says that the
    machine was busy, and nothing of the harness.
    """
    code, out, errors = rehearse(
        environment, "drill", str(PLAN), "--workers", workers, "--out", str(tmp_path), "--json"
    )
    run = tmp_path / "latest"
    assert code in {3, 4}, errors + out
    assert json.loads(out)["verdict"] in {"INCONCLUSIVE", "INVALID"}

    history = pl.read_parquet(run / "history.parquet")
    ops = history.filter(pl.col("kind") == "op")
    names = {"GET /route", "GET /products/[sku]", "POST /carts", "POST /orders", "POST /pay"}
    assert names == set(ops["f"])
    assert ops.height > 200
    assert (ops["due_ns"] == ops["sent_ns"]).all()
    assert (ops["done_ns"] >= ops["sent_ns"]).all()
    assert 503 in set(ops.filter(pl.col("f") == "POST /pay")["status"])
    crowd = [sum(each) for each in zip(*(readings_of(run, worker) for worker in range(2)), strict=False)]
    assert (crowd[1], max(crowd)) == (4, 20)

    found = {finding["check"]: finding for finding in json.loads((run / "findings.json").read_text())}
    states = {check: finding["status"] for check, finding in found.items()}
    assert states["fault.payment_unreachable.effect"] == "PASS"
    assert states["generator.users"] == states["generator.locustfile"] == "PASS"
    assert states["history.histograms"] == "PASS"
    assert "nothing was planned by arrival" in found["ledger.balance"]["summary"].lower()
    unheard = {check.removeprefix("invariant.") for check, state in states.items() if state == "INCONCLUSIVE"}
    assert unheard >= TO_BE_HEARD
    assert states["invariant.I21.ledger_balance"] == states["invariant.I4.no_double_charge"] == "PASS"
    assert not any(check.startswith(("headroom.", "invariant.I1.")) for check in states)
    assert "stranger_locustfile.py, unchanged" in (run / "report.html").read_text()
    assert rehearse(environment, "verify", str(run))[0] == 0


REFUSED = [
    ("there is none", None, "There is no locustfile"),
    ("it does not import", "import nowhere_to_be_found\n", "cannot be imported: ModuleNotFoundError"),
    ("it ends Python", "import os\nos._exit(0)\n", "ended the process that imported it"),
    ("it has no users", "from locust import User\n", "has no user class"),
    (
        "it asks a forbidden host",
        "import socket\nsocket.create_connection(('198.51.100.1', 80), 1)\n",
        "neither this machine nor in target.allow",
    ),
]


@pytest.mark.parametrize(("what", "source", "told"), REFUSED, ids=[row[0] for row in REFUSED])
def test_a_file_that_cannot_serve_is_refused_before_anything_starts(
    environment: dict[str, str], tmp_path: Path, what: str, source: str | None, told: str
) -> None:
    """Exit code 2 and a sentence; no folder is made and no shop is started."""
    plan = tmp_path / "plan.toml"
    plan.write_text(PLAN.read_text())
    if source is not None:
        (tmp_path / "stranger_locustfile.py").write_text(source)
    code, out, errors = rehearse(environment, "drill", str(plan), "--out", str(tmp_path / "runs"))

    assert (code, out) == (2, ""), what
    assert told in errors
    assert "Traceback" not in errors
    assert not (tmp_path / "runs").exists()
