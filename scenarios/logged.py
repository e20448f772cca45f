"""A visit of a drill whose load is an access log: the steps of one session, each at its own time.

A step is due by the log's clock, counted from the visit's arrival, or once the answer before it is there. The
shop's word is its status: success, or what the log has for the same request. A redirect where the log has
pages may lead to a login or to another address; it is quick, serves nobody, and does not count as served.
"""

from pathlib import Path
from typing import Protocol

from rehearsal.model.clock import NS_PER_S
from rehearsal.model.errors import RehearsalError
from rehearsal.model.history import BUSY, Kind, Outcome, Row
from rehearsal.rundir import folder
from scenarios.answer import Answer
from scenarios.load_order import LoadOrder, LogOrder
from scenarios.replay import visits
from scenarios.replay.visits import Request, Visits
from scenarios.reply import Http, Reply, transport_outcome
from scenarios.schedule import Arrival, shopper_name
from scenarios.visit import Pace, Record

_TOO_MANY = 429
_HUNDRED, _SUCCESS, _REDIRECT = 100, 2, 3
#: Letters of a label that are kept: a log may hold paths of any length.
_LETTERS = 120
#: Longer pauses can be ended by a stop.
_LONG_NS = 2 * NS_PER_S


class Over(Protocol):
    """Whether no more steps are to begin; gevent's Event is one."""

    def is_set(self) -> bool:
        """Tell whether it is so."""

    def wait(self, timeout: float) -> object:
        """Return when it is so, or after `timeout` seconds."""


class LoggedVisits:
    """What every visit of one load process plays from."""

    def __init__(self, played: Visits, *, url: str, seed: int, end_ns: int, over: Over) -> None:
        """Take the sessions, the shop's address, the run's seed and end, and who ends visits before that."""
        self._visits = played
        self._url = url.rstrip("/")
        self._seed = seed
        self._end_ns = end_ns
        self._over = over

    def play(self, arrival: Arrival, http: Http, *, pace: Pace, record: Record) -> Row:
        """Carry out one visit and return its row."""
        begun_ns = pace.now_ns()
        good, free_ns = True, 0
        session = arrival.index % self._visits.sessions
        for step in range(self._visits.first[session], self._visits.first[session + 1]):
            due_ns = max(arrival.due_ns + int(self._visits.offset_ns[step]), free_ns)
            if due_ns >= self._end_ns or not self._wait(pace, due_ns):
                break
            request = self._visits.asked[self._visits.request[step]]
            reply = http.request(request.method, self._url + request.path)
            outcome, error = fate_of(reply, request.seen)
            answer = Answer(reply=reply, outcome=outcome, error=error)
            record(self._row(arrival, request, due_ns, answer), answer)
            good, free_ns = good and outcome is Outcome.OK, reply.done_ns
        return Row(
            kind=Kind.VISIT,
            f=arrival.kind,
            visit=arrival.index,
            shopper=shopper_name(self._seed, arrival.index),
            due_ns=arrival.due_ns,
            sent_ns=begun_ns,
            done_ns=pace.now_ns(),
            outcome=Outcome.OK if good else Outcome.FAIL,
        )

    def _wait(self, pace: Pace, due_ns: int) -> bool:
        """Return when a step is due; tell whether it is still to be sent."""
        ahead_ns = due_ns - pace.now_ns()
        if ahead_ns > _LONG_NS:
            self._over.wait((ahead_ns - NS_PER_S) / NS_PER_S)
        if self._over.is_set():
            return False
        pace.wait_until_ns(due_ns)
        return not self._over.is_set()

    def _row(self, arrival: Arrival, request: Request, due_ns: int, answer: Answer) -> Row:
        return Row(
            kind=Kind.OP,
            f=request.label[:_LETTERS],
            visit=arrival.index,
            shopper=shopper_name(self._seed, arrival.index),
            due_ns=due_ns,
            sent_ns=answer.reply.sent_ns,
            done_ns=answer.reply.done_ns,
            outcome=answer.outcome,
            error=answer.error,
            status=answer.reply.status,
        )


def fate_of(reply: Reply, seen: int) -> tuple[Outcome, str]:
    """Return how a step ended, and its error class; `seen` as in `visits.Request`.

    Where the log does not tell its answers (0), a redirect is as good as a page.
    """
    if outcome := transport_outcome(reply):
        return outcome, reply.error or f"http_{reply.status}"
    if reply.status == _TOO_MANY:
        return Outcome.FAIL, BUSY
    family = reply.status // _HUNDRED
    as_then = bool(seen >> family & 1) or (family == _REDIRECT and not seen)
    if family == _SUCCESS or as_then:
        return Outcome.OK, ""
    return Outcome.FAIL, f"http_{reply.status}"


def logged_visits(order: LoadOrder, over: Over) -> LoggedVisits | None:
    """Return what a load process plays its visits from; None if the plan names no log.

    RehearsalError as `sessions_of`.
    """
    if order.sessions is None:
        return None
    return LoggedVisits(
        sessions_of(order.sessions, order.seed),
        url=order.endpoints.url,
        seed=order.seed,
        end_ns=order.sessions.end_ns,
        over=over,
    )


def sessions_of(order: LogOrder, seed: int) -> Visits:
    """Return the sessions of an order; RehearsalError if they are not here what they were for it."""
    if Path(order.file).exists():
        played = visits.load(Path(order.file))
    else:
        require_same(order.log, order.log_sha256)
        found = visits.read(Path(order.log), methods=order.methods, seed=seed, visits=order.visits)
        played = visits.visits_of(found.table)
    if played.sha256 != order.sha256:
        raise RehearsalError(f"The sessions of {order.log} are not here what they are where the drill began.")
    return played


def require_same(path: str, sha256: str) -> None:
    """Raise RehearsalError unless a log is here, and what it is where the drill was started."""
    if not Path(path).is_file():
        raise RehearsalError(f"There is no log {path} here; put it where it is for the drill.")
    if folder.sha256_of(Path(path)) != sha256:
        raise RehearsalError(f"The log {path} is not here what it is where the drill was started.")
