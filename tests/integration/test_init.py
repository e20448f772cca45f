"""What `rehearse init` writes, as it stands, against the mock shop."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from rehearsal.pipeline.starter import write_starter
from rehearsal.process import wait_until

pytestmark = pytest.mark.integration

ROOT = Path(__file__).parents[2]


def rehearse(folder: Path, *arguments: str) -> subprocess.Popen[str]:
    """Start a verb in a folder, with a home beside it."""
    env = {**os.environ, "HOME": str(folder.parent), "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "rehearsal.cli", *arguments]
    pipe = subprocess.PIPE
    return subprocess.Popen(command, env=env, cwd=folder, text=True, stdout=pipe, stderr=pipe)


@pytest.fixture
def folder(tmp_path: Path, free_block: Callable[[int], int]) -> Iterator[Path]:
    """Return a starter's folder while its shop is up; only its ports are others than were written."""
    base = free_block(30)
    made = write_starter("autumn", tmp_path)
    for path in (made / "plan.toml", made / "storefront.py"):
        moved = re.sub(r"\b1808(\d)\b", lambda found: str(base + int(found[1])), path.read_text())
        path.write_text(moved)
    store = rehearse(made, "store", "up", "--plan", "plan.toml", "--port", str(base))
    up = wait_until(lambda: _answers(f"http://127.0.0.1:{base}/health"), timeout_s=90)
    assert up, store.communicate(timeout=9)
    yield made
    store.send_signal(signal.SIGINT)
    store.communicate(timeout=60)


def _answers(url: str) -> bool:
    try:
        return httpx.get(url, timeout=10.0, trust_env=False).is_success
    except httpx.HTTPError:
        return False


def test_the_doctor_finds_nothing_to_mend(folder: Path) -> None:
    """Each kind of visit goes as its shopper wants, and its orders are in the books that are read."""
    doctor = rehearse(folder, "doctor", "--target", "plan.toml", "--no-burst")
    said, errors = doctor.communicate(timeout=180)

    assert doctor.returncode == 0, said + errors
    assert said.count("the visit went as its shopper wants") == 3
    assert "2 orders of the walk found again" in said
