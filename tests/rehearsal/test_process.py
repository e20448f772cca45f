"""How a process is known again; that real ones are, and are ended, is seen in tests/integration."""

from pathlib import Path

import psutil
import pytest

from chaos.lease_file import this_process
from rehearsal import process

#: As proc(5) has it; the name of a program may hold anything.
STAT = b"7 (a) b (c)) S 1 " + b" ".join(b"%d" % n for n in range(5, 22)) + b" 4250 99 98\n"


@pytest.fixture
def proc(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a /proc that holds nothing but this process."""
    (tmp_path / "self").mkdir()
    (tmp_path / "self" / "stat").write_bytes(STAT)
    monkeypatch.setattr(process, "_PROC", tmp_path)
    return tmp_path


def test_a_clock_that_is_set_makes_nobody_a_stranger(monkeypatch: pytest.MonkeyPatch) -> None:
    """Linux reckons the instant of its boot from the clock: an hour ahead, it was an hour later."""
    me, later_s = this_process(), psutil.boot_time() + 3600.0
    monkeypatch.setattr("psutil._pslinux.boot_time", lambda: later_s)

    assert process.find(me) is not None


def test_when_a_process_began(proc: Path) -> None:
    """Told in ticks since the boot; a process that is gone is psutil's affair."""
    me = psutil.Process()
    (proc / str(me.pid)).mkdir()
    (proc / str(me.pid) / "stat").write_bytes(STAT)

    assert process.created_s(me) == 42.5
    (proc / str(me.pid) / "stat").unlink()
    with pytest.raises(psutil.NoSuchProcess):
        process.created_s(me)


def test_elsewhere_psutil_is_asked(proc: Path) -> None:
    """Only Linux has such files."""
    (proc / "self" / "stat").unlink()
    me = psutil.Process()

    assert process.created_s(me) == me.create_time()
