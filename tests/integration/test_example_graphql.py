"""The GraphQL example as a person tries it: the folder copied, the shop started, the plan rehearsed."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from rehearsal.model.errors import EXIT_FAILED
from tests.integration.crew import ROOT

pytestmark = pytest.mark.integration

FOLDER = ROOT / "examples" / "graphql"
SECRETS = {"SHOP_PASSWORD": "open-sesame-31", "SHOP_STAFF_TOKEN": "staff-only-31"}
#: The example's plan made short: a second of rush, for the sale mostly, and one of proof.
SHORTER = (
    ("duration_s = 12.0", "duration_s = 1.2"),
    ("duration_s = 4.0", "duration_s = 0.2"),
    ("stock = 40", "stock = 5"),
    ("think_s = 0.2", "think_s = 0.05"),
    ("browse = 0.4, cart = 0.3, flash_sale = 0.3", "browse = 0.2, cart = 0.2, flash_sale = 0.6"),
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a copy of the example's folder."""
    return shutil.copytree(FOLDER, tmp_path / "graphql", ignore=shutil.ignore_patterns("__pycache__", "runs"))


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """Return the environment of somebody who is new here, with the secrets in it."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("XDG_")}
    return {**kept, "HOME": str(tmp_path), "PYTHONPATH": str(ROOT), **SECRETS}


@pytest.fixture
def shop(folder: Path, environment: dict[str, str]) -> Iterator[str]:
    """Give the address of the shop that oversells."""
    command = [sys.executable, "graphql_shop.py", "--port", "0", "--stock", "5", "--oversell"]
    with subprocess.Popen(command, cwd=folder, env=environment, stdout=subprocess.PIPE, text=True) as running:
        assert running.stdout is not None
        yield running.stdout.readline().strip()
        running.terminate()


def test_the_oversell_is_found_though_every_answer_is_a_200(
    folder: Path, environment: dict[str, str], shop: str
) -> None:
    """NO_GO naming I1, its orders, and how many units were sold; and no secret in any file of the run."""
    plan = (folder / "plan.toml").read_text().replace("http://127.0.0.1:18090", shop)
    for before, after in SHORTER:
        assert before in plan
        plan = plan.replace(before, after)
    (folder / "plan.toml").write_text(plan)
    argv = [sys.executable, "-m", "rehearsal.cli", "drill", "plan.toml", "--quiet"]
    ended = subprocess.run(
        argv, cwd=folder, env=environment, capture_output=True, text=True, timeout=300, check=False
    )
    run = (folder / "runs" / "latest").resolve()
    found = {finding["check"]: finding for finding in json.loads((run / "findings.json").read_text())}
    oversold = found["invariant.I1.no_oversell"]
    told = [path.name for path in run.rglob("*") if path.is_file() and _holds_a_secret(path)]

    assert ended.returncode == EXIT_FAILED, ended.stderr
    assert oversold["status"] == "FAIL"
    assert oversold["evidence"]["sold"] > oversold["evidence"]["stock"] == 5
    assert all(order.startswith("ord-") for order in oversold["ids"])
    assert found["run.secrets"]["status"] == "PASS"
    assert told == []


def _holds_a_secret(path: Path) -> bool:
    return any(secret.encode() in path.read_bytes() for secret in SECRETS.values())
