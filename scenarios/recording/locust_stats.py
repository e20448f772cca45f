"""Our attempts in Locust's own statistics, so that its web page and CSV stay of use.

Locust books one request at a time, through an event, in buckets of two digits. Here attempts are booked in
batches, into the same entries, as `StatsEntry.log` would have done one by one, in buckets of three digits.
"""

import logging
import time
from collections.abc import Callable, Iterable
from typing import Any

import locust.stats
from locust.env import Environment
from locust.event import EventHook
from locust.exception import (
    InterruptTaskSet,
    RescheduleTask,
    RescheduleTaskImmediately,
    StopTest,
    StopUser,
)
from locust.stats import RequestStats, StatsCSV, StatsEntry, StatsError

from rehearsal.model.clock import NS_PER_MS
from rehearsal.model.history import PENDING, Row
from scenarios.recording.stats_batch import (
    Attempt,
    Batch,
    Booking,
    attempts_of,
    batch_of,
    bookings_of,
    rounded,
)
from scenarios.storefront import Answer
from scenarios.visit import is_good

#: Attempts booked in one go: so few that the loop is not held up, so many that arrays pay.
SLICE = 1_000

#: Listeners that know of our attempts already: Locust's own, and the one for other clients' requests.
_KNOWN = {("locust.runners", "on_request"), ("scenarios.stand", "_overhear")}
_logger = logging.getLogger(__name__)
_FOR_A_USER = (StopUser, RescheduleTask, RescheduleTaskImmediately, InterruptTaskSet)


class RequestFailed(Exception):
    """What a stranger's listener is given for a failed attempt; its text is the error class."""


class BatchedStats:
    """Books attempts into an environment's statistics, in batches; tells strangers of each.

    A stranger is a listener to `events.request` other than Locust's and ours, which would book them twice.
    """

    def __init__(self, environment: Environment) -> None:
        """Take the environment, and let Locust keep response times with three digits from now on."""
        self._environment = environment
        self._waiting: list[Attempt] = []
        keep_precision()

    def add(self, method: str, name: str, response_ns: int, length: int, error: str) -> None:
        """Note an attempt that ended now; `error` is empty if it was good, `length` in bytes."""
        self._waiting.append((method, name, error, response_ns, length, time.time()))

    def extend(self, attempts: Iterable[Attempt]) -> None:
        """Note attempts with the instants at which they ended."""
        self._waiting.extend(attempts)

    def flush(self, pause: Callable[[], None] = lambda: None) -> None:
        """Book what was noted, calling `pause` between slices so that others may run."""
        while self._waiting:
            attempts = self._waiting[:SLICE]
            del self._waiting[:SLICE]
            self.book(batch_of(attempts))
            pause()

    def book(self, batch: Batch) -> None:
        """Book attempts at once; their order is that of their ends."""
        _book(self._environment.stats, batch)
        self._tell_strangers(batch)

    def _tell_strangers(self, batch: Batch) -> None:
        strangers = EventHook()
        for handler in self._environment.events.request._handlers:  # noqa: SLF001 - Locust shows them nowhere
            if not _is_known(handler):
                strangers.add_listener(handler)
        if not strangers._handlers:  # noqa: SLF001 - as above
            return
        for attempt in attempts_of(batch):
            try:
                strangers.fire(**_event_of(attempt))
            except StopTest:
                if self._environment.runner is not None:
                    self._environment.runner.quit()
            except _FOR_A_USER:
                _logger.warning(
                    "A listener to events.request asked to stop a user; attempts are told after they ended."
                )


def fire(environment: Environment, row: Row, answer: Answer) -> None:
    """Report one attempt: the response time counts from the due time; a pending payment is no failure."""
    good = is_good(answer, row.note) or answer.error == PENDING
    environment.events.request.fire(
        request_type="POST" if row.intent else "GET",
        name=row.f,
        response_time=(row.done_ns - row.due_ns) / NS_PER_MS,
        response_length=len(answer.reply.body),
        exception=None if good else RuntimeError(row.error),
        context={},
    )


def keep_precision() -> None:
    """Let Locust bucket response times by `rounded`, and write them to its CSV files as they are.

    Replacing the first is documented by Locust; its CSV writer would cut 0.9 ms to 0.
    """
    locust.stats.bucket_response_time = rounded  # type: ignore[assignment]
    StatsCSV._percentile_fields = _percentile_fields  # type: ignore[method-assign]  # noqa: SLF001 - the only place


def _percentile_fields(self: StatsCSV, stats_entry: StatsEntry, use_current: bool = False) -> list[Any]:  # noqa: FBT001, FBT002 - Locust's own signature
    if not stats_entry.num_requests:
        return self.percentiles_na
    measure: Callable[[float], float | None] = stats_entry.get_response_time_percentile
    if use_current and stats_entry.use_response_times_cache:
        measure = stats_entry.get_current_response_time_percentile
    return [measure(share) or 0 for share in self.percentiles_to_report]


def _book(stats: RequestStats, batch: Batch) -> None:
    for booking in bookings_of(batch):
        method, name, error = booking.key
        entry = stats.entries[name, method]
        for each in (stats.total, entry):
            _log(each, booking)
            if error:
                each.num_failures += booking.requests
                each.num_fail_per_sec[booking.second] += booking.requests
        if error:
            _log_error(stats, StatsError(*booking.key, booking.requests, booking.second, booking.second))


def _log(entry: Any, booking: Booking) -> None:
    """Do what `StatsEntry.log` does for each request of a second."""
    last_s = entry.last_request_timestamp
    if entry.use_response_times_cache and last_s and booking.second > int(last_s):
        entry._cache_response_times(booking.second - 1)  # noqa: SLF001 - what StatsEntry.log calls itself
    entry.num_requests += booking.requests
    entry.num_reqs_per_sec[booking.second] += booking.requests
    entry.last_request_timestamp = max(last_s or 0.0, booking.last_s)
    entry.total_response_time += booking.total_ms
    least = entry.min_response_time
    entry.min_response_time = booking.least_ms if least is None else min(least, booking.least_ms)
    entry.max_response_time = max(entry.max_response_time, booking.most_ms)
    entry.total_content_length += booking.length
    for response_ms, count in booking.buckets:
        entry.response_times[response_ms] += count


def _log_error(stats: RequestStats, seen: StatsError) -> None:
    key = StatsError.create_key(seen.method, seen.name, seen.error)
    known = stats.errors.setdefault(key, seen)
    if known is not seen:
        known.occurrences += seen.occurrences
        known.last_seen = seen.last_seen


def _is_known(handler: Any) -> bool:
    return (getattr(handler, "__module__", ""), getattr(handler, "__name__", "")) in _KNOWN


def _event_of(attempt: Attempt) -> dict[str, Any]:
    """Return what Locust's own clients fire, without what a batch no longer has."""
    method, name, error, response_ns, length, at_s = attempt
    return {
        "request_type": method,
        "name": name,
        "response_time": response_ns / NS_PER_MS,
        "response_length": length,
        "response": None,
        "context": {},
        "exception": RequestFailed(error) if error else None,
        "start_time": at_s - response_ns / 1e9,
        "url": name,
    }
