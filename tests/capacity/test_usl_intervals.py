"""Intervals of the scalability law against R's, an independent minimiser, and their own definition."""

import math
from collections.abc import Callable

import numpy as np
import pytest
from scipy.optimize import minimize  # type: ignore[import-untyped]

from capacity.quantiles import student_t
from capacity.samples import Floats
from capacity.usl import Usl
from capacity.usl_fit import curve, fit_usl, slopes
from capacity.usl_intervals import peak_by_delta, profile, wald
from tests.capacity.usl_data import CISCO, RAY_TRACER, SPEC_SDM91, first

PARAMETERS = ("contention", "coherency", "single_per_s")
SPEC = fit_usl(*SPEC_SDM91)

#: R's confint.nls reads a profile off a spline through a few points; here its end is solved for.
_R_READS = 6e-3


@pytest.mark.parametrize(
    ("data", "name", "low", "high"),
    [
        pytest.param(SPEC_SDM91, "contention", 0.0024025, 0.0530544, id="a of SPEC SDM91"),
        pytest.param(SPEC_SDM91, "coherency", 4.91832e-5, 1.595483e-4, id="b of SPEC SDM91"),
        pytest.param(SPEC_SDM91, "single_per_s", 50.5323, 129.4581, id="g of SPEC SDM91"),
        pytest.param(first(RAY_TRACER, 6), "contention", -0.002259, 0.051147, id="a of six ray tracers"),
    ],
)
def test_wald_matches_the_references(data: tuple[Floats, Floats], name: str, low: float, high: float) -> None:
    """Estimate +- t(n - 3) standard errors, to the digits given."""
    actual = wald(fit_usl(*data))[name]

    assert (low, high) == pytest.approx((actual.low, actual.high), rel=2e-5, abs=5e-7)


def test_a_coefficient_at_its_bound_has_no_wald_interval() -> None:
    """The ray tracer's b is 0: only a and g have an interval."""
    actual = wald(fit_usl(*RAY_TRACER))

    assert {"contention", "single_per_s"} == set(actual)


def test_the_peak_by_the_delta_method() -> None:
    """N* and X* of SPEC SDM91 lie in 71.56 to 121.47 and in 1740.6 to 2027.2."""
    n, x = peak_by_delta(SPEC)

    assert pytest.approx((n.low, n.high), abs=0.006) == (71.56, 121.47)
    assert pytest.approx((x.low, x.high), abs=0.06) == (1740.6, 2027.2)


def test_a_law_without_coherency_has_no_peak() -> None:
    """The delta method refuses a peak at infinity."""
    with pytest.raises(ValueError, match="no peak"):
        peak_by_delta(fit_usl(*RAY_TRACER))


@pytest.mark.parametrize(
    ("name", "low", "high"),
    [
        pytest.param("contention", 0.0095287, 0.0641242, id="a"),
        pytest.param("coherency", 3.86086e-5, 1.611879e-4, id="b"),
        pytest.param("single_per_s", 61.300, 144.564, id="g"),
    ],
)
def test_profiles_match_the_references(name: str, low: float, high: float) -> None:
    """The profile intervals of SPEC SDM91 equal R's as far as R's spline is good."""
    actual = profile(SPEC, name)

    assert (low, high) == pytest.approx((actual.low, actual.high), rel=_R_READS)


def by_peak(contention: float, peak: float, per_s: float) -> Usl:
    """Return the law of this contention that peaks at N* = `peak` with `per_s`."""
    b = (1 - contention) / peak**2
    return Usl(contention, b, per_s * (1 + contention * (peak - 1) + b * peak * (peak - 1)) / peak)


#: A law by the quantity held and two others, each of these near 1.
HELD: dict[str, Callable[[float, float, float], Usl]] = {
    "contention": lambda held, b, g: Usl(held, b * 1e-4, g * 100),
    "coherency": lambda held, a, g: Usl(a * 1e-2, held, g * 100),
    "single_per_s": lambda held, a, b: Usl(a * 1e-2, b * 1e-4, held),
    "peak_concurrency": lambda held, a, x: by_peak(a * 1e-2, held, x * 1000),
    "peak_per_s": lambda held, a, n: by_peak(a * 1e-2, n * 100, held),
}


def fewest_squares(name: str, held: float) -> float:
    """Return the fewest squares left with a quantity held: another minimiser, without derivatives."""

    def left(free: Floats) -> float:
        misses = curve(HELD[name](held, *np.abs(free)), SPEC.concurrency) - SPEC.per_s
        return float(misses @ misses)

    tight = {"xatol": 1e-9, "fatol": 1e-4, "maxiter": 1000, "maxfev": 1000}
    return float(minimize(left, (1.0, 1.0), method="Nelder-Mead", options=tight).fun)


@pytest.mark.parametrize("name", list(HELD))
def test_the_end_of_a_profile_is_where_its_definition_puts_it(name: str) -> None:
    """At both ends the best fit leaves SSR (1 + t^2 / (n - 3)), by an independent minimiser."""
    ends = profile(SPEC, name)
    allowed = SPEC.ssr * (1 + student_t(4, 0.975) ** 2 / 4)
    actual = [fewest_squares(name, end) for end in (ends.low, ends.high)]

    assert [allowed, allowed] == pytest.approx(actual, rel=1e-6)


