"""The highest passing load: every length, every answer, no load tried twice."""

import math
from dataclasses import dataclass, field

import pytest

from capacity.bracket import highest_passing


@dataclass
class Trials:
    """Trials of a system that carries `most`: which loads were tried."""

    most: int
    tried: list[int] = field(default_factory=list)

    def __call__(self, load: int) -> bool:
        """Try a load: whether it passes."""
        self.tried.append(load)
        return load <= self.most


@pytest.mark.parametrize("length", list(range(17)))
def test_every_answer_of_every_list_is_found(length: int) -> None:
    """Whichever load is the last to pass, none included, it is found."""
    loads = [100 * (i + 1) for i in range(length)]
    actual = [highest_passing(loads, Trials(most)) for most in [0, *loads]]

    assert [None, *loads] == actual


@pytest.mark.parametrize("length", list(range(1, 17)))
def test_no_more_trials_than_halving_needs(length: int) -> None:
    """No load is tried twice, and never more than log2(n + 1) of them, rounded up."""
    for most in range(-1, length):
        trials = Trials(most)
        highest_passing(range(length), trials)

        assert len(trials.tried) == len(set(trials.tried)) <= math.ceil(math.log2(length + 1))


@pytest.mark.parametrize(
    "loads",
    [pytest.param([100, 300, 200], id="one falls"), pytest.param([100, 100], id="one stands twice")],
)
def test_loads_that_do_not_rise_are_refused(loads: list[int]) -> None:
    """Halving needs an order; a list without one is refused in words."""
    with pytest.raises(ValueError, match="must rise"):
        highest_passing(loads, Trials(1000))
