"""Whether a text stands in any file of a folder, searched for in another way than the harness itself does."""

import json
import mmap
from base64 import b64decode, b64encode
from pathlib import Path

import polars as pl

from rehearsal.rundir import folder

_LETTERS = 4


def files_with(stem: str, *places: Path) -> tuple[int, tuple[str, ...]]:
    """Return how many files there are in some folders (or are named), and those in which a text stands.

    It is looked for as it is and in base64, in tables column by column, and in what evidence signs.
    """
    words = [stem.encode(), *_in_base64(stem.encode())]
    files = [file for place in places for file in _files(place)]
    return len(files), tuple(str(file) for file in files if _holds(file, words))


def _files(place: Path) -> list[Path]:
    if place.is_file():
        return [place]
    return sorted(file for file in place.rglob("*") if file.is_file() and not file.is_symlink())


def _in_base64(stem: bytes) -> list[bytes]:
    """Return the letters that are the same whatever stands before and behind, for each place to begin."""
    return [b64encode(bytes(before) + stem)[_LETTERS * (before > 0) : -_LETTERS] for before in range(3)]


def _holds(file: Path, words: list[bytes]) -> bool:
    if file.suffix == ".parquet":
        return any(_in_column(column, words) for column in pl.read_parquet(file).iter_columns())
    if file.name == folder.EVIDENCE and _among(b64decode(json.loads(file.read_bytes())["payload"]), words):
        return True
    if not file.stat().st_size:
        return False
    with file.open("rb") as opened, mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ) as content:
        return any(content.find(word) >= 0 for word in words)


def _in_column(column: pl.Series, words: list[bytes]) -> bool:
    if column.dtype != pl.String:
        return False
    return _among("\n".join(column.unique().drop_nulls()).encode(), words)


def _among(content: bytes, words: list[bytes]) -> bool:
    return any(word in content for word in words)
