"""Our attempts in Locust's own statistics, so that its web page and CSV stay of use."""

from locust.env import Environment

from rehearsal.model.clock import NS_PER_MS
from rehearsal.model.history import PENDING, Row
from scenarios.storefront import Answer
from scenarios.visit import is_good


def fire(environment: Environment, row: Row, answer: Answer) -> None:
    """Report one attempt: the response time counts from the due time; a pending payment is no failure."""
    good = is_good(answer) or answer.error == PENDING
    environment.events.request.fire(
        request_type="POST" if row.intent else "GET",
        name=row.f,
        response_time=(row.done_ns - row.due_ns) / NS_PER_MS,
        response_length=len(answer.reply.body),
        exception=None if good else RuntimeError(row.error),
        context={},
    )
