"""Series over time: hand-made histories of a few rows with known answers."""

from math import inf
from typing import Any

import pytest

from rehearsal.model.clock import NS_PER_MS, NS_PER_S
from rehearsal.model.history import Kind, Row
from rehearsal.model.plan import Phase, PhaseKind
from rehearsal.model.timeline import Timeline, timeline_of
from rehearsal.rundir.history_file import frame_of
from reports.series import Percentiles, Series, series_of
from tests.reports.run_factory import plan_of


def short(duration_s: float = 4.0) -> Timeline:
    """Return a timeline of one phase."""
    phase = Phase(name="burst", kind=PhaseKind.BURST, duration_s=duration_s, rate=1.0)
    return timeline_of(plan_of().model_copy(update={"phases": (phase,), "faults": ()}))


def op(due_s: float, *, took_ms: float = 10, lag_ms: float = 1, **rest: Any) -> Row:
    """Return a request, ok unless told."""
    due_ns = int(due_s * NS_PER_S)
    values: dict[str, Any] = {"f": "product", "outcome": "ok", **rest}
    done_ns = due_ns + int(took_ms * NS_PER_MS)
    return Row(
        kind=Kind.OP, due_ns=due_ns, sent_ns=due_ns + int(lag_ms * NS_PER_MS), done_ns=done_ns, **values
    )


def visit(due_s: float, outcome: str = "ok") -> Row:
    """Return a visit that was sent when it was due."""
    due_ns = int(due_s * NS_PER_S)
    return Row(kind=Kind.VISIT, f="browse", due_ns=due_ns, sent_ns=due_ns, done_ns=due_ns, outcome=outcome)


def series(*rows: Row, duration_s: float = 4.0) -> Series:
    """Return the series of a history."""
    return series_of(frame_of(rows, short(duration_s)), short(duration_s), "flash")


def test_an_empty_history_has_rates_of_zero_and_no_measurement() -> None:
    """Nothing happened is a rate of zero; nothing measured is None, never zero."""
    nothing = series()

    assert nothing.visits_due_per_s == nothing.requests_good_per_s == (0.0, 0.0, 0.0, 0.0)
    assert {*nothing.response, *nothing.payment_success, *nothing.send_lag_p99_ms} == {None}
    assert nothing.orders == nothing.stock == ()


def test_visits_are_due_whether_started_or_dropped() -> None:
    """A dropped arrival was offered, and not served."""
    drop = Row(kind=Kind.DROP, f="pool_exhausted", due_ns=NS_PER_S)
    seen = series(visit(1.2), visit(1.4, "fail"), drop)

    assert seen.visits_due_per_s == (0.0, 3.0, 0.0, 0.0)
    assert seen.visits_good_per_s == (0.0, 1.0, 0.0, 0.0)


@pytest.mark.parametrize(
    ("outcome", "error", "good"),
    [
        pytest.param("ok", "", 1.0, id="ok"),
        pytest.param("fail", "sold_out", 1.0, id="a rightful refusal"),
        pytest.param("fail", "declined", 0.0, id="a refusal that should not be"),
        pytest.param("info", "timeout", 0.0, id="unknown"),
    ],
)
def test_goodput_counts_good_answers(outcome: str, error: str, good: float) -> None:
    """Requests are due in any case; good by the same rule as in the findings."""
    seen = series(op(0.5, outcome=outcome, error=error))

    assert (seen.requests_due_per_s[0], seen.requests_good_per_s[0]) == (1.0, good)


def test_percentiles_count_from_the_due_time() -> None:
    """Nearest rank of done - due; the send lag is sent - due."""
    seen = series(*(op(0.0, took_ms=took, lag_ms=took / 10) for took in range(1, 101)))

    assert seen.response[0] == Percentiles(p50_ms=50.0, p95_ms=95.0, p99_ms=99.0)
    assert seen.send_lag_p99_ms[0] == pytest.approx(9.9)


def test_a_request_that_never_ended_took_for_ever() -> None:
    """It must not vanish from a percentile."""
    row = Row(kind=Kind.OP, f="product", due_ns=NS_PER_S, sent_ns=NS_PER_S, outcome="info")
    measured = series(row).response[1]

    assert measured is not None
    assert measured.p99_ms == inf


def test_what_is_due_after_the_end_is_in_no_bin() -> None:
    """The tail of visits that began in time would make the last bin look like a peak."""
    assert series(op(3.9), op(4.1), op(9.0)).requests_due_per_s == (0.0, 0.0, 0.0, 1.0)


def test_a_long_run_gets_wide_bins_and_an_honest_last_one() -> None:
    """151 s make bins of 3 s; the last is one second long, and its rate is over that second."""
    seen = series(op(150.5), op(147.5), duration_s=151.0)

    assert seen.bin_s == 3
    assert len(seen.requests_due_per_s) == 51
    assert seen.requests_due_per_s[-2:] == (1 / 3, 1.0)


def test_an_order_counts_once_when_it_is_first_known_to_be_paid() -> None:
    """Paid and later queried is one order, at the earlier instant; a failed payment is none."""
    seen = series(
        op(1.0, f="pay", intent="a", order_id="o1", took_ms=500),
        op(2.0, f="query", intent="a", order_id="o1"),
        op(1.1, f="pay", intent="b", order_id="o2", outcome="fail", error="declined"),
        op(3.0, f="query", intent="c", order_id="o3", took_ms=0),
        op(0.5, f="logistics", order_id="o4"),
    )

    assert seen.orders == ((1.5, 1.0), (3.0, 2.0))


def test_a_payment_succeeds_if_any_attempt_does() -> None:
    """Attempts of one intent are one payment, in the bin of the first."""
    seen = series(
        op(0.5, f="pay", intent="a", outcome="info", error="timeout"),
        op(2.5, f="query", intent="a"),
        op(0.6, f="pay", intent="b", outcome="fail", error="declined"),
    )

    assert seen.payment_success == (0.5, None, None, None)


def test_stock_is_that_of_the_sku_on_sale() -> None:
    """Readings in time order; other SKUs are left out."""
    rows = (
        Row(kind=Kind.STOCK, f="flash", sent_ns=2 * NS_PER_S, qty=7),
        Row(kind=Kind.STOCK, f="flash", sent_ns=NS_PER_S, qty=9),
        Row(kind=Kind.STOCK, f="p1", sent_ns=NS_PER_S, qty=100),
    )

    assert series(*rows).stock == ((1.0, 9.0), (2.0, 7.0))
