"""Bytes of a log as whole lines, a few megabytes at a time, however large the file is."""

import gzip
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, cast

import msgspec

from rehearsal.model.errors import RehearsalError

CHUNK = 8 * 1024 * 1024

#: A line longer than this is no log line, and what never ends, such as a device, would fill the memory.
LONGEST = 1024 * 1024

_GZIP = b"\x1f\x8b"


class Chunk(msgspec.Struct, frozen=True, kw_only=True):
    """Some lines. `first` is the number of the first, from 1; `is_cut`: the last one lacks its newline."""

    lines: list[str]
    first: int
    is_cut: bool = False


def head(path: Path) -> str:
    """Return the first letters of a log. RehearsalError if it cannot be read or holds nothing."""
    with _opened(path) as file:
        text = _read(file, path, CHUNK).decode("utf-8", "replace")
    if not text.strip():
        raise RehearsalError(f"{path} is empty: give a log with requests in it.")
    return text


def whole(path: Path, limit: int) -> bytes:
    """Return all bytes of a file; RehearsalError if there are more than `limit`."""
    with _opened(path) as file:
        content = _read(file, path, limit + 1)
    if len(content) > limit:
        raise RehearsalError(f"{path} is longer than {limit:,} bytes: cut it into several files.")
    return content


def chunks(path: Path, size: int = CHUNK) -> Iterator[Chunk]:
    """Return the file's lines in order; bytes that are no UTF-8 become replacement marks."""
    rest, first = b"", 1
    with _opened(path) as file:
        while data := _read(file, path, size):
            whole_lines, newline, rest = (rest + data).rpartition(b"\n")
            if len(rest) > LONGEST:
                raise RehearsalError(
                    f"{path} is no log: line {first:,} or a later one is over {LONGEST:,} bytes."
                )
            if newline:
                lines = _lines(whole_lines)
                yield Chunk(lines=lines, first=first)
                first += len(lines)
    if rest:
        yield Chunk(lines=_lines(rest), first=first, is_cut=True)


def _lines(data: bytes) -> list[str]:
    return data.decode("utf-8", "replace").split("\n")


def _opened(path: Path) -> IO[bytes]:
    if not path.exists():
        raise RehearsalError(f"There is no log {path}.")
    if path.is_dir():
        raise RehearsalError(f"{path} is a folder: name the log files in it.")
    if not path.is_file():
        raise RehearsalError(f"{path} is a device or a pipe: write the log into a file first.")
    try:
        with path.open("rb") as file:
            is_gzip = file.read(2) == _GZIP
        return cast("IO[bytes]", gzip.open(path, "rb")) if is_gzip else path.open("rb")
    except OSError as error:
        raise RehearsalError(f"The log {path} cannot be read: {error}.") from None


def _read(file: IO[bytes], path: Path, size: int) -> bytes:
    try:
        return file.read(size)
    except (OSError, EOFError, zlib.error) as error:
        raise RehearsalError(f"The log {path} cannot be read to its end: {error}.") from None
