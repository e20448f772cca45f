from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scenarios.fleet.clock_offset import EXCHANGES, SLEW, Exchange, Follower, SteeredClock, best

MS = 1_000_000
#: Instants of a clock that has run for up to a year, and offsets between any two of them.
instants = st.integers(0, 365 * 86_400 * 10**9)
delays = st.integers(0, 2_000 * MS)


def exchange(asked_ns: int, offset_ns: int, *, there_ns: int, stay_ns: int, back_ns: int) -> Exchange:
    """Return the four instants of a ping between clocks a true offset apart."""
    received_ns = asked_ns + there_ns + offset_ns
    answered_ns = received_ns + stay_ns
    return Exchange(asked_ns, received_ns, answered_ns, answered_ns - offset_ns + back_ns)


@dataclass
class OwnClock:
    """A clock that a test moves."""

    at_ns: int = 0

    def now_ns(self) -> int:
        """Return the instant."""
        return self.at_ns

    def sleep_until_ns(self, instant_ns: int) -> None:
        """Jump there."""
        self.at_ns = max(self.at_ns, instant_ns)


@given(asked=instants, other=instants, there=delays, stay=delays, back=delays)
def test_the_true_offset_is_never_outside_the_uncertainty(
    asked: int, other: int, there: int, stay: int, back: int
) -> None:
    """However unevenly the two ways take their time, the estimate errs by half the round trip at most."""
    offset_ns = other - asked
    estimate = exchange(asked, offset_ns, there_ns=there, stay_ns=stay, back_ns=back).estimate

    assert abs(estimate.offset_ns - offset_ns) <= estimate.uncertainty_ns
    assert estimate.uncertainty_ns == -(-(there + back) // 2)


@pytest.mark.parametrize(
    ("there_ms", "back_ms", "error_ms"),
    [(5, 5, 0), (10, 0, 5), (0, 10, -5), (9, 3, 3)],
    ids=["both ways alike", "all on the way there", "all on the way back", "uneven"],
)
def test_uneven_ways_shift_the_estimate_by_half_their_difference(
    there_ms: int, back_ms: int, error_ms: int
) -> None:
    """Cristian's bound is reached when all the time is spent on one way."""
    one = exchange(0, 70 * MS, there_ns=there_ms * MS, stay_ns=MS, back_ns=back_ms * MS)

    assert one.estimate.offset_ns == (70 + error_ms) * MS


def test_the_shortest_round_trip_counts() -> None:
    """A ping that met a queue says less than one that did not, so the quickest is believed."""
    slow = exchange(0, 10 * MS, there_ns=80 * MS, stay_ns=0, back_ns=MS)
    quick = exchange(0, 10 * MS, there_ns=MS, stay_ns=0, back_ns=MS)

    assert best([slow, quick, slow]) == quick.estimate
    with pytest.raises(ValueError, match="empty"):
        best([])


def test_sixteen_exchanges_make_an_estimate() -> None:
    """Fewer give none; drift is what the latest says beyond the first."""
    follower = Follower()
    told = [follower.add(exchange(i, 5 * MS, there_ns=MS, stay_ns=0, back_ns=MS)) for i in range(EXCHANGES)]
    assert (told, follower.drift_ns) == ([False] * (EXCHANGES - 1) + [True], 0)

    for i in range(EXCHANGES):
        follower.add(exchange(i, 7 * MS, there_ns=2 * MS, stay_ns=0, back_ns=2 * MS))

    assert follower.first is not None
    assert follower.now is not None
    assert (follower.first.offset_ns, follower.now.offset_ns, follower.drift_ns) == (5 * MS, 7 * MS, 2 * MS)
    assert follower.uncertainty_ns == 2 * MS


def test_no_exchange_is_no_drift() -> None:
    """Before anything is known nothing is claimed."""
    assert Follower().drift_ns == 0


@given(
    start=st.integers(-(10**12), 10**12),
    aims=st.lists(st.tuples(st.integers(0, 10**10), st.integers(-(10**12), 10**12)), max_size=8),
    steps=st.lists(st.integers(0, 10**9), min_size=1, max_size=20),
)
def test_a_steered_clock_never_runs_backwards(
    start: int, aims: list[tuple[int, int]], steps: list[int]
) -> None:
    """Whatever it is told, time goes on, no more than the slew faster or slower than its own clock."""
    own = OwnClock()
    clock = SteeredClock(own, start)
    before_ns = clock.now_ns()
    for wait_ns, aim_ns in [*aims, *((step, start) for step in steps)]:
        own.at_ns += wait_ns
        now_ns = clock.now_ns()
        assert abs((now_ns - before_ns) - wait_ns) <= SLEW * wait_ns + 1
        clock.steer(aim_ns)
        assert clock.now_ns() == now_ns
        before_ns = now_ns


def test_a_steered_clock_arrives_at_its_aim() -> None:
    """A millisecond is made up in two seconds, and then kept."""
    own = OwnClock()
    clock = SteeredClock(own, 0)
    clock.steer(MS)
    own.at_ns = 1_000 * MS
    assert clock.now_ns() == 1_000 * MS - MS // 2

    own.at_ns = 2_000 * MS
    assert clock.now_ns() == 1_999 * MS
    own.at_ns = 9_000 * MS
    assert clock.now_ns() == 8_999 * MS


def test_a_clock_that_is_not_in_use_yet_may_jump() -> None:
    """The first estimate may be hours away: no slewing would ever get there."""
    own = OwnClock(at_ns=5 * MS)
    clock = SteeredClock(own, 0)
    clock.set(-3_600_000 * MS)

    assert clock.now_ns() == 3_600_005 * MS


def test_sleeping_on_another_clock() -> None:
    """An instant of the other clock is one of our own, an offset later."""
    own = OwnClock()
    clock = SteeredClock(own, 30 * MS)
    clock.sleep_until_ns(100 * MS)

    assert (own.at_ns, clock.now_ns()) == (130 * MS, 100 * MS)
