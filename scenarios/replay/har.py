"""HTTP archives (HAR 1.2) as browsers save them: one file is one browser's visit."""

import msgspec
import polars as pl

from rehearsal.model.errors import RehearsalError
from scenarios.replay.requests import RAW

#: The largest archive that is read: it is decoded as a whole.
LARGEST = 512 * 1024 * 1024


class _Header(msgspec.Struct):
    name: str = ""
    value: str = ""


class _Request(msgspec.Struct):
    method: str | None = None
    url: str | None = None
    headers: list[_Header] = []


class _Response(msgspec.Struct):
    status: int | float | None = None


class _Entry(msgspec.Struct, rename="camel"):
    started_date_time: str | None = None
    request: _Request = msgspec.field(default_factory=_Request)
    response: _Response = msgspec.field(default_factory=_Response)


class _Log(msgspec.Struct):
    entries: list[_Entry]


class _Archive(msgspec.Struct):
    log: _Log


def extract(content: bytes, browser: str) -> pl.DataFrame:
    """Return the columns RAW of an archive, a row an entry; `browser` names whose visit it is.

    RehearsalError if it is no archive.
    """
    try:
        entries = msgspec.json.decode(content.removeprefix(b"\xef\xbb\xbf"), type=_Archive).log.entries
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise RehearsalError(f"{browser} is no HTTP archive (HAR): {error}.") from None
    rows = [_row(entry, browser) for entry in entries]
    return pl.DataFrame(rows, schema=dict.fromkeys(RAW, pl.String), orient="row")


def fits(head: str) -> bool:
    """Tell whether a file that begins so is an archive: an object whose first key is `log`."""
    start = head.removeprefix("\ufeff").lstrip().removeprefix("{").lstrip()
    return head.removeprefix("\ufeff").lstrip().startswith("{") and start.startswith('"log"')


def _row(entry: _Entry, browser: str) -> tuple[str | None, ...]:
    agents = (header.value for header in entry.request.headers if header.name.lower() == "user-agent")
    status = "" if entry.response.status is None else f"{entry.response.status:.0f}"
    return (
        entry.started_date_time,
        browser,
        browser,
        next(agents, None),
        entry.request.method,
        entry.request.url,
        status,
        None,
    )
