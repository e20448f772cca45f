"""Shares of few requests: held from when, and beyond what doubt too small."""

import math

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from capacity.share import DOUBT, falls_short, first_second_s, share_of
from rehearsal.model.clock import NS_PER_S
from rehearsal.model.timeline import Window

TEN_S = Window(100 * NS_PER_S, 110 * NS_PER_S)


def measure(good: str, *, per_s: int = 10) -> pl.DataFrame:
    """Return ten seconds of requests, those of a second good (+) or not (-)."""
    n = len(good) * per_s
    return pl.DataFrame(
        {
            "due_ns": [TEN_S.start_ns + i * NS_PER_S // per_s for i in range(n)],
            "good": [good[i // per_s] == "+" for i in range(n)],
        }
    )


@pytest.mark.parametrize(
    ("good", "per_s", "from_s", "expected"),
    [
        pytest.param("++++++++++", 10, 0, 0.0, id="good all the time"),
        pytest.param("---+++++++", 10, 0, 3.0, id="from the fourth second on"),
        pytest.param("-+-+-+++++", 10, 0, 5.0, id="single good seconds do not count"),
        pytest.param("----------", 10, 0, None, id="never"),
        pytest.param("-----+++++", 2, 0, 5.0, id="two a second are pooled over five"),
        pytest.param("------++++", 2, 0, None, id="too few of them are left"),
        pytest.param("++++--++++", 10, 3, 6.0, id="looked for later only"),
    ],
)
def test_first_second(good: str, per_s: int, from_s: int, expected: float | None) -> None:
    """The first second from which two seconds, or ten requests, together reach the share."""
    actual = first_second_s(measure(good, per_s=per_s), TEN_S, 0.95, from_s=from_s)

    assert expected == actual


@pytest.mark.parametrize(
    ("good", "n", "share", "expected"),
    [
        pytest.param(10, 10, 0.95, False, id="all good"),
        pytest.param(8, 10, 0.95, False, id="8 of 10 may be chance"),
        pytest.param(7, 10, 0.95, True, id="7 of 10 are not"),
        pytest.param(93, 100, 0.95, False, id="93 of 100 may be"),
        pytest.param(90, 100, 0.95, True, id="90 of 100 are not"),
        pytest.param(9, 10, 1.0, True, id="one missing where all must be good"),
        pytest.param(0, 10, 0.0, False, id="nothing is asked"),
        pytest.param(0, 0, 0.95, False, id="nothing was seen"),
        pytest.param(0, 4, 0.5, False, id="four tails in a row may be chance"),
        pytest.param(0, 5, 0.5, True, id="five are not"),
        pytest.param(890_000, 1_000_000, 0.9, True, id="very many"),
    ],
)
def test_falls_short(good: int, n: int, share: float, expected: bool) -> None:
    """A share falls short if so few would come by chance once in twenty times at most."""
    actual = falls_short(good, n, share)

    assert expected is actual


@given(n=st.integers(1, 60), share=st.floats(0.01, 0.99), data=st.data())
def test_falls_short_as_the_binomial_says(n: int, share: float, data: st.DataObject) -> None:
    """The rule is the binomial's lower tail, added up term by term."""
    good = data.draw(st.integers(0, n))
    tail = sum(math.comb(n, k) * share**k * (1 - share) ** (n - k) for k in range(good + 1))
    expected = good < share * n and tail < DOUBT
    actual = falls_short(good, n, share)

    assert expected == actual or math.isclose(tail, DOUBT, rel_tol=1e-9)


def test_share_of_nothing_is_unknown() -> None:
    """Nothing asked, nothing known."""
    assert share_of(pl.Series([], dtype=pl.Boolean)) is None
    assert share_of(pl.Series([True, False])) == 0.5
