"""Fits of the scalability law against published fits, an exact law, and the gradient at the minimum."""

import math

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from capacity.samples import Floats
from capacity.usl import Usl
from capacity.usl_fit import curve, fit_usl, slopes
from tests.capacity.usl_data import CISCO, RAY_TRACER, SPEC_SDM91, first

#: R's nls stopped so far from the minimum of the first data set (relative).
_R_STOPPED = 3e-6


@pytest.mark.parametrize(
    ("data", "a", "b", "g"),
    [
        pytest.param(SPEC_SDM91, 0.027728414, 1.0436577e-4, 89.995183, id="SPEC SDM91"),
        pytest.param(RAY_TRACER, 0.057770781, 0.0, 21.848843, id="ray tracer, b at its bound"),
        pytest.param(first(RAY_TRACER, 6), 0.024444045, 0.0016268092, 20.856046, id="its first six"),
        pytest.param(CISCO, 0.02671595, 7.690939e-4, 995.64879, id="Cisco"),
    ],
)
def test_coefficients_match_the_references(data: tuple[Floats, Floats], a: float, b: float, g: float) -> None:
    """The fitted coefficients equal those of R's nls; b at its bound is exactly 0."""
    law = fit_usl(*data).law

    assert (a, b, g) == pytest.approx(
        (law.contention, law.coherency, law.single_per_s), rel=_R_STOPPED, abs=0
    )


@pytest.mark.parametrize(
    ("k", "n", "per_s"),
    [
        pytest.param(8, 56.4, 17844, id="8 points"),
        pytest.param(10, 46.9, 16052, id="10 points"),
        pytest.param(12, 22.8, 10623, id="12 points"),
        pytest.param(16, 22.5, 10493, id="16 points"),
        pytest.param(20, 24.4, 10824, id="20 points"),
        pytest.param(24, 40.6, 12746, id="24 points"),
    ],
)
def test_truncations_match_the_references(k: int, n: float, per_s: float) -> None:
    """The peak that the first measurements alone seem to show jumps about: 10,493 to 17,844."""
    law = fit_usl(*first(CISCO, k)).law

    assert (n, per_s) == (round(law.peak_concurrency, 1), round(law.peak_per_s))


def test_spec_sdm91_in_full() -> None:
    """Scatter, standard errors, peak, limit, optimum, efficiencies and fitted values of SPEC SDM91."""
    fit = fit_usl(*SPEC_SDM91)
    law = fit.law

    assert pytest.approx((fit.ssr, fit.scatter, fit.freedom), rel=1e-6) == (27453.72, 82.8458, 4)
    assert pytest.approx(fit.standard_errors, rel=_R_STOPPED) == [9.12171784e-3, 1.98752587e-5, 14.2134730]
    assert pytest.approx(
        (
            law.peak_concurrency,
            law.peak_per_s,
            law.limit_per_s,
            law.optimal_concurrency,
            law.optimal_per_s,
        ),
        rel=_R_STOPPED,
    ) == (96.5194, 1883.899, 3245.59, 36.0641, 1542.40)
    assert pytest.approx(fit.efficiency, abs=6e-5) == [0.7211, 0.6148, 0.5100, 0.2860, 0.1882, 0.1370, 0.0876]
    assert np.array_equal([90, 1078, 1541, 1850, 1879, 1822, 1646], np.round(fit.per_s - fit.residuals))


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        pytest.param(RAY_TRACER, (697.2378, 378.1988, math.inf), id="ray tracer"),
        pytest.param(first(RAY_TRACER, 6), (10.091882, 853.216, 24.48825), id="its first six"),
    ],
)
def test_ray_tracer_in_full(data: tuple[Floats, Floats], expected: tuple[float, ...]) -> None:
    """Squares left, limit and peak of the ray tracer; no coherency, no peak."""
    fit = fit_usl(*data)
    actual = (fit.ssr, fit.law.limit_per_s, fit.law.peak_concurrency)

    assert expected == pytest.approx(actual, rel=1e-6)


def test_the_exact_law_is_found_again() -> None:
    """Six exact points of a = b = 0.02, g = 1 give these back, and are known to leave no scatter."""
    law = Usl(0.02, 0.02, 1.0)
    n = np.array([1.0, 2, 4, 6, 8, 10])
    fit = fit_usl(n, curve(law, n))

    assert fit.is_exact
    assert pytest.approx((fit.law.contention, fit.law.coherency, fit.law.single_per_s)) == (0.02, 0.02, 1.0)


