import asyncio
import sqlite3
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from mock_store.storage import Storage

pytestmark = pytest.mark.anyio

SCHEMA = ("CREATE TABLE IF NOT EXISTS t (n INTEGER PRIMARY KEY)",)


@pytest.fixture
def storage(tmp_path: Path) -> Iterator[Storage]:
    """Return an empty database of one table."""
    opened = Storage(tmp_path / "new" / "t.sqlite", schema=SCHEMA)
    yield opened
    opened.close()


def insert(connection: sqlite3.Connection, number: int, *, then: Exception | None = None) -> int:
    """Insert a number, then fail if told."""
    connection.execute("INSERT INTO t VALUES (?)", (number,))
    if then is not None:
        raise then
    return number


def numbers(connection: sqlite3.Connection) -> list[int]:
    """Return what is in the table."""
    return [row[0] for row in connection.execute("SELECT n FROM t ORDER BY n")]


async def one_batch(storage: Storage, *works: Callable[[sqlite3.Connection], object]) -> list[object]:
    """Run units of work in one batch: the writer is kept busy until all of them wait."""
    busy, go_on = threading.Event(), threading.Event()

    def block(_: sqlite3.Connection) -> None:
        busy.set()
        go_on.wait()

    first = asyncio.ensure_future(storage.write(block))
    await asyncio.to_thread(busy.wait)
    waiting = [asyncio.ensure_future(storage.write(work)) for work in works]
    await asyncio.to_thread(lambda: None)
    go_on.set()
    await first
    return list(await asyncio.gather(*waiting, return_exceptions=True))


@pytest.mark.parametrize(
    "held",
    [
        pytest.param(("BEGIN", "SELECT * FROM sqlite_master"), id="read while its journal is made a WAL"),
        pytest.param(("PRAGMA journal_mode = WAL", "BEGIN IMMEDIATE"), id="written while it is created"),
    ],
)
def test_a_file_that_others_open_too_is_tried_again(tmp_path: Path, held: tuple[str, ...]) -> None:
    """Regions start at once on one new file; SQLite refuses some of them without a wait."""
    other = sqlite3.connect(tmp_path / "t.sqlite", isolation_level=None)
    for statement in ("CREATE TABLE other (n)", *held):
        other.execute(statement).fetchall()
    waits: list[float] = []

    def pause(seconds: float) -> None:
        waits.append(seconds)
        if len(waits) == 3:
            other.execute("COMMIT")

    opened = Storage(tmp_path / "t.sqlite", schema=SCHEMA, pause=pause)
    opened.close()

    assert waits == [0.01] * 3


