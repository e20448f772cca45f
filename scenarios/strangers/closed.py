"""A load process whose users are a stranger's: as many as the plan wants, each at its own pace.

    python -m scenarios.strangers.closed RUN       the only load process of a run, led through its folder

What they do is recorded as our own shoppers' visits are; how they do it is left to their file.
"""

import hashlib
import os
import sys
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import gevent
import locust
import msgspec
from locust import log, stats
from locust.env import Environment
from locust.runners import Runner

from rehearsal.model.clock import NS_PER_S, nanoseconds
from rehearsal.model.errors import EXIT_OK, RehearsalError
from rehearsal.model.history import Crowd as Reading
from rehearsal.model.history import Kind, Row
from rehearsal.rundir import folder
from scenarios.fleet.link import FolderLink, Link
from scenarios.hush import hush
from scenarios.load_order import LOAD_ORDER, LoadOrder, Progress
from scenarios.pool import GeventPace
from scenarios.quiet import quiet
from scenarios.recording.histogram_book import HistogramBook
from scenarios.recording.locust_stats import BatchedStats
from scenarios.recording.recorder import Recorder
from scenarios.recording.sink import FileSink, Sink
from scenarios.recording.stats_batch import Attempt
from scenarios.recording.tally import Tally
from scenarios.schedule import Schedule
from scenarios.secret_sources import read_secrets
from scenarios.stand import Stand, put_stand
from scenarios.strangers.adopt import adopt
from scenarios.strangers.closed_books import ClosedBooks
from scenarios.strangers.crowd import Crowd
from scenarios.strangers.guard import hold_to
from scenarios.strangers.pulse import Pulse
from scenarios.users import OpenModel

#: Users have so long for their last task before they are cut off in it.
LAST_TASKS_S = 10.0
_EVERY_S = 0.25
_WORDS = 200


class Unbooked(BatchedStats):
    """Statistics that are not kept: Locust has booked what its own clients do."""

    def extend(self, attempts: Iterable[Attempt]) -> None:
        """Do nothing."""


class Named(BatchedStats):
    """Statistics under the names that the file gives its requests: a row's path has the method before it."""

    def extend(self, attempts: Iterable[Attempt]) -> None:
        """Note attempts by method and bare name."""
        super().extend((each[0], each[1].removeprefix(f"{each[0]} "), *each[2:]) for each in attempts)


