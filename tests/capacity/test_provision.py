"""The fewest instances that do, against a count by hand and by brute force."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from capacity.forecast import forecast_peak, stated_peak
from capacity.overload import overload_chance
from capacity.provision import Fleet, overload_scale, provision
from capacity.spread import CapacitySpread

WORKED = forecast_peak((5.2, 6.1, 7.4, 5.8, 8.3), normal_per_s=100)
SHOP = CapacitySpread(700, 720, 800)


def usl(n: int) -> float:
    """Return the relative capacity under a contention of 5 % and a coherency of 0.1 %: its peak is at 31."""
    return n / (1 + 0.05 * (n - 1) + 0.001 * n * (n - 1))


def stuck(n: int) -> float:
    """Return the relative capacity where two instances keep a shared database busy."""
    return float(min(n, 2))


def test_counted_by_hand() -> None:
    """6 instances carry 700, the peak is 646.6: 8 are 1.3 times it, 7 may lose one, 12 leave 1 %."""
    needs = provision(Fleet(6, SHOP), WORKED)

    assert [(need.instances, need.more) for need in needs] == [(8, 2), (7, 1), (12, 6)]
    assert pytest.approx([need.relative for need in needs], abs=5e-5) == [1.2008, 0.9237, 1.9316]


def test_a_measured_law_asks_for_more() -> None:
    """Under contention the same goals take as many instances or more, and one of them many more."""
    needs = provision(Fleet(6, SHOP.times(1.01), usl), WORKED)

    assert [need.instances for need in needs] == [8, 7, 26]


@settings(max_examples=40)
@given(
    st.integers(1, 20),
    st.integers(10, 3000),
    st.integers(0, 4),
    st.sampled_from([1.0, 1.3]),
    st.sampled_from([None, usl, stuck]),
)
def test_no_smaller_number_does(n: int, low: int, lost: int, surviving: float, law: object) -> None:
    """The answer does, and no number between it and the instances there are: brute force up to 400."""
    fleet = Fleet(n, CapacitySpread(low, 1.05 * low, 1.2 * low), law if callable(law) else None)
    growth = fleet.law or float
    at = low / growth(n)

    factor, left, _ = provision(fleet, stated_peak(500), lost=lost, surviving=surviving)

    for need, peak, gone in ((factor, 650, 0), (left, 500 * surviving, lost)):
        enough = [m for m in range(gone + 1, 400) if at * growth(m - gone) >= peak * (1 - 1e-9)]
        upward = [m for m in enough if m >= n]
        if enough or law is not None:
            assert next(iter(upward or enough[::-1]), None) == need.instances
        else:
            assert need.instances is not None
            assert need.instances >= 400


@settings(max_examples=40)
@given(st.integers(1, 12), st.integers(2, 30), st.sampled_from([0.01, 0.05, 0.3]))
def test_the_chance_of_an_overload_is_met_and_not_overdone(n: int, tens: int, limit: float) -> None:
    """With the answer the chance is within the limit, with one instance less it is not."""
    capacity = CapacitySpread(90 * tens, 100 * tens, 120 * tens)
    need = provision(Fleet(n, capacity), WORKED, limit=limit)[2]
    assert need.instances is not None

    chances = [
        overload_chance(WORKED, capacity.times(m / n)) or 0 for m in (need.instances, need.instances - 1) if m
    ]

    assert chances[0] <= limit * (1 + 1e-6)
    assert need.more == 0 or chances[1] > limit


@pytest.mark.parametrize("limit", [0.001, 0.01, 0.5])
def test_the_scale_hits_the_limit(limit: float) -> None:
    """At the multiple told the chance of an overload is the limit itself."""
    scale = overload_scale(WORKED, SHOP, limit)
    assert scale is not None

    assert limit == pytest.approx(overload_chance(WORKED, SHOP.times(scale)), rel=1e-6)


@pytest.mark.parametrize("limit", [0.0, 1e-6, 0.6, math.nan])
def test_a_chance_that_nothing_is_known_of_is_refused(limit: float) -> None:
    """Five promotions say nothing of one peak in a million, and nobody puts up with six in ten."""
    with pytest.raises(ValueError, match=r"between 0\.001 and 0\.5"):
        overload_scale(WORKED, SHOP, limit)


@pytest.mark.parametrize(
    ("fleet", "at", "words"),
    [
        pytest.param(
            Fleet(6, SHOP),
            0,
            "for 1.3 times the forecast peak: at least 2 more, 8 in all,"
            " if capacity grows in line with the instances; it rarely does",
            id="in line, an upper estimate",
        ),
        pytest.param(
            Fleet(6, SHOP, usl),
            0,
            "for 1.3 times the forecast peak: 2 more, 8 in all, by the scaling law that was measured;"
            " to be measured again with that many",
            id="by a law",
        ),
        pytest.param(
            Fleet(14, SHOP),
            1,
            "for the forecast peak with 1 instance lost: the 14 present instances are enough",
            id="enough",
        ),
        pytest.param(
            Fleet(2, SHOP, stuck),
            2,
            "for a chance of an overload of at most 1.0 %: no number of instances up to 10000 suffices:"
            " 1.93 times the capacity of the 2 present instances is needed,"
            " and 2 give the most, 1.00 times",
            id="a law that levels off",
        ),
        pytest.param(
            Fleet(60, SHOP, usl),
            0,
            "for 1.3 times the forecast peak: no number of instances up to 10000 suffices:"
            " 1.20 times the capacity of the 60 present instances is needed,"
            " and 31 give the most, 1.13 times",
            id="a law past its peak",
        ),
        pytest.param(
            Fleet(60, SHOP.times(1.1), usl),
            0,
            "for 1.3 times the forecast peak: 17 fewer, 43 in all:"
            " by the scaling law that was measured there are too many already",
            id="a law past its peak, and fewer do",
        ),
    ],
)
def test_words(fleet: Fleet, at: int, words: str) -> None:
    """The answer is told with its assumption, or with why there is none."""
    assert words == provision(fleet, WORKED)[at].words


def test_a_stated_forecast_leaves_the_overload_open() -> None:
    """Without a spread the first two questions have answers and the third has not."""
    factor, left, overload = provision(Fleet(6, SHOP), stated_peak(650))

    assert (factor.instances, left.instances, overload.instances) == (8, 7, None)
    assert "stated, without a spread" in overload.words


@pytest.mark.parametrize(
    ("fleet", "lost", "words"),
    [
        pytest.param(Fleet(0, SHOP), 1, "there are 0 instances", id="no fleet"),
        pytest.param(Fleet(3, SHOP), -1, "-1 of them are lost", id="a loss that is none"),
        pytest.param(Fleet(3, SHOP, lambda _: 0.0), 1, "the scaling law gives 0", id="a law of nothing"),
        pytest.param(Fleet(3, SHOP, lambda _: math.nan), 1, "the scaling law gives nan", id="no law"),
    ],
)
def test_refused(fleet: Fleet, lost: int, words: str) -> None:
    """A fleet of none and a law that gives nothing are mistakes of the caller."""
    with pytest.raises(ValueError, match=words):
        provision(fleet, WORKED, lost=lost)