def test_a_file_that_others_never_let_go_is_given_up(tmp_path: Path) -> None:
    """After half a minute, with SQLite's own words."""
    other = sqlite3.connect(tmp_path / "t.sqlite", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    waits: list[float] = []
    with pytest.raises(sqlite3.OperationalError, match="locked"):
        Storage(tmp_path / "t.sqlite", schema=SCHEMA, pause=waits.append)

    assert sum(waits) == pytest.approx(30.0)


def test_a_file_that_is_no_database_is_not_tried_again(tmp_path: Path) -> None:
    """It will not become one."""
    (tmp_path / "t.sqlite").write_bytes(b"no database" * 1000)
    waits: list[float] = []
    with pytest.raises(sqlite3.DatabaseError, match="not a database"):
        Storage(tmp_path / "t.sqlite", schema=SCHEMA, pause=waits.append)

    assert waits == []


async def test_a_result_comes_after_commit(storage: Storage, tmp_path: Path) -> None:
    """What write() returned for, any other connection sees."""
    result = await storage.write(insert, 1)

    assert result == 1
    other = sqlite3.connect(tmp_path / "new" / "t.sqlite")
    assert numbers(other) == [1]
    other.close()


async def test_it_is_durable_by_configuration(storage: Storage) -> None:
    """WAL, and a sync at every commit (FULL is 2)."""
    modes = await storage.write(
        lambda c: [c.execute(f"PRAGMA {name}").fetchone()[0] for name in ("journal_mode", "synchronous")]
    )

    assert modes == ["wal", 2]


async def test_an_error_undoes_its_own_unit_only(storage: Storage) -> None:
    """In one batch, a unit that raises leaves nothing behind and its neighbours untouched."""
    error = ValueError("no")
    outcomes = await one_batch(
        storage, lambda c: insert(c, 1), lambda c: insert(c, 2, then=error), lambda c: insert(c, 3)
    )

    assert [1, error, 3] == outcomes
    assert storage.read(numbers) == [1, 3]


@pytest.mark.parametrize("statement", ["COMMIT", "RELEASE unit"])
async def test_a_broken_transaction_fails_for_all_and_harms_nobody_later(
    storage: Storage, statement: str
) -> None:
    """If the transaction itself breaks, nobody in the batch is told yes, and the next one works."""
    outcomes = await one_batch(storage, lambda c: c.execute(statement), lambda c: insert(c, 2))

    assert all(isinstance(outcome, sqlite3.Error) for outcome in outcomes)
    assert await storage.write(insert, 3) == 3


async def test_many_units_are_all_done(storage: Storage) -> None:
    """More units than fit in one batch are done in several."""
    outcomes = await one_batch(storage, *(lambda c, n=n: insert(c, n) for n in range(150)))

    assert list(range(150)) == outcomes == storage.read(numbers)


async def test_who_has_gone_is_not_told(storage: Storage) -> None:
    """A caller that was cancelled while it waited does not stop the writer; its work is done."""
    busy, go_on = threading.Event(), threading.Event()

    def slow(connection: sqlite3.Connection) -> None:
        busy.set()
        go_on.wait()
        insert(connection, 1)

    gone = asyncio.ensure_future(storage.write(slow))
    await asyncio.to_thread(busy.wait)
    gone.cancel()
    await asyncio.gather(gone, return_exceptions=True)
    go_on.set()

    assert await storage.write(insert, 2) == 2
    assert storage.read(numbers) == [1, 2]


async def test_a_reader_keeps_its_snapshot(storage: Storage, tmp_path: Path) -> None:
    """What is committed during a read is not seen by it."""
    other = Storage(tmp_path / "new" / "t.sqlite", schema=SCHEMA)
    loop = asyncio.get_running_loop()

    def read_twice(connection: sqlite3.Connection) -> tuple[list[int], list[int]]:
        before = numbers(connection)
        asyncio.run_coroutine_threadsafe(other.write(insert, 1), loop).result(10)
        return before, numbers(connection)

    seen = await asyncio.to_thread(storage.read, read_twice)
    other.close()

    assert seen == ([], [])
    assert storage.read(numbers) == [1]


def test_a_loop_that_has_ended_is_not_called(storage: Storage) -> None:
    """Work whose loop is gone is still done."""
    go_on = threading.Event()

    def late(connection: sqlite3.Connection) -> None:
        go_on.wait()
        insert(connection, 1)

    async def leave() -> None:
        task = asyncio.ensure_future(storage.write(late))
        await asyncio.to_thread(lambda: None)
        task.cancel()

    asyncio.run(leave())
    go_on.set()

    assert asyncio.run(storage.write(insert, 2)) == 2
    assert storage.read(numbers) == [1, 2]


def test_closing_finishes_what_waits(tmp_path: Path) -> None:
    """What was handed in before close() is in the database after it."""
    opened = Storage(tmp_path / "t.sqlite", schema=SCHEMA)

    async def hand_in() -> None:
        busy, go_on = threading.Event(), threading.Event()

        def block(_: sqlite3.Connection) -> None:
            busy.set()
            go_on.wait()

        first = asyncio.ensure_future(opened.write(block))
        await asyncio.to_thread(busy.wait)
        tasks = [asyncio.ensure_future(opened.write(insert, n)) for n in range(3)]
        await asyncio.to_thread(lambda: None)
        closing = asyncio.ensure_future(asyncio.to_thread(opened.close))
        await asyncio.to_thread(lambda: None)
        go_on.set()
        await asyncio.gather(closing, first, *tasks)

    asyncio.run(hand_in())

    reader = sqlite3.connect(tmp_path / "t.sqlite")
    assert numbers(reader) == [0, 1, 2]
    reader.close()
