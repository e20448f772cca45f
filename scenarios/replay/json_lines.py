"""JSON lines: one object a line, its fields guessed by their names or told."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec
import polars as pl

from rehearsal.model.errors import RehearsalError
from scenarios.replay.requests import BLANK, RAW

NOT_JSON = "not a JSON object"

#: Names under which logs keep what is asked for, best first; compared in lower case, `-` as `_`. A dotted
#: name is nested; a name also matches the last part of a nested one.
GUESSES: dict[str, tuple[str, ...]] = {
    "time": (
        *("time", "timestamp", "@timestamp", "msec", "ts", "time_iso8601", "time_local", "datetime", "date"),
        *("starttime", "start_time", "event_time", "starteddatetime", "t"),
    ),
    "session": (
        *("session", "session_id", "sessionid", "sid", "user_id", "userid", "customer_id", "visitor_id"),
        *("remote_user", "user"),
    ),
    "client": (
        "remote_addr",
        "client_ip",
        "clientip",
        "remote_ip",
        "ip",
        "client",
        "x_forwarded_for",
        "host",
    ),
    "agent": ("user_agent", "http_user_agent", "useragent", "agent", "ua"),
    "request": ("request", "request_line"),
    "method": ("method", "request_method", "http_method", "verb"),
    "target": ("path", "uri", "request_uri", "url", "request_path", "target", "request_url"),
    "status": ("status", "status_code", "response_status", "response", "code"),
}

Names = Mapping[str, tuple[str, ...]]


def objects(lines: Sequence[str]) -> list[dict[str, Any] | None]:
    """Return each line as an object; None where it is none."""
    try:
        # One call for all lines is several times as fast, and lines that are no JSON are rare.
        values = msgspec.json.decode(f"[{','.join(lines)}]".encode("utf-8", "replace"))
    except (msgspec.DecodeError, RecursionError):
        values = [_value(line) for line in lines]
    if len(values) != len(lines):
        values = [_value(line) for line in lines]
    return [value if isinstance(value, dict) else None for value in values]


def guess(sample: Iterable[Mapping[str, Any] | None], told: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    """Return where each role's value stands, as a path of keys. `told` names fields by role.

    RehearsalError if no field for time, or none for the request, can be found or was told.
    """
    paths = {path: None for value in sample if value for path in _paths(value)}
    found = {role: path for role, names in GUESSES.items() if (path := _first(paths, names))}
    for role, name in told.items():
        if role not in GUESSES:
            raise RehearsalError(f"{role!r} is no role of a field; the roles are {', '.join(GUESSES)}.")
        found[role] = (name,) if (name,) in paths else tuple(name.split("."))
    wanted = (("time", {"time"}), ("method and target", {"request", "target"}))
    for what, roles in wanted:
        if not roles & set(found):
            fields = ", ".join(".".join(path) for path in paths) or "none"
            raise RehearsalError(
                f"No field of the JSON lines looks like {what}; the fields are {fields}. "
                "Name it, as in --field time=when --field target=page."
            )
    return found


def extract(lines: Sequence[str], names: Names) -> pl.DataFrame:
    """Return the columns RAW of some lines, a row for each. `names` comes from `guess`."""
    values = objects(lines)
    columns = {role: [_at(value, path) for value in values] for role, path in names.items()}
    frame = pl.DataFrame(
        {role: pl.Series(columns.get(role, [None] * len(lines)), dtype=pl.String) for role in GUESSES}
    ).with_columns(
        pl.Series(
            "reason", [_reason(value, line) for value, line in zip(values, lines, strict=True)], pl.String
        )
    )
    return frame.with_columns(*_asked("request" in names)).select(RAW)


def _asked(has_line: bool) -> tuple[pl.Expr, pl.Expr]:  # noqa: FBT001 - one of two shapes
    """Return method and target, from a request line where the log keeps one; a bare target is a GET."""
    if has_line:
        line = pl.col("request")
        method = pl.coalesce("method", line.str.extract(r"^(\S+) "))
        return method, pl.coalesce("target", line.str.extract(r"^\S+ (.+?)(?: +HTTP/[0-9.]+)?$"))
    return pl.when(pl.col("target").is_not_null()).then(pl.col("method").fill_null("GET")), pl.col("target")


def _value(line: str) -> Any:
    try:
        return msgspec.json.decode(line.encode("utf-8", "replace"))
    except (msgspec.DecodeError, RecursionError):
        return None


def _reason(value: Mapping[str, Any] | None, line: str) -> str | None:
    if value is not None:
        return None
    return NOT_JSON if line.strip() else BLANK


def _paths(value: Mapping[str, Any], above: tuple[str, ...] = ()) -> Iterable[tuple[str, ...]]:
    for key, inner in value.items():
        if isinstance(inner, dict):
            yield from _paths(inner, (*above, key))
        else:
            yield (*above, key)


def _first(paths: Iterable[tuple[str, ...]], names: Sequence[str]) -> tuple[str, ...] | None:
    """Return the path that matches the best name: whole before last part, shallow before deep."""
    known = sorted(paths, key=len)
    for name in names:
        for form in (".".join, lambda path: path[-1]):
            for path in known:
                if form(path).lower().replace("-", "_") == name:
                    return path
    return None


def _at(value: Any, path: Sequence[str]) -> str | None:
    for key in path:
        if not isinstance(value, dict):
            return None
        value = value.get(key)
    if value is None or isinstance(value, dict | list):
        return None
    return value if isinstance(value, str) else str(value)
