"""The Locust side of a rehearsed run: schedule in, history out, progress to whoever watches."""

import os
from functools import partial
from pathlib import Path

import gevent
import gevent.event
import msgspec
from locust import User, task
from locust.env import Environment

from rehearsal.model.history import ADAPTER_ERROR, Kind, Outcome, Row
from rehearsal.model.secrets import Masker
from rehearsal.rundir import folder
from scenarios.behaviour import budget_of
from scenarios.connect import Connection, confine, connect
from scenarios.fleet.link import FolderLink, Link
from scenarios.hush import hush_streams, hushed
from scenarios.load_order import LOAD_ORDER, Growth, LoadOrder, Progress
from scenarios.logged import logged_visits
from scenarios.means import Means
from scenarios.pool import Dispatcher, GeventPace
from scenarios.quiet import quiet
from scenarios.recording.histogram_book import HistogramBook
from scenarios.recording.locust_stats import BatchedStats
from scenarios.recording.recorder import Recorder
from scenarios.recording.sink import FileSink, Sink
from scenarios.recording.tally import Tally
from scenarios.schedule import Arrival, Schedule, extended, stripe
from scenarios.secret_sources import read_secrets
from scenarios.shopper import Shopping, shop
from scenarios.storefront import Answer, load_adapter
from scenarios.strangers.closed import Named
from scenarios.test_data import Handout
from scenarios.varied import Varied
from scenarios.visit import is_good

_EVERY_S = 0.25


class Rehearsed:
    """One load process's part of a run. Locust's users call `serve`; `conduct` leads them."""

    def __init__(
        self, order: LoadOrder, schedule: Schedule, environment: Environment, *, link: Link, sink: Sink
    ) -> None:
        """Take the order, the whole schedule, and how this process hears, tells and records."""
        self._environment = environment
        self._link = link
        self._order = order
        self._schedule = schedule
        self._arrivals = stripe(schedule, order.worker, order.workers)
        secrets = read_secrets(order.secrets, os.environ)
        self._basis = Means(secrets=secrets, mail_domain=order.mail_domain, run=order.run)
        self._handout = self._handed_out()
        self._masks: dict[object, Masker] = {}
        if self._handout.is_secret:
            hush_streams(self._unsaid)
        self._shopping = Shopping(
            adapter=load_adapter(self._order.adapter),
            endpoints=msgspec.structs.replace(order.endpoints, secrets=secrets),
            basis=self._order.basis,
            seed=self._order.seed,
            budget=budget_of(self._order.basis.behaviour),
            means_of=lambda arrival: self._handout.means_of(arrival),  # noqa: PLW0108 - it may grow
            varied=Varied(order.varied),
        )
        self._clock = link.clock
        self._tally = Tally(order.watch)
        self._over = gevent.event.Event()
        self._logged = logged_visits(order, self._over)
        book, stats = HistogramBook(order.phases), (Named if self._logged else BatchedStats)(environment)
        self._recorder = Recorder(sink, book, stats, self._tally)
        self._waiting = 0
        self._standing = gevent.event.Event()
        self._origin_ns = 0
        self._dispatcher: Dispatcher[Arrival] | None = None

    def client(self) -> Connection:
        """Return a client for one user, once the origin is known."""
        self._waiting += 1
        self._standing.wait()
        return connect(self._shopping.adapter, self._clock, self._origin_ns, self._order.bounds)

    def serve(self, http: Connection) -> None:
        """Serve one arrival; an error of the adapter's own is written down, and the pool goes on."""
        dispatcher, pace = self._require()
        arrival = dispatcher.take()
        mask = self._masks[gevent.getcurrent()] = self._handout.masker_of(arrival)
        # Each visit is another shopper's: what the last one was signed in as is not hers.
        http.forget()
        try:
            if self._logged is not None:
                record = partial(self._record, mask)
                self._recorder.visit(self._logged.play(arrival, http, pace=pace, record=record))
                return
            shop(
                arrival,
                self._shopping,
                http,
                pace=pace,
                record=partial(self._record, mask),
                record_visit=self._recorder.visit,
            )
        except (Exception, SystemExit) as error:  # noqa: BLE001 - an adapter is a stranger's code
            self._recorder.visit(hushed(_crashed(arrival, pace, error), mask))
        finally:
            dispatcher.done()

    def conduct(self) -> None:
        """Wait for the pool and the origin, then walk the schedule to its end."""
        while self._waiting < self._order.pool:
            gevent.sleep(0.02)
        quiet()  # which may take longer than the half second between the origin's choice and the origin
        self._link.say(Progress(state="ready"))
        while not (origin_ns := self._link.origin_ns()):
            gevent.sleep(0.02)
        self._origin_ns = origin_ns
        pace = GeventPace(self._clock, self._origin_ns)
        if self._order.end_ns:
            self._shopping.closing.after(self._order.end_ns)
        self._dispatcher = Dispatcher(self._arrivals, pace, self._recorder.drop, grows=self._order.grows)
        self._standing.set()
        gevent.spawn(self._dispatcher.run)
        while not self._dispatcher.finished.wait(timeout=_EVERY_S):
            self._publish(pace)
            for growth in self._link.grown() if self._order.grows else ():
                self._grow(growth, pace)
            if self._link.enough():
                self._shopping.closing.after(pace.now_ns())
                self._over.set()
                self._dispatcher.abort()
        self._recorder.close(pace.now_ns())
        self._link.say(self._progress(pace, state="finished"))

    def _grow(self, growth: Growth, pace: GeventPace) -> None:
        """Go on with what was appended to the schedule."""
        dispatcher, _ = self._require()
        before = len(self._arrivals)
        self._schedule = extended(self._schedule, growth.due_ns, growth.kind)
        self._handout = self._handed_out()
        self._arrivals = stripe(self._schedule, self._order.worker, self._order.workers)
        self._shopping.varied.extend(growth.varied)
        self._recorder.extend(growth.phases, pace.now_ns())
        dispatcher.extend(self._arrivals[before:])

    def _handed_out(self) -> Handout:
        order = self._order
        return Handout(
            order.data, self._schedule, worker=order.worker, workers=order.workers, basis=self._basis
        )

    def _publish(self, pace: GeventPace) -> None:
        self._recorder.flush(pace.now_ns(), lambda: gevent.sleep(0))
        self._link.say(self._progress(pace))

    def _progress(self, pace: GeventPace, state: str = "running") -> Progress:
        dispatcher, _ = self._require()
        progress = self._tally.progress(
            pace.now_ns(),
            started=dispatcher.started,
            dropped=dispatcher.dropped,
            in_flight=dispatcher.in_flight,
        )
        return msgspec.structs.replace(progress, state=state)

    def _unsaid(self, text: str) -> str:
        """Return what is printed or logged without what the visit in this greenlet must not say."""
        return self._masks.get(gevent.getcurrent(), self._handout.mask)(text)

    def _record(self, mask: Masker, row: Row, answer: Answer) -> None:
        self._recorder.attempt(
            hushed(row, mask) if self._handout.is_secret else row,
            good=is_good(answer, row.note),
            length=len(answer.reply.body),
            method=row.f.partition(" ")[0] if self._logged else "POST" if row.intent else "GET",
        )

    def _require(self) -> tuple[Dispatcher[Arrival], GeventPace]:
        if self._dispatcher is None:
            raise RuntimeError("no arrival can be served before the origin is known")
        return self._dispatcher, GeventPace(self._clock, self._origin_ns)


