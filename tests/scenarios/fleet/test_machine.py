from pathlib import Path

import pytest

from scenarios.fleet import machine


def test_two_processes_of_a_machine_name_it_alike() -> None:
    """The boot, and the namespaces that may shift its clock."""
    assert machine.machine_id() == machine.machine_id()
    assert len(machine.machine_id().split("/")) == 3


def test_a_machine_that_cannot_be_known_is_nobodys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its clock is measured: "" is never taken for the same."""
    monkeypatch.setattr(machine, "_BOOT", tmp_path / "none")

    assert machine.machine_id() == ""
