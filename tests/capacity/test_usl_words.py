"""What the scalability law is allowed to claim, on published measurements and on bad ones."""

import re

import numpy as np
import pytest

from capacity.samples import Floats
from capacity.usl import Usl
from capacity.usl_fit import curve
from capacity.usl_words import EXPLANATION_ONLY, explain
from tests.capacity.usl_data import CISCO, RAY_TRACER, SPEC_SDM91, first

SPEC = explain(*SPEC_SDM91)
SIX = np.array([1.0, 2, 4, 6, 8, 10])
LEVEL = 300 * np.array([1.0, 1.02, 0.97, 1.01, 0.99, 1.01])
MANY = np.arange(1.0, 41.0)

#: The right law, under a wave that no throughput of it has: residuals in runs of ten.
WAVE = (MANY, curve(Usl(0.05, 0.002, 100.0), MANY) * (1 + 0.02 * np.sign(np.sin(MANY * np.pi / 10.5))))


@pytest.mark.parametrize(
    ("data", "says"),
    [
        pytest.param(RAY_TRACER, "no retrograde seen: peak not identified, N* >= 84", id="b at its bound"),
        pytest.param(first(RAY_TRACER, 6), "24.5, beyond the largest measured, 20", id="six ray tracers"),
        pytest.param(first(CISCO, 5), "5 concurrencies are too few points to claim a peak", id="five points"),
        pytest.param(first(CISCO, 8), "no coherency at all would fit as well", id="Cisco, 8 points"),
        pytest.param(first(CISCO, 10), "no coherency at all would fit as well", id="Cisco, 10 points"),
        pytest.param(first(CISCO, 12), "beyond the largest measured, 12", id="Cisco, 12 points"),
        pytest.param(first(CISCO, 16), "N = 22.5, beyond the largest measured, 16", id="Cisco, 16 points"),
        pytest.param(first(CISCO, 20), "N = 24.4, beyond the largest measured, 20", id="Cisco, 20 points"),
        pytest.param(first(CISCO, 24), "beyond the largest measured, 24", id="Cisco, 24 points"),
        pytest.param(CISCO, "N = 35.6, beyond the largest measured, 32", id="Cisco in full"),
        pytest.param((SIX, 3 * SIX), "no retrograde seen: peak not identified", id="exactly linear"),
        pytest.param((10 * SIX, LEVEL), "no retrograde seen: peak not identified", id="level from the start"),
        pytest.param((SIX, 10 / SIX), "falls from the smallest concurrency measured, 1", id="only falling"),
        pytest.param(WAVE, "in a pattern", id="a peak in range, but residuals in runs"),
    ],
)
def test_no_peak_is_claimed(data: tuple[Floats, Floats], says: str) -> None:
    """Where a peak is not identified, the words say why and what was measured instead."""
    actual = explain(*data)
    most = re.search(r"Measured so far: at most ([\d,.]+)/s", actual.said)

    assert actual.peak is None
    assert says in actual.no_peak_because
    assert most is not None
    assert float(most[1].replace(",", "")) == pytest.approx(data[1].max(), rel=5e-4)


def test_no_digit_is_told_that_nobody_measured() -> None:
    """Four of a rate, and of a concurrency that is a mean."""
    said = explain(np.array([1.0, 2.5, 6.0, 13.7885]), np.array([90.0, 170.5, 230.0, 277.333])).said

    assert "Measured so far: at most 277.3/s, at N = 13.79." in said


def test_other_truncations_of_cisco_are_silent_about_a_peak() -> None:
    """Known 6, 14, 22 and 30 of the 32 points, no peak is claimed: none lay inside what was measured."""
    claimed = [k for k in range(6, 33, 8) if explain(*first(CISCO, k)).peak]

    assert claimed == []


def test_a_peak_that_was_passed_is_claimed() -> None:
    """SPEC SDM91 was measured far beyond its peak of 1884 at N = 96.5; the claim carries both intervals."""
    peak = SPEC.peak

    assert peak is not None
    assert pytest.approx((96.5, 1884), rel=1e-3) == (peak.concurrency, peak.per_s)
    assert peak.concurrency_interval.low < peak.concurrency < peak.concurrency_interval.high
    assert peak.per_s_by_delta.low < peak.per_s < peak.per_s_by_delta.high
    assert "peaks at N = 96.5 (77.9 to 156.7) with 1,884/s (1,748 to 2,031)" in SPEC.said


def test_coefficients_are_said_with_their_intervals() -> None:
    """Contention and coherency are said in per cent with what they may be."""
    actual = SPEC.said

    assert actual.startswith("Contention 2.8 % (0.95 to 6.4 %), coherency 0.01 % (0.0039 to 0.016 %).")


def test_patterned_residuals_take_the_intervals_away() -> None:
    """Cisco's residuals come in 5 runs where 17 would be expected: no interval is said, and why."""
    actual = explain(*CISCO)

    assert actual.is_patterned
    assert actual.said.startswith("Contention 2.7 %, coherency 0.077 %.")
    assert "5 runs of signs in 32" in actual.said


def test_a_coefficient_of_the_whole_is_said_without_an_exponent() -> None:
    """Throughput that never grows is contention of 100 %, not of 1e+02 %."""
    actual = explain(SIX, np.ones(6)).said

    assert actual.startswith("Contention 100 % (100 to 100 %)")


@pytest.mark.parametrize("data", [RAY_TRACER, CISCO, first(CISCO, 4)])
def test_it_is_never_called_evidence(data: tuple[Floats, Floats]) -> None:
    """Whatever it says, it ends by saying that it is no evidence."""
    actual = explain(*data).said

    assert actual.endswith(EXPLANATION_ONLY)