@pytest.mark.parametrize("data", [SPEC_SDM91, RAY_TRACER, first(RAY_TRACER, 6), CISCO])
def test_the_height_of_a_peak_is_bounded_by_the_laws_that_fit(data: tuple[Floats, Floats]) -> None:
    """Of 5,000 laws near the fitted one, those that fit well enough peak inside, and mostly fill it."""
    fit, rng = fit_usl(*data), np.random.default_rng(20261111)
    interval = profile(fit, "peak_per_s")
    allowed = fit.ssr * (1 + student_t(fit.freedom, 0.975) ** 2 / fit.freedom)
    centre = np.array([fit.law.contention, fit.law.coherency, fit.law.single_per_s])
    jacobian = slopes(fit.law, fit.concurrency)
    spread = np.linalg.inv(jacobian.T @ jacobian) * fit.ssr / fit.freedom * 2
    laws = [Usl(*at) for at in np.maximum(rng.multivariate_normal(centre, spread, 5_000), 0)]
    a, b, g = (np.array([getattr(law, name) for law in laws])[:, None] for name in PARAMETERS)
    n = fit.concurrency
    left = np.sum((g * n / (1 + a * (n - 1) + b * n * (n - 1)) - fit.per_s) ** 2, axis=1)
    heights = [law.peak_per_s for law, squares in zip(laws, left, strict=True) if squares <= allowed]

    assert interval.low <= min(heights) <= max(heights) <= interval.high
    assert max(heights) - min(heights) > 0.7 * (interval.high - interval.low)


def test_the_profile_of_a_coefficient_at_its_bound() -> None:
    """The ray tracer's b may be 0 to 1.33e-4, so N* may be infinite, and is at least 84."""
    fit = fit_usl(*RAY_TRACER)
    b, n = profile(fit, "coherency"), profile(fit, "peak_concurrency")

    assert pytest.approx((b.low, b.high), rel=_R_READS) == (0.0, 1.3290e-4)
    assert (84, math.inf) == (math.floor(n.low), n.high)


@pytest.mark.parametrize("data", [SPEC_SDM91, first(RAY_TRACER, 6), first(CISCO, 8), CISCO])
@pytest.mark.parametrize(
    "name", ["contention", "coherency", "single_per_s", "peak_concurrency", "peak_per_s"]
)
def test_a_profile_holds_its_estimate(data: tuple[Floats, Floats], name: str) -> None:
    """The estimate lies inside, and an interval of more confidence around one of less."""
    fit = fit_usl(*data)
    wide, narrow, at = profile(fit, name, 0.95), profile(fit, name, 0.5), getattr(fit.law, name)

    assert wide.low <= narrow.low <= at <= narrow.high <= wide.high


def test_a_peak_that_may_not_exist_is_bounded_by_the_limit() -> None:
    """Eight Cisco points allow b = 0; then N* has no upper end and X* ends at a limit g / a."""
    fit = fit_usl(*first(CISCO, 8))
    n, x = profile(fit, "peak_concurrency"), profile(fit, "peak_per_s")

    assert (math.inf, True) == (n.high, x.high > 5 * x.low)


def test_without_contention_nothing_bounds_throughput() -> None:
    """Noisy linear scaling: neither a peak nor any largest throughput is known."""
    n = np.array([1.0, 2, 4, 6, 8, 10])
    fit = fit_usl(n, n * np.array([1.0, 1.01, 0.99, 1.0, 1.01, 0.995]))

    assert (math.inf, math.inf) == (profile(fit, "peak_concurrency").high, profile(fit, "peak_per_s").high)


def test_saturation_alone_leaves_one_worker_unknown() -> None:
    """Measured from N = 80 on and level from there, X(1) may be anything from some value on."""
    n = np.array([80.0, 120, 160, 240, 320, 480])
    actual = profile(fit_usl(n, 300 * np.array([1.0, 1.02, 0.97, 1.01, 0.99, 1.01])), "single_per_s")

    assert (actual.low > 3, actual.high) == (True, math.inf)


def test_a_peak_that_may_be_at_one_begins_there() -> None:
    """Noise as large as what a second worker adds leaves N* anywhere from 1 on."""
    n = np.array([1.0, 2, 4, 6, 8, 10])
    fit = fit_usl(n, curve(Usl(0.3, 0.3, 10.0), n) * np.array([1.0, 1.2, 0.8, 1.2, 0.6, 1.4]))
    actual = profile(fit, "peak_concurrency")

    assert actual.low == 1.0 < fit.law.peak_concurrency < actual.high


@pytest.mark.parametrize("name", ["peak_concurrency", "peak_per_s"])
def test_no_interval_of_a_peak_that_never_was(name: str) -> None:
    """Where throughput falls from the start there is no peak to bound."""
    n = np.array([1.0, 2, 4, 6, 8, 10])
    fit = fit_usl(n, 10 / n * np.array([1.0, 1.05, 0.95, 1.02, 1.0, 0.97]))

    with pytest.raises(ValueError, match="falls from N = 1 on"):
        profile(fit, name)


def test_an_exact_fit_leaves_no_interval() -> None:
    """Without scatter an interval is its estimate, be it a peak of 7 or no contention at all."""
    law, n = Usl(0.02, 0.02, 1.0), np.array([1.0, 2, 4, 6, 8, 10])
    peak, none = (
        profile(fit_usl(n, curve(law, n)), "peak_concurrency"),
        profile(fit_usl(n, 3 * n), "contention"),
    )

    assert pytest.approx((peak.low, peak.high)) == (7.0, 7.0)
    assert (none.low, none.high) == (0.0, 0.0)
