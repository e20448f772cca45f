"""The search for the highest rate, on machines that are a number."""

from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.search import Limits, highest

LIMITS = Limits(grow=1.5, tolerance=0.05, floor=10, ceiling=1_000_000)


def never() -> bool:
    """Return that time is not up."""
    return False


@given(capacity=st.integers(20, 500_000), start=st.integers(10, 900_000))
def test_it_finds_any_capacity_from_any_start(capacity: int, start: int) -> None:
    """The rate found holds, and lies within the tolerance of the highest that does."""
    found = highest(lambda rate: rate <= capacity, lambda rate: rate <= capacity, start, LIMITS, over=never)

    assert found is not None
    assert found <= capacity
    assert capacity <= found * 1.05 + 1


def test_a_rate_that_holds_only_for_a_moment_is_not_confirmed() -> None:
    """What short probes hold is lowered step by step until it holds for the full time."""
    found = highest(lambda rate: rate <= 1000, lambda rate: rate <= 800, 500, LIMITS, over=never)

    assert found is not None
    assert 750 <= found <= 800


@pytest.mark.parametrize(
    ("tries", "expected"),
    [pytest.param(1, False, id="once is enough"), pytest.param(2, True, id="the second try saves it")],
)
def test_a_probe_that_failed_by_chance_is_tried_again(tries: int, expected: bool) -> None:
    """With two tries, every other probe may fail and the capacity is still found."""
    turn = count()
    limits = Limits(grow=1.5, tolerance=0.05, floor=10, ceiling=2000, tries=tries)

    found = highest(
        lambda rate: rate <= 1000 and next(turn) % 2 == 1, lambda rate: rate <= 1000, 500, limits, over=never
    )

    assert expected == (found is not None and found > 950)


def test_nothing_holds() -> None:
    """A machine that holds no rate ends the search at the floor, with nothing."""
    assert highest(lambda _: False, lambda _: False, 500, LIMITS, over=never) is None


def test_nothing_is_ever_confirmed() -> None:
    """Short probes alone make no figure while there is time to confirm."""
    assert highest(lambda rate: rate < 100, lambda _: False, 50, LIMITS, over=never) is None


def test_everything_holds() -> None:
    """A search ends at its ceiling."""
    assert highest(lambda _: True, lambda _: True, 500, LIMITS, over=never) == 1_000_000


def test_time_is_up_before_the_first_probe() -> None:
    """Without time nothing is probed and nothing is claimed."""
    assert highest(never_called, never_called, 500, LIMITS, over=lambda: True) is None


@pytest.mark.parametrize(
    ("confirms", "expected"),
    [pytest.param(True, 1500, id="confirmed"), pytest.param(False, 1429, id="a step lower, unconfirmed")],
)
def test_time_is_up_in_the_middle(confirms: bool, expected: int) -> None:
    """The highest rate that held so far is confirmed once, and lowered once if it does not hold."""
    left = iter([False, False, True, True, True, True])

    found = highest(lambda _: True, lambda _: confirms, 1000, LIMITS, over=lambda: next(left))

    assert found == expected


def never_called(_: int) -> bool:
    """Fail the test: time was up."""
    raise AssertionError("nothing is asked when time is up")
