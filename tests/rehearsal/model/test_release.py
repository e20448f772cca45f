"""The release curve: exact in number, in order, inside its window, and where the closed form says."""

import math
from collections.abc import Callable
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rehearsal.model.plan import Plan, WaitingRoom
from rehearsal.model.release import release_s, releases_ns

Curve = Literal["even", "exponential", "poisson"]
CURVES: tuple[Curve, ...] = ("even", "exponential", "poisson")


def room(shoppers: int, release: Curve, length_s: float = 1.0) -> WaitingRoom:
    """Return a waiting room with this release."""
    return WaitingRoom(shoppers=shoppers, gather_s=5.0, release=release, release_s=length_s)


@given(
    shoppers=st.integers(1, 500),
    release=st.sampled_from(CURVES),
    length_s=st.floats(1e-3, 1e3),
    seed=st.integers(0, 2**63 - 1),
)
def test_exactly_so_many_are_let_go_in_order_within_the_window(
    shoppers: int, release: Curve, length_s: float, seed: int
) -> None:
    """Whatever the curve and the seed."""
    instants = release_s(room(shoppers, release, length_s), seed)

    assert len(instants) == shoppers
    assert list(instants) == sorted(instants)
    assert instants[0] >= 0
    assert instants[-1] <= length_s


def test_even_is_half_a_step_from_both_ends() -> None:
    """Four in a second: after 1/8, 3/8, 5/8 and 7/8 of it."""
    assert release_s(room(4, "even"), 1) == (0.125, 0.375, 0.625, 0.875)


@given(st.integers(1, 300), st.floats(0.1, 10.0))
def test_exponential_is_never_half_a_shopper_off_its_closed_form(shoppers: int, length_s: float) -> None:
    """F(t) = (1 - e^(-3t/r)) / (1 - e^-3) at the n-th release is (n - 1/2) / N."""
    for number, at_s in enumerate(release_s(room(shoppers, "exponential", length_s), 1)):
        share = (1 - math.exp(-3 * at_s / length_s)) / (1 - math.exp(-3))

        assert share == pytest.approx((number + 0.5) / shoppers, abs=1e-9)


def test_poisson_follows_the_seed_and_the_others_do_not() -> None:
    """The same seed gives the same points; only what is drawn depends on it."""
    drawn = [release_s(room(20, "poisson"), seed) for seed in (1, 1, 2)]

    assert drawn[0] == drawn[1] != drawn[2]
    assert release_s(room(20, "even"), 1) == release_s(room(20, "even"), 2)


def test_releases_lie_after_t_zero_on_the_runs_clock(make_plan: Callable[..., Plan]) -> None:
    """T-0 of the small plan is 10 s after its start."""
    plan = make_plan().model_copy(update={"waiting_room": room(2, "even")})

    assert releases_ns(plan) == (10_250_000_000, 10_750_000_000)
    assert releases_ns(make_plan()) == ()
