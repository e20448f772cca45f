"""What an adapter has read, looked at before anybody judges by it: a stranger's code made it.

Values of the wrong type would be written as they are, and then nobody could read the run any more.
"""

from collections.abc import Iterator
from typing import Any

import msgspec

from rehearsal.model.readings import FinalReadings

#: Looked at so many at once: a long run's are too many to be encoded in one piece.
_CHUNK = 10_000


def checked(readings: object) -> FinalReadings:
    """Return final readings; TypeError says which are none, or hold what they must not."""
    if not isinstance(readings, FinalReadings):
        raise TypeError(f"it returned {_kind(readings)}, and not FinalReadings")
    for field in msgspec.structs.fields(FinalReadings):
        for first, piece in _pieces(field.name, getattr(readings, field.name)):
            try:
                msgspec.json.decode(msgspec.json.encode(piece), type=field.type)
            except (msgspec.MsgspecError, TypeError, ValueError, OverflowError) as error:
                since = f", from entry {first} on" if first else ""
                raise TypeError(f"{field.name}{since}: {error}") from None
    return readings


def counted(units: object) -> int:
    """Return a number of units; TypeError if it is no whole number."""
    if type(units) is not int:
        raise TypeError(f"it returned {_kind(units)}, and not a whole number")
    return units


def _pieces(name: str, value: Any) -> Iterator[tuple[int, Any]]:
    """Yield a value, a list in parts; each with the position of its first entry."""
    if value is None or isinstance(value, (str, int)):
        yield 0, value
        return
    if not isinstance(value, (tuple, list)):
        raise TypeError(f"{name} is {_kind(value)}, and not a tuple")
    for first in range(0, len(value), _CHUNK):
        yield first, value[first : first + _CHUNK]


def _kind(value: object) -> str:
    return "None" if value is None else f"a {type(value).__name__}"