class Closed:
    """One load process's share of a closed model. `conduct` leads it from its first user to its last."""

    def __init__(
        self, order: LoadOrder, schedule: Schedule, environment: Environment, *, link: Link, sink: Sink
    ) -> None:
        """Take the order, the schedule of users, and an environment; RehearsalError for a bad file."""
        self._order = order
        self._users = schedule.users
        self._environment = environment
        self._link = link
        self._runner: Runner = _runner_of(environment)
        environment.host = order.endpoints.url
        _require_same(order)
        adopt(Path(order.locustfile), environment, order.headers)
        self._tally = Tally(order.watch)
        book = HistogramBook(order.phases)
        mask = hush(read_secrets(order.secrets, os.environ))
        self._recorder = Recorder(sink, book, Named(environment), self._tally, mask=mask)
        self._overheard = Recorder(sink, book, Unbooked(environment), self._tally, mask=mask)
        self._books = ClosedBooks(self._recorder, self._overheard, order.phases)
        share = (order.worker, order.workers)
        stand = Stand(environment, self._books, share=share, leads=False)
        self._books.serving = stand.serving
        put_stand(environment, stand)
        for user in environment.user_classes:
            if issubclass(user, OpenModel):
                stand.pool_of(user)
        self._crowd = Crowd(environment, self._runner, *share)
        self._pace = GeventPace(link.clock, 0)

    def conduct(self) -> None:
        """Wait for the origin, be as many users as each second asks for, and let them end their last task."""
        quiet()  # before the origin is chosen: where the machine is slow, it takes longer than that is ahead
        self._link.say(Progress(state="ready"))
        while not (origin_ns := self._link.origin_ns()):
            gevent.sleep(0.02)
        self._begin(origin_ns)
        helpers = [gevent.spawn(work) for work in (self._publish, self._watch, self._count)]
        for at_ns, users in self._users[:-1]:
            if not self._wait_until(at_ns):
                break
            self._crowd.become(users)
            self._events.spawning_complete.fire(user_count=self._crowd.running)
        self._wait_until(self._users[-1][0])
        left = self._crowd.leave(LAST_TASKS_S)
        gevent.killall(helpers)
        self._end(left)

    def _wait_until(self, instant_ns: int) -> bool:
        """Return at `instant_ns`, or at once if the run is stopped; tell whether it goes on."""
        while not self._link.enough() and self._pace.now_ns() < instant_ns:
            self._pace.wait_until_ns(min(instant_ns, self._pace.now_ns() + nanoseconds(_EVERY_S)))
        return not self._link.enough()

    @property
    def _events(self) -> Any:
        return self._environment.events

    def _begin(self, origin_ns: int) -> None:
        self._pace = GeventPace(self._link.clock, origin_ns)
        # Requests are told by this machine's clock; the origin came by the master's, wherever that is.
        self._books.origin_ns = time.monotonic_ns() + origin_ns - self._link.clock.now_ns()
        self._books.end_ns = self._users[-1][0]
        self._events.user_error.add_listener(self._broke_off)
        self._environment._filter_tasks_by_tags()  # noqa: SLF001 - Locust does this when a test starts
        self._events.test_start.fire(environment=self._environment)

    def _end(self, left: int) -> None:
        """Cut off who is left, write down the rest, and end the test as Locust does."""
        if left:
            self._read(Reading.UNFINISHED, qty=left)
        self._environment.stop_timeout = 0.0
        self._runner.stop()
        self._overheard.flush(self._pace.now_ns())
        self._recorder.close(self._pace.now_ns())
        self._link.say(self._progress("finished"))

    def _publish(self) -> None:
        while True:
            gevent.sleep(_EVERY_S)
            for recorder in (self._overheard, self._recorder):
                recorder.flush(self._pace.now_ns(), lambda: gevent.sleep(0))
            self._link.say(self._progress("running"))

    def _watch(self) -> None:
        """Write down, each second, whether this process has room for its users."""
        pulse = Pulse(self._pace)
        self._pace.wait_until_ns(0)
        while True:
            at_ns, beats = pulse.second()
            for name, value in beats.items():
                self._recorder.visit(Row(kind=Kind.HEALTH, f=name, sent_ns=at_ns, value=value))

    def _count(self) -> None:
        """Write down how many users there are in the middle of each second, when none is just coming."""
        middle_ns = NS_PER_S // 2
        while True:
            self._pace.wait_until_ns(middle_ns)
            # All that there should be, in whatever process: so those of a dead worker are missed.
            self._read(Reading.RUNNING, qty=self._crowd.running, value=float(self._crowd.whole))
            middle_ns += NS_PER_S

    def _broke_off(self, exception: BaseException, **_: Any) -> None:
        self._read(Reading.ERROR, note=f"{type(exception).__name__}: {exception}"[:_WORDS])

    def _read(self, what: Reading, *, qty: int = 1, value: float = 0.0, note: str = "") -> None:
        row = Row(kind=Kind.USERS, f=what, sent_ns=self._pace.now_ns(), qty=qty, value=value, note=note)
        self._recorder.visit(row)

    def _progress(self, state: str) -> Progress:
        now_ns = self._pace.now_ns()
        progress = self._tally.progress(now_ns, started=0, dropped=0, in_flight=self._crowd.running)
        return msgspec.structs.replace(progress, state=state)


def held(order: LoadOrder, schedule: Schedule, environment: Environment, *, link: Link, sink: Sink) -> Closed:
    """Return the load of a process that can reach, from now on, this machine and the allowed hosts only."""
    hold_to(order.allow)
    return Closed(order, schedule, environment, link=link, sink=sink)


def environment_of(locustfile: Path) -> Environment:
    """Return an environment on Locust's global events, to which a file's listeners listen."""
    return Environment(events=locust.events, locustfile=locustfile.name)


def sha256_of(locustfile: Path) -> str:
    """Return a locustfile's SHA-256; RehearsalError if it cannot be read."""
    try:
        return hashlib.sha256(locustfile.read_bytes()).hexdigest()
    except OSError as error:
        raise RehearsalError(f"The locustfile {locustfile} cannot be read: {error.strerror}.") from None


def _require_same(order: LoadOrder) -> None:
    path = Path(order.locustfile)
    if sha256_of(path) != order.locustfile_sha256:
        raise RehearsalError(f"The locustfile {path} is not here what it is where the drill was started.")


def _runner_of(environment: Environment) -> Runner:
    return environment.runner or environment.create_local_runner()


def main(argv: list[str]) -> int:
    """Serve a run as its only load process and return the exit code."""
    run = Path(argv[0])
    setup_logging: Any = log.setup_logging
    setup_logging("WARNING", None)
    order = folder.read_json(run / LOAD_ORDER, LoadOrder)
    schedule = folder.read_json(run / folder.SCHEDULE, Schedule)
    environment = environment_of(Path(order.locustfile))
    sink = FileSink(run, order.worker)
    try:
        load = held(order, schedule, environment, link=FolderLink(run), sink=sink)
    except RehearsalError as error:
        sink.close()
        print(error, file=sys.stderr, flush=True)  # noqa: T201 - into the log that the conductor names
        return error.exit_code
    load.conduct()
    quitting: Any = environment.events.quitting
    quitting.fire(environment=environment, reverse=True)
    stats.print_stats(environment.stats, current=False)
    stats.print_percentile_stats(environment.stats)
    stats.print_error_report(environment.stats)
    return EXIT_OK


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
