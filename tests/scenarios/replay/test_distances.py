from math import log2, sqrt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scenarios.replay import distances

COUNTS = st.lists(st.integers(0, 50), min_size=3, max_size=3).filter(any).map(np.array)
SAMPLES = st.lists(st.integers(-5, 5).map(float), min_size=1, max_size=40).map(np.array)


def entropy(shares: np.ndarray) -> float:
    """Return the entropy in bits."""
    return -sum(float(share) * log2(share) for share in shares.tolist() if share)


def matrix(*rows: list[int]) -> np.ndarray[tuple[int, int], np.dtype[np.int64]]:
    """Return transition counts."""
    return np.array(rows, dtype=np.int64)


@given(COUNTS, COUNTS)
def test_jensen_shannon_agrees_with_entropies(left: np.ndarray, right: np.ndarray) -> None:
    """The entropy of the mean less the mean of the entropies, in bits; symmetric."""
    p, q = left / left.sum(), right / right.sum()
    divergence = entropy((p + q) / 2) - (entropy(p) + entropy(q)) / 2
    found = distances.jensen_shannon(left, right)

    assert found**2 == pytest.approx(divergence, abs=1e-9)
    assert found == pytest.approx(distances.jensen_shannon(right, left))


@given(SAMPLES, SAMPLES)
def test_kolmogorov_smirnov_agrees_with_the_plain_way(left: np.ndarray, right: np.ndarray) -> None:
    """At every value of both, ties included: the share of one sample not above it, less the other's."""
    expected = max(abs(np.mean(left <= at) - np.mean(right <= at)) for at in (*left, *right))

    assert distances.kolmogorov_smirnov(left, right) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [
        pytest.param([], [], 0.0, id="nothing and nothing"),
        pytest.param([], [1.0], 1.0, id="nothing and something"),
        pytest.param([1.0, 2.0], [1.0, 2.0], 0.0, id="alike"),
        pytest.param([1.0], [2.0], 1.0, id="apart"),
    ],
)
def test_kolmogorov_smirnov_at_its_edges(left: list[float], right: list[float], expected: float) -> None:
    """Nothing and something are as far apart as can be."""
    assert distances.kolmogorov_smirnov(np.array(left), np.array(right)) == expected


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [
        pytest.param(matrix([1, 1], [2, 0]), matrix([5, 5], [7, 0]), 0.0, id="the same rows"),
        pytest.param(matrix([4, 0], [0, 4]), matrix([0, 4], [4, 0]), 1.0, id="every row turned round"),
        pytest.param(matrix([4, 0], [0, 4]), matrix([4, 0], [4, 0]), 0.5, id="one of two rows turned round"),
        pytest.param(
            matrix([8, 0], [0, 0]), matrix([4, 4], [0, 0]), 0.5, id="a row nobody leaves weighs nothing"
        ),
    ],
)
def test_transitions_are_compared_row_by_row(left: np.ndarray, right: np.ndarray, expected: float) -> None:
    """Weighted by how often a row is left."""
    assert distances.transition_distance(left, right) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("left", "right", "expected"), [(0, 0, 0), (2, 1, 0.5), (1, 2, 0.5), (0, 3, 1), (3, 3, 0)]
)
def test_a_ratio_as_a_distance(left: float, right: float, expected: float) -> None:
    """Half or double are equally far."""
    assert distances.ratio_distance(left, right) == expected


def test_jensen_shannon_of_a_half() -> None:
    """One path against an even mix of two, in closed form."""
    expected = sqrt((log2(4 / 3) + 0.5 * log2(2 / 3) + 0.5 * log2(2)) / 2)

    assert distances.jensen_shannon(np.array([1, 0]), np.array([1, 1])) == pytest.approx(expected)


def test_chance_is_rarely_beyond_its_limit() -> None:
    """Of 400 pairs of samples of one distribution about one in a hundred is."""
    rng = np.random.default_rng(4)
    limit = distances.chance_limit(100, 300)
    beyond = sum(
        distances.kolmogorov_smirnov(rng.normal(size=100), rng.normal(size=300)) > limit for _ in range(400)
    )

    assert beyond <= 12
    assert distances.chance_limit(0, 0) == 1.0
