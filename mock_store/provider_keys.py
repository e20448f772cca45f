"""What makes a request to the payment provider one request, however often it is sent.

Idempotency as payment providers document it (https://docs.stripe.com/api/idempotent_requests): the answer
to a key is saved with its effect; the same request gets it again, another under the same key is refused.
"""

import sqlite3
from collections.abc import Callable
from typing import Any

import msgspec

from mock_store.web import Refused

TABLE = """CREATE TABLE IF NOT EXISTS answers (
    idempotency_key TEXT PRIMARY KEY, fingerprint TEXT NOT NULL, status INTEGER NOT NULL,
    body BLOB NOT NULL, saved_at_ns INTEGER NOT NULL) WITHOUT ROWID"""

Effect = Callable[[sqlite3.Connection], dict[str, Any]]


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """A request: the key that makes it one, what a replay must repeat, and when it came."""

    key: str
    fingerprint: str
    at_ns: int


class Saved(msgspec.Struct, frozen=True):
    """An answer as it was given the first time; whether this is that time, and whether one was forgotten."""

    status: int
    body: bytes
    fresh: bool
    forgotten: bool = False


def once(
    connection: sqlite3.Connection, asked: Asked, effect: Effect, *, forgotten_after_ns: int | None = None
) -> Saved:
    """Run an effect once for each key and save its answer, refusals included.

    A key is forgotten after `forgotten_after_ns`, if that is given: its effect is then run again.
    Refused: 422 idempotency_mismatch for another request under the same key.
    """
    row = connection.execute(
        "SELECT fingerprint, status, body, saved_at_ns FROM answers WHERE idempotency_key = ?", (asked.key,)
    ).fetchone()
    forgotten = row is not None and _is_past(row[3], asked.at_ns, forgotten_after_ns)
    if row is not None and not forgotten:
        if row[0] != asked.fingerprint:
            raise Refused(422, "idempotency_mismatch")
        return Saved(row[1], row[2], fresh=False)
    status, body = _run(connection, effect)
    saved = Saved(status, msgspec.json.encode(body), fresh=True, forgotten=forgotten)
    connection.execute(
        "INSERT OR REPLACE INTO answers VALUES (?, ?, ?, ?, ?)",
        (asked.key, asked.fingerprint, saved.status, saved.body, asked.at_ns),
    )
    return saved


def _run(connection: sqlite3.Connection, effect: Effect) -> tuple[int, dict[str, Any]]:
    try:
        body = effect(connection)
    except Refused as refusal:
        return refusal.status, {"error": refusal.error}
    return (409 if "error" in body else 200), body


def _is_past(saved_at_ns: int, now_ns: int, after_ns: int | None) -> bool:
    return after_ns is not None and now_ns - saved_at_ns >= after_ns