@settings(max_examples=40, deadline=None)
@given(
    st.builds(Usl, st.floats(0.01, 0.2), st.floats(1e-4, 0.01), st.floats(1.0, 1e4)),
    st.integers(0, 2**32 - 1),
)
@example(Usl(0.01171875, 0.0078125, 1.0), 696036)
def test_no_neighbour_fits_better(law: Usl, seed: int) -> None:
    """Any law near the fitted one leaves at least as many squares, on noisy measurements of any law.

    In the example a dogbox step ends at a = 0, and stays there.
    """
    rng = np.random.default_rng(seed)
    n = np.array([1.0, 2, 4, 8, 16, 24, 32, 48])
    x = curve(law, n) * rng.normal(1, 0.03, n.size)
    fit = fit_usl(n, x)
    best = np.array([fit.law.contention, fit.law.coherency, fit.law.single_per_s])
    steps = rng.normal(0, [0.01, 0.001, 0.02 * law.single_per_s], (50, 3))
    others = [curve(Usl(*np.maximum(best + step, 0)), n) - x for step in steps]

    assert fit.ssr <= min(float(other @ other) for other in others) * (1 + 1e-9)


@given(st.floats(0.0, 0.9), st.floats(0.0, 0.1), st.floats(1.0, 100.0))
def test_slopes_are_the_differences(a: float, b: float, g: float) -> None:
    """The analytic derivatives equal central differences."""
    n, steps = np.array([1.0, 3, 10, 40]), np.diag([1e-6, 1e-6, 1e-4])
    at = np.array([a, b, g])
    expected = [(curve(Usl(*(at + h)), n) - curve(Usl(*(at - h)), n)) / (2 * h.sum()) for h in steps]

    assert np.allclose(np.column_stack(expected), slopes(Usl(*at), n), rtol=1e-4, atol=1e-3)


@pytest.mark.parametrize(
    ("n", "x", "says"),
    [
        pytest.param([1, 2, 3], [1, 2, 3], "from 3 concurrencies", id="three points"),
        pytest.param(
            [1, 1, 2, 2, 3, 3], [1, 1, 2, 2, 3, 3], "from 3 concurrencies", id="six points, three N"
        ),
        pytest.param([1, 2, 3, 4], [1, 2, 3], "same length", id="a throughput is missing"),
        pytest.param([[1, 2], [3, 4]], [[1, 2], [3, 4]], "same length", id="tables"),
        pytest.param([0, 1, 2, 3], [1, 2, 3, 4], "positive", id="a concurrency of none"),
        pytest.param([1, 2, 3, 4], [1, 2, 3, math.nan], "finite", id="a throughput that is no number"),
        pytest.param([1, 2, 3, 4], [1, 2, 3, math.inf], "finite", id="an infinite throughput"),
        pytest.param([1, 2, 3, 4], [1, 2, 3, -4], "positive", id="a negative throughput"),
    ],
)
def test_what_cannot_be_fitted_is_refused(n: list[float], x: list[float], says: str) -> None:
    """Too few concurrencies, unequal lists and impossible numbers end in a sentence."""
    with pytest.raises(ValueError, match=says):
        fit_usl(np.array(n, dtype=np.float64), np.array(x, dtype=np.float64))


@pytest.mark.parametrize(
    ("x", "a"),
    [
        pytest.param([5.0] * 6, 1.0, id="throughput that never grows"),
        pytest.param([3.0, 6, 12, 18, 24, 30], 0.0, id="linear throughput"),
    ],
)
def test_a_bound_is_met_exactly(x: list[float], a: float) -> None:
    """Where no pair costs anything b is 0, not some rounding of it, and has no standard error."""
    fit = fit_usl(np.array([1.0, 2, 4, 6, 8, 10]), np.array(x))

    assert fit.law.coherency == fit.standard_errors[1] == 0.0
    assert fit.law.contention == pytest.approx(a)


def test_the_order_of_the_measurements_does_not_matter() -> None:
    """Measurements given in any order give the same fit, in rising order of concurrency."""
    order = [3, 0, 6, 2, 5, 1, 4]
    n, x = SPEC_SDM91
    fit = fit_usl(n[order], x[order])

    assert fit_usl(n, x).law == fit.law
    assert np.array_equal(n, fit.concurrency)
