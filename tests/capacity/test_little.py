"""Little's law as a check: seen to hold, seen to fail, and silent where the sample is too short."""

import math

import numpy as np
import pytest

from capacity.little import TOLERANCE, little
from capacity.samples import Floats


@pytest.mark.parametrize(
    ("rate", "response", "flight", "expected", "says"),
    [
        pytest.param(200.0, 0.050, 10.0, True, "holds", id="200/s of 50 ms are 10 in flight"),
        pytest.param(200.0, 0.050, 10.4, True, "holds", id="4 % off by the ends"),
        pytest.param(200.0, 0.050, 14.0, False, "no response time counts them", id="a queue nobody timed"),
        pytest.param(200.0, 0.050, 7.0, False, "count too much", id="responses timed too long"),
    ],
)
def test_one_measurement(rate: float, response: float, flight: float, expected: bool, says: str) -> None:
    """A single measurement agrees within 5 %, or the words say which way it does not."""
    actual = little(rate, response, flight)

    assert expected == actual.holds
    assert says in actual.said
    assert (flight / 10 - 1, TOLERANCE) == pytest.approx((actual.gap, actual.tolerance))


def batches(flight: Floats) -> tuple[Floats, Floats, Floats]:
    """Return batches of 200/s of 50 ms with these numbers in flight."""
    return np.full(flight.size, 200.0), np.full(flight.size, 0.05), flight


@pytest.mark.parametrize(
    ("flight", "expected"),
    [
        pytest.param([9.9, 10.2, 10.0, 9.8, 10.1, 10.0], True, id="around what is implied"),
        pytest.param([10.9, 11.2, 11.0, 10.8, 11.1, 11.0], False, id="10 % above, batch for batch"),
        pytest.param([9.0, 13.0, 8.0, 12.5, 10.0, 12.0], True, id="8 % above, but so the batches scatter"),
        pytest.param([2.0, 30.0, 1.0, 25.0, 3.0, 40.0], None, id="batches that scatter too widely"),
        pytest.param([10.05, 10.05, 10.05, 10.05, 10.06], True, id="0.5 %, finer than a gauge is read"),
    ],
)
def test_batches_give_the_tolerance(flight: list[float], expected: bool | None) -> None:
    """The gap allowed is what the batches' own scatter leaves open; too much of it says nothing."""
    actual = little(*batches(np.array(flight)))

    assert expected is actual.holds
    assert (expected is None) == ("says nothing of so short a sample" in actual.said)


def test_a_simulated_queue_obeys_it() -> None:
    """Twenty batches of an M/M/1 queue, its number in flight counted on a grid of instants: the law holds."""
    rng = np.random.default_rng(20261111)
    n, length = 60_000, 5_000.0
    arrivals = np.cumsum(rng.exponential(1 / 0.6, n))
    work = np.cumsum(rng.exponential(1.0, n))
    done = work + np.maximum.accumulate(arrivals - np.concatenate(([0.0], work[:-1])))
    instants = np.arange(0.0, 20 * length, 0.5)
    present = np.searchsorted(arrivals, instants) - np.searchsorted(done, instants)
    batch = (arrivals // length).astype(int)
    spans = [np.flatnonzero(batch == b) for b in range(20) if np.any(batch == b)]
    actual = little(
        np.array([span.size / length for span in spans]),
        np.array([(done[span] - arrivals[span]).mean() for span in spans]),
        present.reshape(20, -1).mean(axis=1)[: len(spans)],
    )

    assert actual.holds is True
    assert actual.implied == pytest.approx(0.6 / 0.4, rel=0.1)


@pytest.mark.parametrize(
    ("rate", "response", "flight", "says"),
    [
        pytest.param([1.0, 2.0], [1.0], [1.0, 2.0], "one a batch", id="a response time is missing"),
        pytest.param([0.0], [1.0], [0.0], "above 0", id="nothing flows"),
        pytest.param([1.0], [math.nan], [1.0], "finite", id="no response time"),
        pytest.param([], [], [], "one a batch", id="no batches"),
    ],
)
def test_what_cannot_be_held_against_it(
    rate: list[float], response: list[float], flight: list[float], says: str
) -> None:
    """Lists that do not match and systems in which nothing flows are refused in words."""
    with pytest.raises(ValueError, match=says):
        little(np.array(rate), np.array(response), np.array(flight))
