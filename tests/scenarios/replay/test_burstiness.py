from collections.abc import Callable

import numpy as np
import pytest

from scenarios.replay import burstiness as module
from scenarios.replay.burstiness import Burstiness, burstiness
from scenarios.replay.steps import Steps

NS = 1_000_000_000
Make = Callable[..., Steps]


def one_step_sessions(steps_of: Make, at_s: "np.ndarray[tuple[int], np.dtype[np.float64]]") -> Steps:
    """Return sessions of one step at these seconds."""
    return steps_of(*[[(float(at), 0)] for at in at_s])


def measured(steps: Steps, window_ns: int = NS) -> Burstiness:
    """Return the burstiness, which there must be."""
    found = burstiness(steps, window_ns)
    assert found is not None
    return found


@pytest.mark.parametrize("window_ns", [NS, NS // 10])
def test_a_poisson_flow_has_a_dispersion_of_one(steps_of: Make, window_ns: int) -> None:
    """At any window, within chance."""
    found = measured(one_step_sessions(steps_of, np.random.default_rng(1).uniform(0, 3000, 9000)), window_ns)

    assert found.start_dispersion == pytest.approx(1, abs=found.chance)
    assert found.dispersion == found.start_dispersion
    assert (found.in_window, found.per_session) == (1, 1)


def test_even_arrivals_have_none(steps_of: Make) -> None:
    """Two in each second, always."""
    found = measured(one_step_sessions(steps_of, np.arange(0, 500, 0.5) + 0.1))

    assert found.dispersion == pytest.approx(0, abs=0.01)
    assert found.peak_to_mean == pytest.approx(1)


def test_pairs_double_it(steps_of: Make) -> None:
    """Each start brings two requests in the same window: variance four times, mean twice."""
    at_s = np.floor(np.random.default_rng(2).uniform(0, 4000, 4000))
    found = measured(steps_of(*[[(float(at), 0), (float(at) + 0.1, 1)] for at in at_s]))

    assert found.dispersion == pytest.approx(2 * found.start_dispersion, rel=0.02)
    assert found.in_window == 2
    assert found.per_session == pytest.approx(2, rel=0.01)


def test_a_rate_that_climbs_is_no_burst(steps_of: Make) -> None:
    """From 0 to 20 a second within 400 s: the curve is not taken for clusters."""
    at_s = 400 * np.sqrt(np.random.default_rng(3).uniform(0, 1, 4000))
    found = measured(one_step_sessions(steps_of, at_s))

    assert found.start_dispersion == pytest.approx(1, abs=1.5 * found.chance)


def test_what_sessions_share_grows_with_them(steps_of: Make) -> None:
    """A rate that jumps each second between 1 and 19: eight independent copies have 1 + 8 (index - 1)."""
    rng = np.random.default_rng(5)
    rates = rng.choice([1, 19], 4000)

    def flow(times: int) -> Steps:
        counts = rng.poisson(rates * times)
        return one_step_sessions(
            steps_of, np.repeat(np.arange(4000), counts) + rng.uniform(0, 1, counts.sum())
        )

    one, eight = measured(flow(1)), measured(flow(8))

    assert one.expected(8) == pytest.approx(eight.dispersion, rel=0.1)
    assert one.expected(1) == one.dispersion


def test_chance_is_not_multiplied(steps_of: Make) -> None:
    """A Poisson flow's index stays as measured, whatever the multiplier."""
    found = measured(one_step_sessions(steps_of, np.random.default_rng(6).uniform(0, 2000, 4000)))

    assert found.expected(8) == found.dispersion


def test_too_short_a_time_has_none(steps_of: Make) -> None:
    """Fewer windows than needed say nothing."""
    assert burstiness(steps_of(*[[(float(at), 0)] for at in range(50)]), NS) is None


def test_counting_by_sorting_is_the_same(steps_of: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    """For windows too many to hold them all."""
    steps = one_step_sessions(steps_of, np.random.default_rng(7).uniform(0, 300, 200))
    dense = measured(steps, NS // 10)
    monkeypatch.setattr(module, "_DENSE", 0)

    assert measured(steps, NS // 10) == dense
