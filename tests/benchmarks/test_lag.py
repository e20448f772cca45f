"""The ruler of lag: exact schedules, late requests, strangers in front."""

import numpy as np
import pytest

from benchmarks.lag import lags_ms, p99_ms

MS = 1_000_000


def arrivals(*late_ms: float, every_ms: int = 10) -> "np.ndarray[tuple[int], np.dtype[np.int64]]":
    """Return arrivals of a schedule with one request every `every_ms`, each late by so much."""
    return np.array([(5000 + n * every_ms + late) * MS for n, late in enumerate(late_ms)], dtype=np.int64)


@pytest.mark.parametrize(
    ("late_ms", "expected"),
    [
        pytest.param((0, 0, 0, 0), [0, 0, 0, 0], id="on time"),
        pytest.param((7, 7, 7, 7), [0, 0, 0, 0], id="started late as a whole: not the schedule's lag"),
        pytest.param((0, 3, 0, 0), [0, 3, 0, 0], id="one late request"),
        pytest.param((4, 0, 0, 0), [4, 0, 0, 0], id="a late first request does not excuse the others"),
        pytest.param((0, 1, 2, 3), [0, 1, 2, 3], id="falling behind"),
    ],
)
def test_lag_is_lateness_against_the_best_request(late_ms: tuple[float, ...], expected: list[float]) -> None:
    """The request that was least late is the schedule's start; the others' lag is what they are later."""
    actual = lags_ms(arrivals(*late_ms), 100.0)

    assert expected == pytest.approx(list(actual))


def test_arrivals_out_of_order_are_matched_in_order() -> None:
    """Two requests that overtook one another are no lag."""
    swapped = arrivals(0, 0, 0, 0)[[0, 2, 1, 3]]

    assert list(lags_ms(swapped, 100.0)) == [0.0, 0.0, 0.0, 0.0]


def test_nothing_arrived() -> None:
    """Without arrivals there is no lag and no percentile."""
    none = np.array([], dtype=np.int64)

    assert (len(lags_ms(none, 100.0)), p99_ms(none, 100.0)) == (0, None)


def test_the_start_can_be_left_out() -> None:
    """Connections that are opened in the first instants do not count; one slow request later does."""
    seen = arrivals(50.0, 50.0, *[0.0] * 96, 8.0, 0.0, every_ms=100)

    assert (p99_ms(seen, 10.0), p99_ms(seen, 10.0, skip_s=0.2)) == (50.0, 8.0)
