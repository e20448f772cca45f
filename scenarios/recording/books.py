"""The books of one Locust process: Locust's statistics, both clocks' histograms, and the summary at the end.

A request is one append while it is hot; everything else happens twenty times a second, in arrays.
"""

import sys
import time
from itertools import starmap
from pathlib import Path
from typing import Any

import gevent
import msgspec
import numpy as np
from locust.env import Environment
from rich.console import Console
from rich.table import Table

from rehearsal.model.clock import NS_PER_MS, NS_PER_S
from rehearsal.model.histogram import OVERFLOW, Histogram, Ints, bucket_of, percentile
from rehearsal.model.history import Row
from scenarios.recording.bookkeeping import Overheard, Serving
from scenarios.recording.locust_stats import BatchedStats
from scenarios.recording.stats_batch import Batch, Key
from scenarios.reply import Reply

_SLICE = 1_000
_COLUMNS = 5
#: So many kinds of requests (method, name, error) are told apart; more are texts of single failures.
_MOST_KEYS = 5_000
_OTHERS = "others"
_SHARES = {"p50": 0.5, "p95": 0.95, "p99": 0.99, "p999": 0.999, "max": 1.0}
_CLOCKS = ("response_ms", "service_ms", "send_lag_ms")


class Books:
    """What became of every request of this process, in constant memory."""

    def __init__(self, environment: Environment) -> None:
        """Take the environment whose statistics are kept."""
        self._environment = environment
        self._stats = BatchedStats(environment)
        #: Number of the key, due, sent, done, length; again and again: a flat list takes five at a time for
        #: a tenth of what array("q") asks.
        self._taken: list[int] = []
        self._numbers: dict[Key, int] = {}
        self._keys: list[Key] = []
        self._overheard: list[tuple[int, int, int, bool]] = []
        self._counts = np.zeros((len(_CLOCKS), OVERFLOW + 1), np.int64)
        self._requests = 0
        self._failures = 0
        self._since_ns = self._until_ns = time.monotonic_ns()
        self._ended = False

    def take(self, method: str, name: str, error: str, due_ns: int, sent_ns: int, reply: Reply) -> None:
        """Count one request; times on CLOCK_MONOTONIC."""
        key = (method, name, error)
        number = self._numbers.get(key)
        if number is None:
            number = self._number_of(key)
        self._taken += (number, due_ns, sent_ns, reply.done_ns, len(reply.body))

    def overhear(self, request: Overheard) -> None:
        """Count one request of another client: Locust has booked it, only the two clocks are missing."""
        failed = request.exception is not None
        self._overheard.append((request.due_ns, request.sent_ns, request.done_ns, failed))

    def plan(self, kind: str, due_ns: Ints) -> None:
        """Do nothing: the summary tells of all classes together."""

    def visit(self, serving: Serving, done_ns: int) -> None:
        """Do nothing: requests tell of the times, the stand of the count."""

    def drop(self, row: Row) -> None:
        """Do nothing: the stand counts drops."""

    def begin(self, at_ns: int) -> None:
        """Count the wall time from here."""
        self._since_ns = at_ns

    def end(self) -> None:
        """Count the wall time until now, the first time this is said."""
        if not self._ended:
            self._ended, self._until_ns = True, time.monotonic_ns()

    def flush(self) -> None:
        """Book what has waited, in slices between which others run."""
        while self._taken:
            rows = self._taken[: _SLICE * _COLUMNS]
            del self._taken[: _SLICE * _COLUMNS]
            self._book(np.array(rows, np.int64).reshape(-1, _COLUMNS))
            gevent.sleep(0)
        overheard, self._overheard = self._overheard, []
        if overheard:
            self._count(*np.array([each[:3] for each in overheard], np.int64).T)
            self._failures += sum(each[3] for each in overheard)

    def summary(self, *, planned: int, started: int, dropped: dict[str, int]) -> dict[str, Any]:
        """Return the whole as plain values: the ledger, counts, rates, percentiles of both clocks in ms."""
        self.end()
        wall_s = max((self._until_ns - self._since_ns) / NS_PER_S, 1e-9)
        return {
            "planned": planned,
            "started": started,
            "dropped": dropped,
            "requests": self._requests,
            "failures": self._failures,
            "wall_s": wall_s,
            "requests_per_s": self._requests / wall_s,
            **{clock: _percentiles(counts) for clock, counts in zip(_CLOCKS, self._counts, strict=True)},
        }

    def report(self, *, planned: int, started: int, dropped: dict[str, int]) -> None:
        """Print the two clocks, and write the summary where `--rehearsal-summary` asks for it."""
        summary = self.summary(planned=planned, started=started, dropped=dropped)
        options = self._environment.parsed_options
        if path := str(getattr(options, "rehearsal_summary", "") or ""):
            Path(path).write_bytes(msgspec.json.format(msgspec.json.encode(summary), indent=2) + b"\n")
        if self._requests:
            Console(file=sys.stderr).print(_table(summary))

    def _number_of(self, key: Key) -> int:
        if len(self._keys) >= _MOST_KEYS:
            key = (key[0], _OTHERS, _OTHERS if key[2] else "")
        if key not in self._numbers:
            self._numbers[key] = len(self._keys)
            self._keys.append(key)
        return self._numbers[key]

    def _count(self, due: Ints, sent: Ints, done: Ints) -> None:
        for row, times_ns in zip(self._counts, (done - due, done - sent, sent - due), strict=True):
            np.add.at(row, bucket_of(times_ns), 1)
        self._requests += len(due)

    def _book(self, rows: Ints) -> None:
        number, due_ns, sent_ns, done_ns, lengths = np.ascontiguousarray(rows.T)
        self._count(due_ns, sent_ns, done_ns)
        found, counts = np.unique(number, return_counts=True)
        self._failures += sum(
            count for key, count in zip(found.tolist(), counts.tolist(), strict=True) if self._keys[key][2]
        )
        # Locust counts in seconds since the epoch; the monotonic clock is turned into it here and only here.
        epoch_ns = time.time_ns() - time.monotonic_ns()
        at_s = (done_ns + epoch_ns) / NS_PER_S
        self._stats.book(Batch(self._keys, number, done_ns - due_ns, lengths, at_s))


def _percentiles(counts: Ints) -> dict[str, float]:
    buckets = np.flatnonzero(counts)
    histogram = Histogram(buckets, counts[buckets])
    if not buckets.size:
        return {}
    return {name: percentile(histogram, share).value_ns / NS_PER_MS for name, share in _SHARES.items()}


def _table(summary: dict[str, Any]) -> Table:
    told = ", ".join(starmap("{} {}".format, summary["dropped"].items())) or "none"
    ledger = (
        f"planned {summary['planned']} = started {summary['started']} + dropped ({told}); "
        if (summary["planned"])
        else ""
    )
    table = Table(title=f"{ledger}{summary['requests']} requests, {summary['failures']} failed")
    table.add_column("clock (ms)")
    for name in _SHARES:
        table.add_column(name, justify="right")
    for clock, words in zip(_CLOCKS, ("response, from due", "service, from sent", "send lag"), strict=True):
        table.add_row(words, *(f"{value:.2f}" for value in summary[clock].values()))
    return table