class PooledShopper(User):
    """A member of the pool: takes the next arrival that is due, shops, and waits again."""

    rehearsed: Rehearsed

    def on_start(self) -> None:
        """Make this user's connections."""
        self.http = self.rehearsed.client()

    @task
    def serve(self) -> None:
        """Serve one arrival."""
        self.rehearsed.serve(self.http)


def alone(run: Path, environment: Environment) -> Rehearsed:
    """Return the only load process of a run, led through the run's folder."""
    order = folder.read_json(run / LOAD_ORDER, LoadOrder)
    schedule = folder.read_json(run / folder.SCHEDULE, Schedule)
    sink = FileSink(run, order.worker)
    return bound(order, schedule, environment, link=FolderLink(run), sink=sink)


def bound(
    order: LoadOrder, schedule: Schedule, environment: Environment, *, link: Link, sink: Sink
) -> Rehearsed:
    """Return the load of a process that, with a client of the adapter's own, reaches allowed hosts only."""
    confine(load_adapter(order.adapter), order.bounds)
    return Rehearsed(order, schedule, environment, link=link, sink=sink)


def _crashed(arrival: Arrival, pace: GeventPace, error: BaseException) -> Row:
    return Row(
        kind=Kind.VISIT,
        f=arrival.kind,
        visit=arrival.index,
        due_ns=arrival.due_ns,
        sent_ns=arrival.due_ns,
        done_ns=pace.now_ns(),
        outcome=Outcome.INFO,
        error=ADAPTER_ERROR,
        note=f"{type(error).__name__}: {error}",
    )
