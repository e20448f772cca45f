import errno
import hashlib
import os
from pathlib import Path

import msgspec
import polars as pl
import pytest

from rehearsal.model.errors import RunDirError
from rehearsal.rundir import folder


class Value(msgspec.Struct):
    """Something to write."""

    b: int
    a: tuple[str, ...] = ()


def test_equal_values_are_equal_bytes_and_come_back(tmp_path: Path) -> None:
    """JSON is written with sorted keys and a last newline, and read back as the same value."""
    path = tmp_path / "deep" / "v.json"
    folder.write_json(path, Value(b=1, a=("x",)))

    assert path.read_text() == '{\n  "a": ["x"],\n  "b": 1\n}\n'.replace('["x"]', '[\n    "x"\n  ]')
    assert folder.read_json(path, Value) == Value(b=1, a=("x",))


def test_a_failed_write_leaves_the_old_file_and_no_draft(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a full disk the old content stands and nothing else is left behind."""
    path = tmp_path / "v.json"
    path.write_bytes(b"old")

    def full(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        folder.write_bytes(path, b"new")

    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_table_that_a_full_disk_does_not_take_is_an_error_of_the_disk(tmp_path: Path) -> None:
    """And not one of Polars', which nobody who minds a full disk would see; it names the file."""
    (tmp_path / f".{folder.HISTORY}").symlink_to("/dev/full")

    with pytest.raises(OSError, match=rf"{folder.HISTORY} cannot be written: .*No space left"):
        folder.write_table(tmp_path, folder.HISTORY, pl.DataFrame({"a": [1]}))
    assert list(tmp_path.iterdir()) == []


def test_modes_are_kept(tmp_path: Path) -> None:
    """A secret is written with the mode asked for."""
    folder.write_bytes(tmp_path / "key", b"k", mode=0o600)

    assert (tmp_path / "key").stat().st_mode & 0o777 == 0o600


def test_missing_and_broken_files_are_named(tmp_path: Path) -> None:
    """Reading says which file, and what is wrong with it."""
    (tmp_path / "v.json").write_text("{")

    with pytest.raises(RunDirError, match=r"nothing\.json is missing"):
        folder.read_json(tmp_path / "nothing.json", Value)
    with pytest.raises(RunDirError, match=r"v\.json cannot be read"):
        folder.read_json(tmp_path / "v.json", Value)
    with pytest.raises(RunDirError, match=r"nothing\.json is missing"):
        folder.sha256_of(tmp_path / "nothing.json")


def test_digests_are_sha256_of_the_bytes(tmp_path: Path) -> None:
    """What sha256sum says."""
    (tmp_path / "f").write_bytes(b"abc")

    assert folder.sha256_of(tmp_path / "f") == hashlib.sha256(b"abc").hexdigest()


def test_latest_points_at_the_newest_run(tmp_path: Path) -> None:
    """The link is replaced, and relative, so that the folder of runs can be moved."""
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        folder.point_latest(tmp_path / name)

    assert (tmp_path / "latest").readlink() == Path("two")
