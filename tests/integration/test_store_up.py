"""The mock shop by itself, and Locust by itself against it."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from rehearsal.process import wait_until

pytestmark = pytest.mark.integration

ROOT = Path(__file__).parents[2]
STEPS = {"product", "cart_add", "order", "pay"}
#: More than the shop takes.
PORTS = 30


def run(arguments: list[str], home: Path) -> subprocess.Popen[str]:
    """Start a module of this environment with a home of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", *arguments],
        env={**os.environ, "HOME": str(home)},
        cwd=ROOT,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


@pytest.fixture
def base_port(free_block: Callable[[int], int]) -> int:
    """Return the first of the shop's ports; one more after them is for Locust's page."""
    return free_block(PORTS + 1)


@pytest.fixture
def shop(tmp_path: Path, base_port: int) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """Return the address of a shop that `rehearse store up` keeps up, and that process."""
    arguments = ["rehearsal.cli", "store", "up", "--port", str(base_port), "--out", str(tmp_path / "store")]
    process = run(arguments, tmp_path)
    url = f"http://127.0.0.1:{base_port}"
    assert wait_until(lambda: _answers(f"{url}/route?shopper=s"), timeout_s=90), process.communicate(
        timeout=9
    )
    yield url, process
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=60)


def _answers(url: str) -> bool:
    try:
        return httpx.get(url, timeout=10.0, trust_env=False).is_success
    except httpx.HTTPError:
        return False


def test_locust_runs_by_itself(
    tmp_path: Path, shop: tuple[str, subprocess.Popen[str]], base_port: int
) -> None:
    """`locust -f scenarios/locustfile.py` serves as an ordinary locustfile, its web page included."""
    url, _ = shop
    web = ("--web-host", "127.0.0.1", "--web-port", str(base_port + PORTS))
    options = ("--host", url, "--users", "6", "--spawn-rate", "6", "--autostart", *web)
    locust = run(["locust", "-f", "scenarios/locustfile.py", *options], tmp_path)
    page = f"http://127.0.0.1:{base_port + PORTS}"
    # However long it takes: a slow machine does in a minute what others do in a second.
    walked = wait_until(lambda: _names(page) >= STEPS, timeout_s=120)
    read = httpx.get(page, trust_env=False, timeout=60.0, follow_redirects=True).text if walked else ""
    if walked:
        httpx.get(f"{page}/stop", trust_env=False, timeout=60.0)
    locust.terminate()
    _, errors = locust.communicate(timeout=120)

    assert walked, errors
    assert "locust" in read.lower()
    assert locust.returncode == 0, errors
    assert all(step in errors for step in STEPS)


def _names(page: str) -> set[str]:
    """Return the names of the requests that Locust's page shows so far."""
    try:
        stats = httpx.get(f"{page}/stats/requests", timeout=10.0, trust_env=False).json()["stats"]
    except httpx.HTTPError:
        return set()
    return {entry["name"] for entry in stats}


def test_the_shop_ends_with_ctrl_c(shop: tuple[str, subprocess.Popen[str]]) -> None:
    """Every process of it."""
    url, process = shop
    process.send_signal(signal.SIGINT)
    out, _ = process.communicate(timeout=60)

    assert (process.returncode, out.splitlines()[-1]) == (0, "The shop is down.")
    assert not _answers(f"{url}/health")


def test_a_port_in_use_is_refused_before_anything_starts(
    tmp_path: Path, shop: tuple[str, subprocess.Popen[str]], base_port: int
) -> None:
    """A second shop on the same ports is code 2 and a sentence."""
    del shop
    second = run(
        ["rehearsal.cli", "store", "up", "--port", str(base_port), "--out", str(tmp_path / "two")], tmp_path
    )
    _, errors = second.communicate(timeout=90)

    assert (second.returncode, f"Port {base_port} is in use" in errors) == (2, True)
    assert not (tmp_path / "two").exists()
