"""Rows of a stranger's users, seen through a recorder that only keeps them."""

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import requests

from rehearsal.model.clock import NS_PER_MS, NS_PER_S
from rehearsal.model.history import Kind, Outcome, Row
from scenarios.recording.bookkeeping import Overheard, Serving
from scenarios.reply import Reply
from scenarios.strangers.closed_books import ClosedBooks

ORIGIN = 1_000 * NS_PER_S


class Kept:
    """A recorder that keeps what it is told."""

    def __init__(self) -> None:
        self.attempts: list[tuple[Row, bool, int, str]] = []
        self.rows: list[Row] = []

    def attempt(self, row: Row, *, good: bool, length: int, method: str) -> None:
        """Keep a request."""
        self.attempts.append((row, good, length, method))

    def visit(self, row: Row) -> None:
        """Keep a row."""
        self.rows.append(row)

    drop = visit


@pytest.fixture
def desk() -> SimpleNamespace:
    """Return books over two phases of five seconds, and their two recorders."""
    own: Any = Kept()
    overheard: Any = Kept()
    books = ClosedBooks(own, overheard, [("first", 0), ("second", 5 * NS_PER_S)])
    books.origin_ns, books.end_ns = ORIGIN, 10 * NS_PER_S
    return SimpleNamespace(books=books, own=own, overheard=overheard)


def heard(at_s: float, exception: object = None, status: int = 200, lag_ms: int = 0) -> Overheard:
    """Return a request that took 20 ms, as another client tells of it."""
    sent_ns = ORIGIN + round(at_s * NS_PER_S)
    return Overheard(
        method="GET",
        name="/p1",
        exception=exception,
        status=status,
        length=7,
        due_ns=sent_ns - lag_ms * NS_PER_MS,
        sent_ns=sent_ns,
        done_ns=sent_ns + 20 * NS_PER_MS,
    )


def test_a_request_of_another_client_is_a_row(desk: SimpleNamespace) -> None:
    """Its path is method and name, its instants count from the origin, and it is due when it is sent."""
    desk.books.overhear(heard(2.0))
    ((row, good, length, method),) = desk.overheard.attempts

    assert (row.f, row.kind, row.outcome, row.status) == ("GET /p1", Kind.OP, Outcome.OK, 200)
    assert (row.due_ns, row.sent_ns, row.done_ns) == (
        2 * NS_PER_S,
        2 * NS_PER_S,
        2 * NS_PER_S + 20 * NS_PER_MS,
    )
    assert (good, length, method, row.visit) == (True, 7, "GET", -1)
    assert desk.own.attempts == []


def test_what_failed_says_how(desk: SimpleNamespace) -> None:
    """Outcome, class and the client's own words."""
    desk.books.overhear(heard(2.0, requests.HTTPError("503 Server Error"), 503))
    ((row, good, _, _),) = desk.overheard.attempts

    assert (row.outcome, row.error, row.note, good) == (Outcome.INFO, "http_503", "503 Server Error", False)


def test_a_request_of_our_own_client_is_booked_by_us(desk: SimpleNamespace) -> None:
    """Locust knows nothing of it, so it goes to the recorder that books into Locust's statistics."""
    reply = Reply(sent_ns=ORIGIN, done_ns=ORIGIN + 5, status=404, body=b"123")
    desk.books.take("POST", "/x", "http_404", ORIGIN - 3, ORIGIN, reply)
    ((row, good, length, method),) = desk.own.attempts

    assert (row.f, row.due_ns, row.sent_ns, row.done_ns) == ("POST /x", -3, 0, 5)
    assert (row.outcome, good, length, method) == (Outcome.FAIL, False, 3, "POST")


def test_a_scheduled_arrivals_requests_bear_its_number(desk: SimpleNamespace) -> None:
    """So that it can be seen what an arrival came to."""
    desk.books.serving = lambda: Serving("Buyer", 17, ORIGIN, ORIGIN)
    desk.books.overhear(heard(2.0, lag_ms=9))
    ((row, *_),) = desk.overheard.attempts

    assert (row.visit, row.sent_ns - row.due_ns) == (17, 9 * NS_PER_MS)


def test_the_plan_of_a_class_is_written_by_phase(desk: SimpleNamespace) -> None:
    """What is due after the run's end was never planned."""
    due_ns = np.array([0, 1, 6, 7, 8, 20], np.int64) * NS_PER_S
    desk.books.plan("Buyer", due_ns)
    assert desk.own.rows == []
    desk.books.begin(ORIGIN + NS_PER_S)

    assert [(row.f, row.due_ns, row.qty) for row in desk.own.rows] == [
        ("Buyer", 1 * NS_PER_S, 2),
        ("Buyer", 7 * NS_PER_S, 3),
    ]
    assert {Kind.PLANNED} == {row.kind for row in desk.own.rows}


def test_a_class_whose_first_user_comes_late_is_planned_then(desk: SimpleNamespace) -> None:
    """Its arrivals count from the beginning like those of the others."""
    desk.books.begin(ORIGIN)
    desk.books.plan("Late", np.array([0, NS_PER_S], np.int64))

    assert [(row.f, row.qty) for row in desk.own.rows] == [("Late", 2)]


def test_arrivals_are_served_or_dropped(desk: SimpleNamespace) -> None:
    """Both with instants from the origin; what was dropped past the run's end was not planned."""
    desk.books.begin(ORIGIN + NS_PER_S)
    desk.books.visit(Serving("Buyer", 3, ORIGIN + 5, ORIGIN + 7), ORIGIN + 9)
    desk.books.drop(Row(kind=Kind.DROP, f="pool_exhausted", visit=4, due_ns=2 * NS_PER_S))
    desk.books.drop(Row(kind=Kind.DROP, f="aborted", visit=5, due_ns=9 * NS_PER_S))

    served, dropped = desk.own.rows
    assert (served.f, served.visit, served.due_ns, served.sent_ns, served.done_ns) == ("Buyer", 3, 5, 7, 9)
    assert (dropped.f, dropped.visit, dropped.due_ns) == ("pool_exhausted", 4, 3 * NS_PER_S)


def test_a_file_that_names_each_request_anew_is_cut(desk: SimpleNamespace) -> None:
    """Names of any length come from strangers."""
    desk.books.overhear(heard(2.0)._replace(name="x" * 1000))

    assert len(desk.overheard.attempts[0][0].f) == 120


def test_the_end_is_the_conductors_affair(desk: SimpleNamespace) -> None:
    """Whoever leads the process flushes and sums up."""
    desk.books.flush()
    desk.books.end()
    desk.books.report(planned=0, started=0, dropped={})

    assert (desk.own.rows, desk.own.attempts) == ([], [])
