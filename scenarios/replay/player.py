"""Plays a schedule's sessions under Locust: an open model of sessions, steps on each session's own clock."""

import os
import struct
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import gevent
import gevent.event
import msgspec

from rehearsal.model.clock import NS_PER_MS, NS_PER_S, SystemClock
from rehearsal.model.history import Drop, Row
from rehearsal.rundir import folder
from scenarios.client import Client
from scenarios.http.cookies import Jar
from scenarios.pool import Dispatcher, GeventPace
from scenarios.quiet import quiet
from scenarios.replay import schedule_file
from scenarios.replay.play_order import (
    END,
    ORDER,
    PROGRESS,
    SENT,
    SENT_FORMAT,
    STEPS,
    STOP,
    PlayEnd,
    PlayOrder,
)
from scenarios.replay.play_order import PlayProgress as Progress
from scenarios.reply import Reply

_EVERY_S = 0.25
_HEAD_START_NS = 200 * NS_PER_MS
#: Who is still under way this long after a stop is cut short.
_GRACE_S = 2.0


class Session(msgspec.Struct, frozen=True):
    """One session of the schedule: its steps are `first` to `last` (not included)."""

    index: int
    due_ns: int
    first: int
    last: int


class Plays(NamedTuple):
    """What is played: sessions in due order, and an entry a step in each column."""

    sessions: Sequence[Session]
    due_ns: Sequence[int]
    method: Sequence[str]
    path: Sequence[str]
    buyer: Sequence[str]


class Player:
    """One load process. Locust's users call `serve`; `conduct` leads them."""

    def __init__(self, run: Path) -> None:
        """Read the order and the steps in the folder."""
        self._run = run
        self.order = folder.read_json(run / ORDER, PlayOrder)
        self._plays = read_plays(run / STEPS)
        self._clock = SystemClock()
        self._sent = (run / SENT).open("wb")
        self._buffer = bytearray()
        self._pack = struct.Struct(SENT_FORMAT).pack
        self._errors: dict[str, int] = {"": 0}
        self._drops: Counter[str] = Counter()
        self._requests = self._waiting = self._cut = 0
        self._standing = gevent.event.Event()
        self._stopping = False
        self._origin_ns = 0
        self._wall_s = 0.0
        self._dispatcher = Dispatcher(self._plays.sessions, GeventPace(self._clock, 0), self._drop)

    def client(self) -> Client:
        """Return a client for one user, once all users stand."""
        self._waiting += 1
        self._standing.wait()
        return Client(self._clock, self._origin_ns, timeout_s=self.order.timeout_s, allow=self.order.allow)

    def serve(self, http: Client) -> None:
        """Serve one session, as a buyer nobody has met."""
        session = self._dispatcher.take()
        try:
            http.cookies = Jar()
            self._steps(session, http)
        finally:
            self._dispatcher.done()

    def conduct(self) -> None:
        """Wait for the pool, walk the schedule to its end or to a stop, and write how it went."""
        while self._waiting < self.order.pool:
            gevent.sleep(0.02)
        quiet()  # which may take longer than the head start, and the clock must not run meanwhile
        self._origin_ns = self._clock.now_ns() + _HEAD_START_NS
        pace = GeventPace(self._clock, self._origin_ns)
        self._dispatcher = Dispatcher(self._plays.sessions, pace, self._drop)
        self._standing.set()
        gevent.spawn(self._dispatcher.run)
        parent = os.getppid()
        while not self._dispatcher.finished.wait(timeout=_EVERY_S):
            self._publish(pace)
            if (self._run / STOP).exists() or os.getppid() != parent:
                self._wall_s = pace.now_ns() / NS_PER_S
                self._stop()
                break
        self._publish(pace)
        self._cut += self._dispatcher.in_flight
        self._end(self._wall_s or pace.now_ns() / NS_PER_S)

    def _steps(self, session: Session, http: Client) -> None:
        """Send a session's steps: each is due by the log's clock, or once the answer before it is there."""
        plays, pace = self._plays, GeventPace(self._clock, self._origin_ns)
        answered_ns = 0
        headers = {**self.order.headers, "X-Shopper": plays.buyer[session.first]}
        for row in range(session.first, session.last):
            due_ns = max(plays.due_ns[row], answered_ns)
            pace.wait_until_ns(due_ns)
            if self._stopping:
                self._cut += 1
                return
            try:
                reply = http.request(plays.method[row], self.order.url + plays.path[row], headers=headers)
            except Exception as error:  # noqa: BLE001 - a path that cannot be sent is counted, by its error
                reply = Reply(sent_ns=pace.now_ns(), done_ns=pace.now_ns(), error=type(error).__name__)
            answered_ns = reply.done_ns
            fate = self._errors.setdefault(reply.error, len(self._errors))
            self._buffer += self._pack(row, due_ns, reply.sent_ns, reply.done_ns, reply.status, fate)
            self._requests += 1

    def _stop(self) -> None:
        self._stopping = True
        self._dispatcher.abort()
        self._dispatcher.finished.wait(timeout=_GRACE_S)

    def _drop(self, row: Row) -> None:
        self._drops[Drop(row.f).value] += 1

    def _publish(self, pace: GeventPace) -> None:
        self._sent.write(self._buffer)
        self._sent.flush()
        self._buffer.clear()
        progress = Progress(
            state="running",
            at_s=pace.now_ns() / NS_PER_S,
            started=self._dispatcher.started,
            dropped=self._dispatcher.dropped,
            in_flight=self._dispatcher.in_flight,
            requests=self._requests,
        )
        with (self._run / PROGRESS).open("ab") as file:
            file.write(msgspec.json.encode(progress) + b"\n")

    def _end(self, wall_s: float) -> None:
        self._sent.close()
        end = PlayEnd(
            started=self._dispatcher.started,
            dropped=dict(self._drops),
            cut=self._cut,
            wall_s=wall_s,
            errors=tuple(self._errors),
        )
        folder.write_json(self._run / END, end)


def read_plays(path: Path) -> Plays:
    """Read the steps to play (columns of `schedule_file`, whole sessions together)."""
    table = schedule_file.read(path)
    first = table["session"].rle_id()
    starts = table.with_row_index("row").group_by(first.alias("number"), maintain_order=True)
    rows = starts.first().select("row", "due_ns").rows()
    ends = [row for row, _ in rows[1:]] + [table.height]
    return Plays(
        [Session(i, due, row, end) for i, ((row, due), end) in enumerate(zip(rows, ends, strict=True))],
        table["due_ns"].to_list(),
        table["method"].to_list(),
        table["path"].to_list(),
        table["buyer"].to_list(),
    )
