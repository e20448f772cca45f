"""The release curve measured: kept, missed by the generator, and never tried."""

from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from capacity.judge import judge_numbers
from capacity.release import dispersion_of, judge_release, ks_distance
from rehearsal.model.history import Row
from rehearsal.model.plan import Plan, WaitingRoom
from rehearsal.model.verdict import Finding, Status
from tests.capacity.conftest import op, phase, plan_of, told, visit

#: T-0 is 5 s after the start; ten are released at 5.05, 5.15 … 5.95 s.
ROOM = WaitingRoom(shoppers=10, gather_s=2.0, hold_s=1.0, release="even", release_s=1.0)
FIRST_S = 5.05


def plan() -> Plan:
    """Return a plan with a waiting room."""
    phases = (phase("before", duration_s=5.0), phase("sale", duration_s=5.0))
    sale = plan_of(*phases).sale.model_copy(update={"opens_with": "sale"})
    return plan_of(*phases, waiting_room=ROOM, sale=sale)


def released(number: int, *, lag_ms: float = 1.0, **rest: Any) -> list[Row]:
    """Return the visit and the buy of the n-th shopper released."""
    came, buys = visit(3.0, f="waiting_room", visit=number), {"f": "flash_buy", "visit": number}
    return [came, op(FIRST_S + 0.1 * number, lag_ms=lag_ms, took_ms=lag_ms + 20.0, **{**buys, **rest})]


def judged(*rows: Row) -> Finding:
    """Return the finding on a history of these rows."""
    [finding] = judge_release(told(plan(), *rows)[0], plan())
    return finding


def crowd(count: int = 10, *, late: int = 0, lag_ms: float = 80.0) -> list[Row]:
    """Return the rows of the first `count`, of whom the first `late` are sent late."""
    return [row for n in range(count) for row in released(n, lag_ms=lag_ms if n < late else 1.0)]


def test_a_curve_that_was_kept_passes_with_its_figures() -> None:
    """Each a millisecond after its time: the figures say so."""
    finding = judged(*crowd())

    assert Status.PASS is finding.status
    assert finding.measured == pytest.approx(1.0)
    assert finding.evidence["stated_ms"] == {"p50": 450.0, "p95": 950.0}
    assert finding.evidence["sent_ms"] == {"p50": 451.0, "p95": 951.0}
    assert finding.evidence["sent_per_100_ms"] == [1] * 10
    assert finding.evidence["ks_distance"] == 0.1
    assert (
        "10 of 10 shoppers in the waiting room were released, 95 % of them within 951 ms" in finding.summary
    )


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        pytest.param(crowd(late=1), "95 % were sent at most 80.0 ms late (limit 50 ms)", id="sent late"),
        pytest.param(crowd(9), "1 visits were never begun", id="a visit was dropped"),
        pytest.param(
            [*crowd(9), *released(9, due_ns=5_940_000_000)],
            "1 releases were due when the plan states none",
            id="released at another time",
        ),
        pytest.param([], "none was released", id="nobody was begun"),
    ],
)
def test_a_generator_that_missed_its_curve_is_invalid(rows: list[Row], says: str) -> None:
    """Whatever the shop answered, that was not the T-0 the plan states."""
    finding = judged(*rows)

    assert Status.INVALID is finding.status
    assert says in finding.summary


def test_few_late_ones_are_told_but_do_not_invalidate() -> None:
    """One of forty beyond the limit leaves 95 % within it; the worst is named."""
    room = ROOM.model_copy(update={"shoppers": 40})
    big = plan().model_copy(update={"waiting_room": room})
    at_s = [5.0 + (n + 0.5) / 40 for n in range(40)]
    rows = [visit(3.0, f="waiting_room", visit=n) for n in range(40)]
    rows += [op(due, f="flash_buy", visit=n, lag_ms=80.0 if n == 7 else 2.0) for n, due in enumerate(at_s)]
    [finding] = judge_release(told(big, *rows)[0], big)

    assert Status.PASS is finding.status
    assert finding.evidence["late_ms_max"] == pytest.approx(80.0)


def test_a_shop_that_lets_nobody_in_is_not_the_generators_fault() -> None:
    """All were begun and none got far enough to buy: the curve was never tried."""
    finding = judged(*(released(n)[0] for n in range(10)))

    assert Status.INCONCLUSIVE is finding.status


def test_one_who_was_not_let_in_is_named() -> None:
    """Nine of ten released on time: a PASS that says who is missing."""
    finding = judged(*crowd(9), released(9)[0])

    assert Status.PASS is finding.status
    assert "1 were not let in by the shop before their release" in finding.summary


def test_retries_and_other_buyers_are_not_releases() -> None:
    """Only the first attempts of those who waited count."""
    retried = op(6.5, f="flash_buy", visit=0, attempt=1)
    stranger = op(6.0, f="flash_buy", visit=99)

    assert judged(*crowd(), retried, stranger) == judged(*crowd())


def test_who_buys_once_more_later_was_released_once() -> None:
    """Another purchase of the same visit is due when its shopper wants it, and not by the curve."""
    again = op(8.1, f="flash_buy", visit=3, intent="again:buy:s")
    finding = judged(*crowd(), again)

    assert (finding.status, finding.evidence["released"]) == (Status.PASS, 10)


def test_without_a_waiting_room_there_is_nothing_to_say() -> None:
    """No finding at all: a plan that asks for nothing is not kept waiting for evidence."""
    frame, timeline = told(plan_of(), op())

    assert judge_release(frame, plan_of()) == ()
    assert dispersion_of(frame, plan_of()) is None
    assert not [f for f in judge_numbers(frame, plan_of(), timeline, {}) if f.check == "generator.release"]


def test_the_finding_is_among_the_numbers() -> None:
    """A run is judged by it."""
    frame, timeline = told(plan(), *crowd(late=3))
    [finding] = [f for f in judge_numbers(frame, plan(), timeline, {}) if f.check == "generator.release"]

    assert Status.INVALID is finding.status


samples = st.lists(st.floats(-1e3, 1e3), min_size=1, max_size=40).map(np.array)


@given(samples, samples)
def test_the_distance_is_symmetric_and_a_share(one: Any, other: Any) -> None:
    """0 for equal samples, 1 for samples apart, the same both ways."""
    assert ks_distance(one, one) == 0
    assert ks_distance(one, other) == ks_distance(other, one)
    assert 0 <= ks_distance(one, other) <= 1
    assert ks_distance(one, one + 1e4) == 1


def test_the_columns_are_those_of_a_history() -> None:
    """An empty history has no release, and nothing breaks."""
    frame, _ = told(plan())
    dispersion = dispersion_of(frame, plan())

    assert isinstance(frame, pl.DataFrame)
    assert dispersion is not None
    assert (dispersion.planned, dispersion.released, dispersion.started) == (10, 0, 0)
