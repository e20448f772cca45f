"""Two drills that begin at once must not choose the same ports."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from rehearsal.model.errors import RehearsalError
from rehearsal.pipeline import ports
from rehearsal.process import wait_until

pytestmark = pytest.mark.integration

HOLDER = """
import sys
from pathlib import Path
from rehearsal.pipeline import ports
with ports.held(13, folder=Path(sys.argv[1])) as taken:
    print(taken[0], flush=True)
    sys.stdin.read()
"""


@contextmanager
def another_drill(folder: Path) -> Iterator[tuple[int, subprocess.Popen[str]]]:
    """Give the first of the ports that another process has chosen, on which nobody listens yet."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(folder)],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        text=True,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert process.stdout is not None
    try:
        yield int(process.stdout.readline()), process
    finally:
        process.kill()
        process.communicate(timeout=60)


def test_a_block_chosen_by_another_process_is_not_chosen_again(tmp_path: Path) -> None:
    """Whoever asks for its ports is told so, who asks for any gets others, a neighbour is left in peace."""
    with another_drill(tmp_path) as (first, _):
        with ports.held(13, folder=tmp_path) as mine:
            assert set(mine).isdisjoint(range(first, first + 13))
        for base in (first, first + 12):
            with (
                pytest.raises(RehearsalError, match="Another drill or shop is about to"),
                ports.held(13, base=base, folder=tmp_path),
            ):
                pass


def test_a_killed_drill_lets_go(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After kill -9 nothing has to be cleaned up: the ports can be had again."""
    monkeypatch.setattr(ports, "is_free", lambda _port: True)
    with another_drill(tmp_path) as (first, process):
        process.kill()
        assert wait_until(lambda: process.poll() is not None, timeout_s=60)

        with ports.held(13, base=first, folder=tmp_path) as mine:
            assert mine[0] == first
