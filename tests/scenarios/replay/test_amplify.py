from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rehearsal.model.errors import RehearsalError
from scenarios.replay import amplify
from scenarios.replay.steps import Steps

NS = 1_000_000_000
Make = Callable[..., Steps]


def rng(seed: int = 1) -> np.random.Generator:
    """Return seeded randomness."""
    return np.random.default_rng(seed)


@given(st.integers(0, 200), st.floats(0.05, 12), st.integers(0, 1000))
def test_clones_come_to_the_multiplier_evenly(sessions: int, multiplier: float, seed: int) -> None:
    """In all within one of sessions times multiplier, and so in every stretch of the log."""
    counts = amplify.clones(sessions, multiplier, rng(seed))

    assert abs(counts.sum() - sessions * multiplier) <= 1
    assert all(abs(counts[:n].sum() - n * multiplier) <= 1 for n in range(sessions))
    assert counts.min(initial=0) >= 0


@pytest.mark.parametrize("multiplier", [0.5, 1, 3, 7.5, 10])
def test_each_session_keeps_its_own_clock(poisson_steps: Make, multiplier: float) -> None:
    """Clones have their original's steps at the same distances; only starts are new."""
    log = poisson_steps()
    found = amplify.amplify(log, multiplier, 60 * NS, rng())
    shapes = {tuple(np.diff(log.at_ns[first : first + 3])) for first in log.first}

    assert {tuple(np.diff(found.at_ns[first : first + 3])) for first in found.first} <= shapes
    assert found.sessions == pytest.approx(log.sessions * multiplier, abs=1)
    assert (np.diff(found.start_ns) >= 0).all()


def test_a_clone_begins_in_its_originals_interval(poisson_steps: Make) -> None:
    """So every interval of the curve scales exactly, and the ends of the log are kept."""
    log = poisson_steps()
    found = amplify.amplify(log, 8, 60 * NS, rng())
    before, after = (
        np.bincount(steps.start_ns // (60 * NS) - log.start_ns[0] // (60 * NS)) for steps in (log, found)
    )

    assert after.tolist() == (8 * before).tolist()
    assert log.start_ns[0] <= found.start_ns[0]
    assert found.start_ns[-1] <= log.start_ns[-1]


def test_clones_do_not_march_in_step(poisson_steps: Make) -> None:
    """No two of eight begin at the same instant."""
    found = amplify.amplify(poisson_steps(), 8, 60 * NS, rng())

    assert len(np.unique(found.start_ns)) == found.sessions


def test_once_is_the_log_itself(poisson_steps: Make) -> None:
    """The original is the first of its clones."""
    log = poisson_steps()

    assert np.array_equal(amplify.amplify(log, 1, 60 * NS, rng()).at_ns, log.at_ns)


def test_the_same_seed_gives_the_same_replay(poisson_steps: Make) -> None:
    """And another seed another."""
    one, same, other = (amplify.amplify(poisson_steps(), 5, NS, rng(seed)) for seed in (1, 1, 2))

    assert np.array_equal(one.at_ns, same.at_ns)
    assert not np.array_equal(one.at_ns, other.at_ns)


def test_more_than_fits_is_refused(poisson_steps: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    """And says how to replay less."""
    monkeypatch.setattr(amplify, "MOST_STEPS", 1000)

    with pytest.raises(RehearsalError, match="--for"):
        amplify.amplify(poisson_steps(), 8, NS, rng())


def test_a_multiplier_so_small_that_nothing_is_left_gives_nothing(steps_of: Make) -> None:
    """An empty replay is a value too."""
    assert amplify.amplify(steps_of([(0, 0)]), 1e-9, NS, rng()).sessions == 0


def test_whole_seconds_are_spread_within_the_second(steps_of: Make) -> None:
    """What the log's clock hides is drawn; what it tells, each session's own times, stays."""
    log = steps_of(*[[(at, 0), (at + 2, 1)] for at in range(100) for _ in range(5)])
    found = amplify.unround(log, NS, rng())

    assert set(found.think_s) == {2}
    assert len(np.unique(found.start_ns % NS)) > 400
    assert np.array_equal(np.sort(found.start_ns // NS), log.start_ns // NS)
    assert amplify.unround(log, 1, rng()) is log


def test_speeding_up_shrinks_everything(steps_of: Make) -> None:
    """Starts, think times and sessions alike: that is what is wrong with it."""
    found = amplify.speed_up(steps_of([(0, 0), (10, 1)], [(20, 0), (50, 1)]), 5)

    assert (found.at_ns / NS).tolist() == [0, 2, 4, 10]


def poisson(steps_of: Make, rates: "np.ndarray[tuple[int], np.dtype[np.float64]]", seed: int = 3) -> Steps:
    """Return sessions of one step at these rates a second."""
    counts = rng(seed).poisson(rates)
    at_s = np.repeat(np.arange(len(rates)), counts) + rng(seed).uniform(0, 1, counts.sum())
    return steps_of(*[[(float(at), 0)] for at in at_s])


@pytest.mark.parametrize(
    ("rates", "resolution_ns", "low_s", "high_s"),
    [
        pytest.param(np.full(6000, 2.0), 1, 300, 600, id="steady: wide, no chance cluster is multiplied"),
        pytest.param(np.tile([40.0] * 5 + [0.0] * 55, 60), NS, 1, 5, id="bursts of five seconds: narrow"),
        pytest.param(np.full(30, 5.0), NS, 1, 5, id="a short log: no wider than a sixth of it"),
        pytest.param(np.full(3, 5.0), NS, 1, 1, id="a very short one"),
        pytest.param(np.full(3, 5.0), 60 * NS, 1, 1, id="a clock coarser than any window"),
    ],
)
def test_the_arrival_interval_fits_the_log(
    steps_of: Make,
    rates: "np.ndarray[tuple[int], np.dtype[np.float64]]",
    resolution_ns: int,
    low_s: int,
    high_s: int,
) -> None:
    """As wide as arrivals are even inside it."""
    found = amplify.arrival_interval_ns(poisson(steps_of, rates).start_ns, resolution_ns)

    assert low_s * NS <= found <= high_s * NS


def test_bursts_within_a_second_are_kept_where_the_clock_shows_them(steps_of: Make) -> None:
    """All sessions of a second in its first tenth: the interval is hardly longer, and clones stay there."""
    steady = poisson(steps_of, np.full(1200, 5.0))
    log = steps_of(*[[(at // NS + at % NS / NS / 10, 0)] for at in steady.start_ns.tolist()])
    interval_ns = amplify.arrival_interval_ns(log.start_ns, 1_000_000)
    replay = amplify.amplify(log, 8, interval_ns, rng())

    assert interval_ns <= 200_000_000
    assert (replay.start_ns % NS < 2 * NS // 10).all()
