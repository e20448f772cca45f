"""What shoppers did, counted row by row."""

from typing import Any

import pytest

from rehearsal.model.clock import nanoseconds
from rehearsal.model.history import Kind, Outcome, Row
from rehearsal.model.readings import FinalReadings, OrderReading
from rehearsal.model.timeline import Timeline
from rehearsal.rundir.history_file import frame_of
from reports.pain import PainRow, pains_of

UNREAD = FinalReadings()


def op(f: str = "product", *, at_s: float = 1.0, **rest: Any) -> Row:
    """Return an op that is due in the first phase unless told, ok unless told."""
    due_ns = nanoseconds(at_s)
    return Row(**{"kind": Kind.OP, "f": f, "due_ns": due_ns, "outcome": Outcome.OK, "visit": 1, **rest})


def order(order_id: str, status: str) -> OrderReading:
    """Return an order of 700 cents as the shop keeps it."""
    facts: dict[str, Any] = {"shopper": "s", "intent": "buy:s", "channel": "card", "region": "a", "lines": ()}
    return OrderReading(order_id=order_id, status=status, total_cents=700, **facts)


def first(timeline: Timeline, *rows: Row, readings: FinalReadings = UNREAD) -> PainRow:
    """Return the first phase's row."""
    return pains_of(frame_of(rows, timeline), timeline, readings)[0]


def test_a_calm_phase_asks_once_for_each_answer(timeline: Timeline) -> None:
    """Three requests for three things: no amplification."""
    row = first(timeline, op(), op(), op("pay"))

    assert (row.asked, row.sent, row.amplification, row.is_calm) == (3, 3, 1.0, True)


def test_every_way_to_ask_again_is_counted_apart(timeline: Timeline) -> None:
    """Two things asked for; a retry with its new route, two reloads and a double click make it seven."""
    row = first(
        timeline,
        op(outcome=Outcome.INFO, error="given_up"),
        op(attempt=1, note="refresh", outcome=Outcome.INFO),
        op(attempt=2, note="refresh retry_refused"),
        op("pay", outcome=Outcome.INFO),
        op("pay", note="double_click"),
        op("route", attempt=1),
        op("pay", attempt=1),
    )

    assert (row.asked, row.sent, row.amplification) == (2, 7, 3.5)
    assert (row.retries, row.refreshes, row.double_clicks, row.refused) == (2, 2, 1, 1)
    assert not row.is_calm


def test_who_leaves_is_counted_where_she_left(timeline: Timeline) -> None:
    """In the phase of the answer she did not wait for, whenever she came."""
    late_s = timeline.windows[1].start_ns / 1e9 + 1
    rows = [op(), op("pay", at_s=late_s, note="abandoned", outcome=Outcome.INFO)]
    counts = [row.abandoned for row in pains_of(frame_of(rows, timeline), timeline, UNREAD)]

    assert counts[:2] == [0, 1]
    assert sum(counts) == 1


BOUGHT = op("flash_buy", order_id="o1", amount_cents=700)
LEFT = op("pay", order_id="o1", note="abandoned", outcome=Outcome.INFO)


@pytest.mark.parametrize(
    ("rows", "readings", "lost"),
    [
        pytest.param([BOUGHT, LEFT], UNREAD, (1, 700), id="never paid, as far as she was told"),
        pytest.param([BOUGHT, LEFT], FinalReadings(orders=()), (1, 700), id="not in the books"),
        pytest.param([BOUGHT, LEFT], FinalReadings(orders=(order("o1", "expired"),)), (1, 700), id="expired"),
        pytest.param(
            [BOUGHT, LEFT], FinalReadings(orders=(order("o1", "paid"),)), (0, 0), id="paid after all"
        ),
        pytest.param(
            [BOUGHT, op("pay", order_id="o1"), op("logistics", note="abandoned")],
            UNREAD,
            (0, 0),
            id="left after paying",
        ),
        pytest.param([op(note="abandoned")], UNREAD, (0, 0), id="left without an order"),
        pytest.param([BOUGHT, BOUGHT, LEFT], UNREAD, (1, 700), id="told twice of one order"),
        pytest.param([BOUGHT], UNREAD, (0, 0), id="still there"),
    ],
)
def test_what_was_lost_with_those_who_left(
    timeline: Timeline, rows: list[Row], readings: FinalReadings, lost: tuple[int, int]
) -> None:
    """An order counts as lost if its shopper left and nobody has paid it in the end."""
    row = first(timeline, *rows, readings=readings)

    assert (row.lost, row.lost_cents) == lost


def test_a_phase_without_requests_has_no_amplification(timeline: Timeline) -> None:
    """Nothing over nothing is not one."""
    row = first(timeline)

    assert row.amplification is None
    assert row.is_calm
