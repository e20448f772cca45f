"""SQLite, durable and shared: one writer thread a process, snapshots for readers.

WAL lets readers go on while one writes; synchronous=FULL makes every COMMIT reach the disk before it returns
(https://www.sqlite.org/pragma.html#pragma_synchronous), so what was acknowledged survives kill -9.
"""

import asyncio
import sqlite3
import threading
import time
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any, Concatenate, NamedTuple, ParamSpec, Protocol, TypeVar

P = ParamSpec("P")
T = TypeVar("T")

_BUSY_MS = 5000
_BATCH = 64
#: The low byte of an extended result code is the primary one.
_PRIMARY = 0xFF
#: A file is opened within half a minute, or not: so often is it tried, so far apart.
_TRIES, _APART_S = 3000, 0.01


class Guard(Protocol):
    """What may stand between a process and its storage, and raise in its place."""

    def before_read(self) -> None:
        """Run before each read."""

    async def before_write(self) -> None:
        """Run before a unit of work is handed to the writer."""

    def after_commit(self) -> None:
        """Run after a unit of work was committed, before its result is handed on."""


class _Job(NamedTuple):
    """A unit of work that waits for the writer, and who waits for it."""

    work: Callable[[sqlite3.Connection], Any]
    future: asyncio.Future[Any]
    loop: asyncio.AbstractEventLoop


class _Done(NamedTuple):
    """What became of a job: a result, or the error it raised."""

    job: _Job
    result: Any
    error: BaseException | None


class Storage:
    """One database file. Units of work are plain functions that take a connection first."""

    def __init__(
        self,
        path: Path,
        *,
        schema: Iterable[str],
        own: Iterable[str] = (),
        guard: Guard | None = None,
        now_ns: Callable[[], int] = time.monotonic_ns,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        """Open `path`, creating what `schema` (idempotent statements) asks for.

        `own` is run on the writer's connection alone, for what is temporary. While others open the file too,
        it is tried again after a `pause` (s).
        """
        self._guard = guard
        #: How many units of work were committed here.
        self.commits = 0
        self._now_ns = now_ns
        #: How many connections write, or wait to, and for how long they did that till now.
        self.in_use = 0
        self.busy_ns = 0
        path.parent.mkdir(parents=True, exist_ok=True)
        self._writer = _connect(path, pause)
        _create(self._writer, schema, pause)
        for statement in own:
            self._writer.execute(statement)
        self._reader = _connect(path, pause)
        for connection in (self._writer, self._reader):
            connection.execute(f"PRAGMA busy_timeout = {_BUSY_MS}")
        self._jobs: SimpleQueue[_Job | None] = SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="writer", daemon=True)
        self._thread.start()

    def read(
        self, work: Callable[Concatenate[sqlite3.Connection, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Run reads on one snapshot and return their result."""
        if self._guard is not None:
            self._guard.before_read()
        self._reader.execute("BEGIN")
        try:
            return work(self._reader, *args, **kwargs)
        finally:
            self._reader.execute("COMMIT")

    async def write(
        self, work: Callable[Concatenate[sqlite3.Connection, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Run a unit of work all or nothing and return its result after COMMIT; what it raises undoes it."""
        if self._guard is not None:
            await self._guard.before_write()
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()
        self._jobs.put(_Job(lambda connection: work(connection, *args, **kwargs), future, loop))
        result = await future
        self.commits += 1
        if self._guard is not None:
            self._guard.after_commit()
        return result

    def close(self) -> None:
        """Finish what waits, then close."""
        self._jobs.put(None)
        self._thread.join()
        self._writer.close()
        self._reader.close()

    def _run(self) -> None:
        while batch := self._next_batch():
            begun_ns, self.in_use = self._now_ns(), 1
            done = self._commit(batch)
            self.busy_ns, self.in_use = self.busy_ns + self._now_ns() - begun_ns, 0
            for loop in {entry.job.loop for entry in done}:
                _deliver(loop, [entry for entry in done if entry.job.loop is loop])

    def _next_batch(self) -> list[_Job]:
        batch: list[_Job] = []
        job = self._jobs.get()
        while job is not None:
            batch.append(job)
            if len(batch) == _BATCH:
                return batch
            try:
                job = self._jobs.get_nowait()
            except Empty:
                return batch
        if batch:
            self._jobs.put(None)
        return batch

    def _commit(self, batch: list[_Job]) -> list[_Done]:
        # One COMMIT, and so one fsync, for all that wait: the answers leave only after it.
        try:
            self._writer.execute("BEGIN IMMEDIATE")
            done = [_attempt(self._writer, job) for job in batch]
            self._writer.execute("COMMIT")
        except sqlite3.Error as error:
            if self._writer.in_transaction:
                self._writer.execute("ROLLBACK")
            return [_Done(job, None, error) for job in batch]
        return done


def _attempt(connection: sqlite3.Connection, job: _Job) -> _Done:
    connection.execute("SAVEPOINT unit")
    try:
        done = _Done(job, job.work(connection), None)
    except Exception as error:  # noqa: BLE001 - handed to whoever waits for the job
        connection.execute("ROLLBACK TO unit")
        done = _Done(job, None, error)
    connection.execute("RELEASE unit")
    return done


def _deliver(loop: asyncio.AbstractEventLoop, done: list[_Done]) -> None:
    if not loop.is_closed():
        loop.call_soon_threadsafe(_settle, done)


def _settle(done: list[_Done]) -> None:
    for job, result, error in done:
        if job.future.done():
            continue
        if error is None:
            job.future.set_result(result)
        else:
            job.future.set_exception(error)


def _connect(path: Path, pause: Callable[[float], None]) -> sqlite3.Connection:
    """Return a connection that does not wait for others yet."""
    connection = sqlite3.connect(
        path, timeout=0, isolation_level=None, check_same_thread=False, cached_statements=256
    )
    # Of several that make a new file's journal a WAL at once, SQLite refuses some without any wait, whatever
    # their timeout: it would be a deadlock. In 2 of 300 races of three that was so.
    _insist(partial(connection.execute, "PRAGMA journal_mode = WAL"), pause)
    connection.execute("PRAGMA synchronous = FULL")
    return connection


def _create(connection: sqlite3.Connection, schema: Iterable[str], pause: Callable[[float], None]) -> None:
    # Two regions start at once on one file: the second waits, then finds everything there.
    _insist(partial(connection.execute, "BEGIN IMMEDIATE"), pause)
    for statement in schema:
        connection.execute(statement)
    connection.execute("COMMIT")


def _insist(act: Callable[[], object], pause: Callable[[float], None]) -> None:
    """Do what others on the same file keep one from, once they let go; sqlite3.Error if they do not."""
    for _ in range(_TRIES):
        try:
            act()
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & _PRIMARY != sqlite3.SQLITE_BUSY:
                raise
            pause(_APART_S)
        else:
            return
    act()
