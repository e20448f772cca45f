"""What is noted of processes; that real ones are started, stopped and ended is seen in tests/integration."""

import signal
from pathlib import Path

import psutil
import pytest

from chaos.process_table import ProcessTable


def test_what_was_stopped_in_part_is_let_go_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One of a family that may not be signalled must not leave the others stopped for ever."""
    sent: list[signal.Signals] = []

    def send(_: str, number: signal.Signals) -> None:
        sent.append(number)
        if number is signal.SIGSTOP:
            raise psutil.AccessDenied(7)

    table = ProcessTable(tmp_path / "leases", run_id="r", run_dir=tmp_path)
    monkeypatch.setattr(table, "_signal", send)
    with pytest.raises(psutil.AccessDenied):
        table.pause("region_a")
    table.resume("region_a")
    table.resume("region_a")

    assert sent == [signal.SIGSTOP, signal.SIGCONT]
