"""Room for a verdict on a disk that fills up."""

from pathlib import Path
from types import SimpleNamespace

import pytest

from rehearsal.rundir.reserve import give_room, is_full, keep_room


def test_room_is_taken_and_given_back_once(tmp_path: Path) -> None:
    """What is taken is there on the disk; giving it back again changes nothing."""
    keep_room(tmp_path)
    (taken,) = tmp_path.iterdir()
    blocks = taken.stat().st_blocks

    assert blocks * 512 >= 128 * 1024
    give_room(tmp_path)
    give_room(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_where_there_is_no_room_none_is_kept_from_others(tmp_path: Path) -> None:
    """What could be taken of it would be the last of the disk, in the folder of a run that never began."""
    (tmp_path / ".reserve").symlink_to("/dev/full")

    with pytest.raises(OSError, match="No space left"):
        keep_room(tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("free", "full"), [(0, True), (128 * 1024 - 1, True), (128 * 1024, False)])
def test_a_disk_is_full_with_less_left_than_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, free: int, full: bool
) -> None:
    """What a verdict takes may then not be there."""
    monkeypatch.setattr("shutil.disk_usage", lambda _: SimpleNamespace(free=free))

    assert is_full(tmp_path) is full
