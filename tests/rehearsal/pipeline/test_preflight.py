from pathlib import Path

import pytest

from chaos.preflight import Looked
from rehearsal.model.errors import EXIT_INVALID, BrokenOff
from rehearsal.pipeline.preflight import own_clocks, preflight
from rehearsal.rundir.protocol_log import ProtocolLog, read_protocol


def test_every_look_is_a_row_and_all_that_is_wrong_is_told(tmp_path: Path) -> None:
    """The first bad look does not hide the others."""
    looks = [
        Looked(name="api", good=True, saw="it answers"),
        Looked(name="toxics", good=False, saw="a toxic on edge_a"),
        Looked(name="clocks", good=False, saw="3 s apart"),
    ]
    with pytest.raises(BrokenOff, match=r"a toxic on edge_a; 3 s apart") as caught:
        preflight(looks, ProtocolLog(tmp_path))

    rows = [(line.step, line.outcome, line.note) for line in read_protocol(tmp_path)]
    assert caught.value.exit_code == EXIT_INVALID
    assert rows == [
        ("preflight", "ok", "api: it answers"),
        ("preflight", "fail", "toxics: a toxic on edge_a"),
        ("preflight", "fail", "clocks: 3 s apart"),
    ]


def test_good_ground(tmp_path: Path) -> None:
    """Nothing is raised where nothing is wrong; this machine's own clocks are looked at for a moment."""
    paused: list[float] = []
    preflight([own_clocks(paused.append)], ProtocolLog(tmp_path))

    assert len(paused) == 1
    assert [line.outcome for line in read_protocol(tmp_path)] == ["ok"]
