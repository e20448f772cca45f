"""Asks: attempts, fallbacks and queries of one wish count as one, and each kind of promise is kept or not."""

from typing import Any

import pytest

from capacity.asks import KEPT, asks_of, usual_shares
from rehearsal.model.faults import FaultKind, Promise
from rehearsal.model.history import Kind, Row
from rehearsal.model.plan import PhaseKind
from tests.capacity.conftest import op, phase, plan_of
from tests.capacity.drilled import (
    HELD,
    NO_ANSWER,
    OK,
    REFUSED,
    UNREACHED,
    cards,
    drilled,
    each_second,
    fault_of,
)

OUTAGE = fault_of(FaultKind.PAYMENT_UNREACHABLE)


def pay(due_s: float, channel: str = "card", **rest: Any) -> Row:
    """Return an attempt of one payment."""
    return op(due_s, f="pay", visit=1, intent="pay:1", channel=channel, **rest)


def page(due_s: float, **rest: Any) -> Row:
    """Return an attempt at a page."""
    return op(due_s, f="product", visit=1, **rest)


@pytest.mark.parametrize(
    ("rows", "works", "degraded", "refused"),
    [
        pytest.param([pay(1)], True, True, True, id="served"),
        pytest.param([pay(1, took_ms=3500.0)], False, True, True, id="served late"),
        pytest.param([pay(1, **REFUSED), pay(2, "pay_later")], False, True, True, id="by another channel"),
        pytest.param(
            [pay(1, **NO_ANSWER), op(2, f="query", visit=1, intent="pay:1", channel="card")],
            True,
            True,
            True,
            id="known by asking",
        ),
        pytest.param([page(1, **UNREACHED), page(2, attempt=1)], True, True, True, id="at the second try"),
        pytest.param([pay(1, **REFUSED)], False, False, True, id="refused fast"),
        pytest.param([pay(1, took_ms=1500.0, **REFUSED)], False, False, False, id="refused late"),
        pytest.param(
            [page(1, outcome="info", status=503)], False, False, True, id="unavailable, effect unknown"
        ),
        pytest.param([page(1, **UNREACHED)], False, False, False, id="not reached"),
        pytest.param([pay(1, **NO_ANSWER)], False, False, False, id="no answer"),
        pytest.param([page(1, outcome="info", status=500)], False, False, False, id="a crash is no refusal"),
    ],
)
def test_promises_kept(rows: list[Row], works: bool, degraded: bool, refused: bool) -> None:
    """Each promise asks less than the one before: as ever, somehow, or no at once."""
    requests, _ = drilled(OUTAGE, rows)
    asks = asks_of(requests)
    actual = {promise: asks.select(kept).to_series().to_list() for promise, kept in KEPT.items()}

    assert actual == {Promise.WORKS: [works], Promise.DEGRADED: [degraded], Promise.REFUSED: [refused]}


def test_what_is_one_ask() -> None:
    """Two pages are two asks; a retry belongs to its page; what is sent on purpose is none."""
    rows = [
        page(1, **UNREACHED),
        page(1.5, attempt=1),
        page(2),
        pay(3),
        pay(3, note="double_click", **NO_ANSWER),
        pay(4, note="sent_again"),
        pay(4, note="sent_otherwise", outcome="fail", status=422),
        op(5, f="something else", visit=1),
    ]
    requests, _ = drilled(OUTAGE, rows)
    asks = asks_of(requests)

    assert asks["function"].to_list() == ["browse", "browse", "payment"]
    assert asks["took_ms"].to_list() == pytest.approx([520.0, 20.0, 20.0])


def test_what_a_dead_load_process_had_open_is_no_ask() -> None:
    """A visit that was cut off says nothing of what it still waited for."""
    rows = [page(1), page(2, **NO_ANSWER), Row(kind=Kind.DROP, f="aborted", visit=1)]
    requests, _ = drilled(OUTAGE, rows)

    assert asks_of(requests)["served"].to_list() == [True]


def test_usual_shares() -> None:
    """The usual is what worked outside the fault, its recovery and the phases that bend; 1 if unknown."""
    limit = phase("limit", kind=PhaseKind.LIMIT)
    plan = plan_of(
        phase("calm"),
        phase("down", kind=PhaseKind.FAULT),
        phase("back", duration_s=20.0),
        limit,
        faults=(OUTAGE,),
    )
    rows = [
        *each_second(range(4), "product", **OK),
        *each_second([4], "product", **NO_ANSWER),
        *each_second([41], "product", **NO_ANSWER),
        *cards(HELD, **NO_ANSWER),
        *cards(range(20, 25), **NO_ANSWER),
    ]
    requests, drill = drilled(OUTAGE, rows, plan=plan)
    shares = usual_shares(asks_of(requests), [drill], plan.phases)

    assert (shares["browse"], shares["payment"]) == (0.8, 1.0)
