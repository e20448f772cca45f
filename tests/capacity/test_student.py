"""Student's t against its tables, its closed forms and its own integral."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from capacity.student import t_density, t_quantile, t_tail


@pytest.mark.parametrize(
    ("q", "dof", "expected"),
    [
        pytest.param(0.95, 1, 6.313752, id="one degree of freedom"),
        pytest.param(0.95, 4, 2.131847, id="five values"),
        pytest.param(0.975, 9, 2.262157, id="ten values, both sides"),
        pytest.param(0.95, math.inf, 1.644854, id="the normal distribution"),
        pytest.param(0.5, 2, 0.0, id="the middle"),
    ],
)
def test_quantiles_match_the_tables(q: float, dof: float, expected: float) -> None:
    """The quantiles equal the printed tables to six digits."""
    actual = t_quantile(q, dof)

    assert expected == pytest.approx(actual, abs=5e-7)


@pytest.mark.parametrize("q", [0.0, 1.0, -0.1, math.nan])
def test_no_quantile_outside_of_zero_and_one(q: float) -> None:
    """A share that is none is refused."""
    with pytest.raises(ValueError, match="between 0 and 1"):
        t_quantile(q, 4)


@given(st.floats(1e-6, 1 - 1e-6), st.integers(1, 60) | st.just(math.inf))
def test_the_tail_inverts_the_quantile(q: float, dof: float) -> None:
    """A share 1 - q lies above the q-quantile."""
    actual = t_tail(np.array([t_quantile(q, dof)]), dof)[0]

    assert 1 - q == pytest.approx(actual, rel=1e-6)


@pytest.mark.parametrize("dof", [1, 2, 4, 30, math.inf])
def test_the_density_is_the_slope_of_the_tail(dof: float) -> None:
    """What lies between two points is the density summed up between them."""
    t = np.linspace(-3, 3, 6001)

    actual = np.trapezoid(t_density(t, dof), t)

    assert t_tail(t[:1], dof)[0] - t_tail(t[-1:], dof)[0] == pytest.approx(actual, abs=1e-7)


def test_a_far_tail_keeps_its_digits() -> None:
    """For two degrees of freedom P(T > t) = (1 - t / sqrt(2 + t²)) / 2, about 1 / (2 t²) far out."""
    actual = t_tail(np.array([1e6]), 2)[0]

    assert actual == pytest.approx(5e-13, rel=1e-9)
