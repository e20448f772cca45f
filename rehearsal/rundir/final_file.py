"""final.json read in parts: the readings of a long run do not fit into memory as values all at once."""

import mmap
from collections.abc import Iterator
from pathlib import Path
from types import NoneType
from typing import Any, get_args

import msgspec

from rehearsal.model.errors import RunDirError
from rehearsal.model.readings import FinalReadings, OrderReading, RegionReading
from rehearsal.rundir import folder

#: So many entries a part: of the larger kinds some 50 MB as values.
ROWS = 100_000

_FIELDS = {field.name: field for field in msgspec.structs.fields(FinalReadings)}
#: The fields that are lists of entries, with the type of an entry.
_ENTRIES: dict[str, Any] = {
    name: get_args(next(kind for kind in get_args(field.type) if kind is not NoneType))[0]
    for name, field in _FIELDS.items()
    if NoneType in get_args(field.type)
}
_NULL = msgspec.Raw(b"null")
_Raw = msgspec.defstruct(
    "_Raw",
    [
        (name, msgspec.Raw, _NULL) if name in _ENTRIES else (name, field.type, field.default)
        for name, field in _FIELDS.items()
    ],
)


class _RawRegion(msgspec.Struct):
    """One region's orders, not looked at yet."""

    region: str
    orders: msgspec.Raw


def read_final(run: Path, *, rows: int = ROWS) -> Iterator[FinalReadings]:
    """Yield final readings that together are those of a run.

    The first part has all that is no list, and an empty list for each that was read. Each of the others has
    up to `rows` entries of one list, or orders of one region. RunDirError if final.json is missing or is
    not what it should be.
    """
    path = run / folder.FINAL
    try:
        mapped = _mapped(path)
        raw = msgspec.json.decode(mapped, type=_Raw)
        there = [name for name in _ENTRIES if bytes(memoryview(getattr(raw, name))[:5]) != b"null"]
        plain: dict[str, Any] = {name: getattr(raw, name) for name in _FIELDS if name not in _ENTRIES}
        yield msgspec.structs.replace(FinalReadings(**plain), **dict.fromkeys(there, ()))
        for name in there:
            # What was read so far need not stay in memory: the next list is elsewhere in the file.
            mapped.madvise(mmap.MADV_DONTNEED)
            for part in _parts(getattr(raw, name), _ENTRIES[name], rows):
                yield msgspec.structs.replace(FinalReadings(), **{name: part})
    except OSError as error:
        raise RunDirError(
            f"{path} cannot be read ({error.strerror}); the run has no final readings."
        ) from None
    except msgspec.MsgspecError as error:
        raise RunDirError(f"{path} holds no final readings of this version: {error}.") from None


def _mapped(path: Path) -> mmap.mmap:
    with path.open("rb") as file:
        try:
            return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        except ValueError:
            raise RunDirError(f"{path} is empty; the run has no final readings.") from None


def _parts(raw: msgspec.Raw, kind: Any, rows: int) -> Iterator[tuple[Any, ...]]:
    if kind is not RegionReading:
        yield from _chunks(raw, kind, rows)
        return
    for told in msgspec.json.decode(raw, type=list[_RawRegion]):
        yield (RegionReading(region=told.region, orders=()),)
        for orders in _chunks(told.orders, OrderReading, rows):
            yield (RegionReading(region=told.region, orders=orders),)


def _chunks(raw: msgspec.Raw, kind: Any, rows: int) -> Iterator[tuple[Any, ...]]:
    # Each entry stays a view into the file's bytes until its turn comes.
    entries = msgspec.json.decode(raw, type=list[msgspec.Raw])
    for first in range(0, len(entries), rows):
        some = b",".join(bytes(entry) for entry in entries[first : first + rows])
        yield msgspec.json.decode(b"[" + some + b"]", type=tuple[kind, ...])
