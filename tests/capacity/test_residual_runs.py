"""Runs of one sign: counted, and their chance against every order there is."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from capacity.residual_runs import chance_of_so_few_runs, runs_of
from capacity.samples import Floats


def signs(text: str) -> Floats:
    """Return residuals of these signs: `+`, `-`, or `0`."""
    return np.array([{"+": 1.0, "-": -1.0, "0": 0.0}[sign] for sign in text])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("+-+-+-", 6, id="every one another"),
        pytest.param("+++---", 2, id="two blocks"),
        pytest.param("++++", 1, id="one sign"),
        pytest.param("+00+-", 2, id="zeros are passed over"),
        pytest.param("000", 0, id="nothing but zeros"),
    ],
)
def test_runs_are_counted(text: str, expected: int) -> None:
    """Neighbours of one sign are one run."""
    actual = runs_of(signs(text))

    assert expected == actual


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("+++---", 2 / 20, id="the fewest of three and three"),
        pytest.param("+-+-+-", 1.0, id="the most"),
        pytest.param("++++", 1.0, id="one sign says nothing of order"),
        pytest.param("", 1.0, id="no residuals"),
        pytest.param("+++++-----", 2 / 252, id="two blocks of five are no chance"),
    ],
)
def test_chance_of_so_few_runs(text: str, expected: float) -> None:
    """The chance is the share of all orders that have no more runs."""
    actual = chance_of_so_few_runs(signs(text))

    assert expected == pytest.approx(actual)


@given(st.text(alphabet="+-", min_size=1, max_size=8))
def test_the_chance_is_a_count_of_orders(text: str) -> None:
    """The closed form equals the count over every order of the signs."""
    n, plus = len(text), text.count("+")
    orders = [np.where(np.isin(np.arange(n), chosen), 1.0, -1.0) for chosen in combinations(range(n), plus)]
    as_few = sum(runs_of(order) <= runs_of(signs(text)) for order in orders)

    assert as_few / len(orders) == pytest.approx(chance_of_so_few_runs(signs(text)))
