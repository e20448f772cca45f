"""The bridge from the history: what counts as good, which times, which seconds."""

from typing import Any

import numpy as np
import pytest

from capacity.samples import payments_of, requests_of, response_ms, service_ms, timed_of
from rehearsal.model.history import Row
from tests.capacity.conftest import drop, op, phase, plan_of, told, visit


@pytest.mark.parametrize(
    ("rest", "expected"),
    [
        pytest.param({}, True, id="ok"),
        pytest.param({"outcome": "fail", "error": "sold_out"}, True, id="a sold-out sale is a good answer"),
        pytest.param({"outcome": "fail", "error": "limit_reached"}, True, id="so is the limit"),
        pytest.param(
            {"outcome": "info", "error": "sold_out"}, False, id="a refusal nobody is sure of is not"
        ),
        pytest.param({"outcome": "fail", "error": "declined"}, False, id="a declined card is not"),
        pytest.param({"outcome": "info", "error": "timeout"}, False, id="a timeout is not"),
        pytest.param({"outcome": "info", "error": "pending"}, False, id="pending and never decided is not"),
        pytest.param({"outcome": "fail", "error": "busy", "status": 429}, False, id="turned away is not"),
        pytest.param(
            {"outcome": "fail", "error": "idempotency_mismatch", "status": 422, "note": "sent_otherwise"},
            True,
            id="another body under a used key, refused, is",
        ),
        pytest.param(
            {"outcome": "fail", "error": "idempotency_mismatch", "status": 422},
            False,
            id="the first body is not",
        ),
        pytest.param(
            {"outcome": "fail", "error": "busy", "status": 429, "note": "sent_otherwise"},
            False,
            id="another body that nobody looked at is not",
        ),
        pytest.param(
            {"outcome": "info", "error": "http_500", "status": 500, "note": "sent_otherwise"},
            False,
            id="another body in doubt is not",
        ),
    ],
)
def test_good_requests(rest: dict[str, Any], expected: bool) -> None:
    """A request is good if it is ok or rightly refused."""
    frame, _ = told(plan_of(), op(f="pay", intent="pay:1", **rest))

    actual = requests_of(frame)["good"].to_list()

    assert [expected] == actual


@pytest.mark.parametrize(
    ("ending", "expected"),
    [
        pytest.param(op(2, f="query", intent="pay:1"), [True, True], id="a query reads paid"),
        pytest.param(op(2, f="pay", intent="pay:1"), [True, True], id="a later attempt pays"),
        pytest.param(op(2, f="query", intent="pay:2"), [False, True], id="another intent ends ok"),
        pytest.param(op(2, f="order", intent="pay:1"), [False, True], id="what ends ok is no payment"),
    ],
)
def test_pending_is_decided_by_its_intent(ending: Row, expected: list[bool]) -> None:
    """A pending answer is good if the payment it belongs to ends ok."""
    frame, _ = told(plan_of(), op(1, f="pay", intent="pay:1", outcome="info", error="pending"), ending)

    assert expected == requests_of(frame)["good"].to_list()


def test_payments_are_intents_in_the_phase_of_their_first_attempt() -> None:
    """An intent counts once, where it began, and is ok if anything about it ended ok. Sold out is none."""
    plan = plan_of(phase("one"), phase("two"))
    frame, _ = told(
        plan,
        op(9, f="pay", intent="pay:1", outcome="info", error="timeout"),
        op(11, f="query", intent="pay:1"),
        op(12, f="pay", intent="pay:2", outcome="fail", error="expired"),
        op(12, f="order", intent="buy:3"),
        op(13, f="pay", intent="pay:4", outcome="fail", error="sold_out"),
    )

    expected = [("pay:1", "one", 9, True, False), ("pay:2", "two", 12, False, False)]

    assert expected == payments_of(requests_of(frame)).rows()


def test_times_count_from_due_and_from_sent() -> None:
    """Response time counts from the due time, service time from sending; without an end both are infinite."""
    frame, _ = told(plan_of(), op(1, took_ms=80, lag_ms=30), op(2, done_ns=0))
    requests = requests_of(frame)

    np.testing.assert_allclose(response_ms(requests), [80, np.inf])
    np.testing.assert_allclose(service_ms(requests), [50, np.inf])


def test_timed_rows_are_requests_and_visits() -> None:
    """Send lag is known of requests and visits, in the second they were due; drops have none."""
    frame, _ = told(plan_of(), op(1.5, lag_ms=7), visit(2.0, lag_ms=3), drop(3, "pool_exhausted"))

    expected = [(1, 7.0), (2, 3.0)]

    assert expected == timed_of(frame).select("second", "lag_ms").rows()
