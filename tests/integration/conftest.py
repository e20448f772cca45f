"""Real processes for tests: a table that ends them all, and a real Toxiproxy server."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from chaos import toxiproxy_binary
from chaos.lease_file import TOXIPROXY
from chaos.process_table import ProcessTable
from chaos.toxiproxy import Toxiproxy, start_server
from rehearsal.pipeline import ports
from tests.integration import quiet_ports


@pytest.fixture
def run_id(tmp_path: Path) -> str:
    """Return an id no other run has."""
    return f"test-{os.getpid()}-{tmp_path.name}"


@pytest.fixture
def table(tmp_path: Path, run_id: str) -> Iterator[ProcessTable]:
    """Return an empty table whose processes end with the test; its lease is in `leases`."""
    with ProcessTable(tmp_path / "leases", run_id=run_id, run_dir=tmp_path) as opened:
        yield opened


@pytest.fixture
def free_port() -> Callable[[], int]:
    """Return a function that returns a loopback port that nobody listens on."""
    return quiet_ports.free_port


@pytest.fixture
def free_block() -> Callable[[int], int]:
    """Return a function that returns the first of so many neighbouring ports that nobody listens on.

    They lie below those that a drill chooses by itself: one that runs beside a test takes none of them.
    """

    def find(count: int) -> int:
        first, places = 10_000, (ports.FIRST - 10_000) // count
        bases = (first + (os.getpid() + k) % places * count for k in range(places))
        return next(base for base in bases if all(map(ports.is_free, range(base, base + count))))

    return find


@pytest.fixture(scope="session")
def toxiproxy_server() -> Path:
    """Return the real server's path; `make test` has seen to it that there is one."""
    found = toxiproxy_binary.locate(os.environ)
    if found is None:
        pytest.fail(toxiproxy_binary.MEND)
    return found.path


@pytest.fixture
def toxiproxy(
    table: ProcessTable, toxiproxy_server: Path, free_port: Callable[[], int], tmp_path: Path
) -> Toxiproxy:
    """Return a running server without listeners."""
    return start_server(table, toxiproxy_server, free_port(), log=tmp_path / "tp.log", label=TOXIPROXY)
