"""The scalability law itself: published predictions, and every inverse put back into the law."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from capacity.usl import Usl

#: The Cisco law of Schwartz's book.
CISCO = Usl(contention=0.02671591, coherency=7.690945e-4, single_per_s=995.6486)
#: The example of X(R), and one that is easy to reckon by hand.
EXAMPLE = Usl(contention=0.06, coherency=0.001, single_per_s=40.0)
PLAIN = Usl(contention=0.02, coherency=0.02, single_per_s=1.0)

LAWS = st.builds(Usl, st.floats(0.0, 0.5), st.floats(1e-7, 0.1), st.floats(0.1, 1e4))


@pytest.mark.parametrize(
    ("n", "expected"),
    [(1, 1.0), (2, 1.8868), (4, 3.0769), (6, 3.5294), (8, 3.5398), (10, 3.3557)],
)
def test_throughput_by_hand(n: float, expected: float) -> None:
    """With a = b = 0.02 and g = 1 the law's throughputs are these."""
    actual = PLAIN.throughput(n)

    assert expected == pytest.approx(actual, abs=5e-5)


@pytest.mark.parametrize(
    ("expected", "actual"),
    [
        pytest.param(35.5738, CISCO.peak_concurrency, id="N*"),
        pytest.param(12341.746, CISCO.throughput(35), id="X(35)"),
        pytest.param(11063.634, CISCO.throughput(20), id="X(20)"),
        pytest.param(0.00180772, CISCO.response_s(20), id="R(20)"),
        pytest.param(29.5690, CISCO.concurrencies(12201)[0], id="N at X = 12201"),
        pytest.param(19.9239, CISCO.concurrencies(11048)[0], id="N at X = 11048"),
        pytest.param(137.306, EXAMPLE.throughput_at_response(0.03), id="X at R = 0.03"),
        pytest.param(240.460, EXAMPLE.throughput_at_response(0.04), id="X at R = 0.04"),
        pytest.param(288.692, EXAMPLE.throughput_at_response(0.05), id="X at R = 0.05"),
    ],
)
def test_predictions_match_the_references(expected: float, actual: float) -> None:
    """What the law predicts equals the published numbers in every digit given."""
    assert expected == pytest.approx(actual, rel=3e-6)


@pytest.mark.parametrize(
    ("law", "expected"),
    [
        pytest.param(PLAIN, (7.0, 25 / 7, 50.0, 50.0, 50 / 50.98), id="both costs"),
        pytest.param(Usl(0.05, 0.0, 10.0), (math.inf, 200.0, 200.0, 20.0, 200 / 1.95), id="contention only"),
        pytest.param(Usl(0.0, 0.25, 10.0), (2.0, 40 / 3, math.inf, math.inf, 0.0), id="coherency only"),
        pytest.param(Usl(0.0, 0.0, 10.0), (math.inf,) * 5, id="linear"),
        pytest.param(Usl(1.0, 0.0, 10.0), (math.inf, 10.0, 10.0, 1.0, 10.0), id="one at a time"),
        pytest.param(Usl(0.5, 2.0, 10.0), (1.0, 10.0, 20.0, 2.0, 20 / 5.5), id="best alone"),
    ],
)
def test_marks_of_a_law(law: Usl, expected: tuple[float, ...]) -> None:
    """N*, X*, the limit g / a, 1 / a and X(1 / a), also where a cost is missing."""
    actual = (
        law.peak_concurrency,
        law.peak_per_s,
        law.limit_per_s,
        law.optimal_concurrency,
        law.optimal_per_s,
    )

    assert expected == pytest.approx(actual)


@pytest.mark.parametrize(
    ("law", "per_s", "expected"),
    [
        pytest.param(CISCO, 13_000, 0, id="above the peak"),
        pytest.param(CISCO, 12_000, 2, id="before the peak and beyond it"),
        pytest.param(Usl(0.05, 0.0, 10.0), 199, 1, id="a law that only rises"),
        pytest.param(Usl(0.05, 0.0, 10.0), 201, 0, id="beyond its limit"),
        pytest.param(Usl(0.0, 0.0, 10.0), 50, 1, id="a linear law"),
    ],
)
def test_how_many_concurrencies_carry_a_throughput(law: Usl, per_s: float, expected: int) -> None:
    """None, one or two concurrencies have a throughput."""
    actual = law.concurrencies(per_s)

    assert expected == len(actual)


@pytest.mark.parametrize(
    ("law", "response_s"),
    [
        pytest.param(CISCO, 0.0009, id="quicker than an idle system"),
        pytest.param(Usl(0.0, 0.0, 10.0), 0.2, id="a response that never grows"),
    ],
)
def test_a_response_that_no_concurrency_has(law: Usl, response_s: float) -> None:
    """A mean response that the law never takes is refused in words."""
    with pytest.raises(ValueError, match="no concurrency has a mean response"):
        law.concurrency_at_response(response_s)


@given(LAWS, st.floats(0.01, 0.999))
def test_concurrencies_invert_throughput(law: Usl, share: float) -> None:
    """Every concurrency returned for a throughput below the peak has that throughput, and one is below N*."""
    per_s = law.single_per_s + share * (law.peak_per_s - law.single_per_s)
    roots = law.concurrencies(per_s)

    assert [per_s] * len(roots) == pytest.approx([law.throughput(n) for n in roots], rel=1e-6)
    assert roots[0] <= law.peak_concurrency * (1 + 1e-6)


@given(LAWS, st.floats(1.5, 1000.0))
def test_response_and_throughput_obey_littles_law(law: Usl, n: float) -> None:
    """At the response of N, the concurrency is N, the throughput X(N), and N = X R."""
    response_s = law.response_s(n)
    per_s = law.throughput_at_response(response_s) if law.contention + law.coherency > 1e-6 else 0.0

    assert n == pytest.approx(law.throughput(n) * response_s)
    if per_s:
        assert law.throughput(n) == pytest.approx(per_s, rel=1e-5)
