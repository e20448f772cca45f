"""Processes known by pid and start time, on real ones."""

import os
import signal
import sys
from pathlib import Path

import msgspec
import psutil
import pytest

from rehearsal import process
from rehearsal.process import Child, wait_until

pytestmark = pytest.mark.integration

SLEEPER = "import time; print('up', flush=True); time.sleep(60)"
STUBBORN = f"import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); {SLEEPER}"
PARENT = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {SLEEPER!r}])"


def started(tmp_path: Path, code: str, run_id: str, ups: int = 1) -> Child:
    """Start Python code as a marked process and return it once it has said `up`."""
    log = tmp_path / "out.log"
    child, handle = process.start("child", [sys.executable, "-c", code], log=log, run_id=run_id)
    handle.returncode = 0  # whoever kills it here also reaps it; Popen must not warn of a child left alone
    assert wait_until(lambda: log.read_text().count("up") >= ups, timeout_s=60)
    return child


def test_a_killed_process_takes_its_descendants_along(tmp_path: Path, run_id: str) -> None:
    """Kill -9 reaches the whole family; a second kill finds nobody."""
    child = started(tmp_path, PARENT, run_id)
    assert len(process.marked(run_id)) == 2

    assert process.kill(child)
    assert wait_until(lambda: process.marked(run_id) == [], timeout_s=60)
    assert not process.kill(child)


@pytest.mark.parametrize("code", [SLEEPER, STUBBORN], ids=["one that ends when asked", "one that will not"])
def test_stopping_asks_first_and_kills_in_the_end(tmp_path: Path, run_id: str, code: str) -> None:
    """SIGTERM, then SIGKILL for whoever is left after the grace."""
    child = started(tmp_path, code, run_id)
    process.stop([child], grace_s=0.5)

    assert wait_until(lambda: process.find(child) is None, timeout_s=60)
    process.stop([child])


def test_a_pid_that_is_somebody_elses_now_is_left_alone(tmp_path: Path, run_id: str) -> None:
    """A child is known by its start time too: the same pid with another is a stranger."""
    child = started(tmp_path, SLEEPER, run_id)
    earlier = msgspec.structs.replace(child, created=child.created - 60)

    assert process.find(earlier) is None
    assert not process.kill(earlier)
    assert process.find(child) is not None
    process.kill(child)


def test_a_process_that_has_ended_is_not_found(tmp_path: Path, run_id: str) -> None:
    """Neither by name, nor while it waits to be reaped, nor by its mark."""
    child, handle = process.start("child", [sys.executable, "-c", ""], log=tmp_path / "log", run_id=run_id)
    assert wait_until(lambda: _is_zombie(child.pid), timeout_s=60)

    assert process.find(child) is None
    assert process.marked(run_id) == []
    handle.wait(10)
    assert process.find(child) is None


def _is_zombie(pid: int) -> bool:
    return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE


def test_the_terminals_ctrl_c_is_not_the_childs(tmp_path: Path, run_id: str) -> None:
    """A child has a session of its own, so that only the conductor hears the keyboard."""
    child = started(tmp_path, SLEEPER, run_id)

    assert os.getsid(child.pid) == child.pid != os.getsid(0)
    os.kill(child.pid, signal.SIGKILL)
    psutil.wait_procs([psutil.Process(child.pid)], timeout=60)
