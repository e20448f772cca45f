import time

from rehearsal.model.clock import SystemClock, nanoseconds, seconds


def test_the_system_clock_is_the_machines_monotonic_one() -> None:
    """It reads the clock that every process of the machine shares."""
    before = time.monotonic_ns()
    now = SystemClock().now_ns()

    assert before <= now <= time.monotonic_ns()


def test_sleeping_until_the_past_returns_and_until_the_future_arrives() -> None:
    """`sleep_until_ns` never returns before its instant."""
    clock = SystemClock()
    clock.sleep_until_ns(clock.now_ns() - 1)
    instant_ns = clock.now_ns() + 1_000_000
    clock.sleep_until_ns(instant_ns)

    assert clock.now_ns() >= instant_ns


def test_units_convert_both_ways() -> None:
    """Seconds and nanoseconds are each other's inverse."""
    assert nanoseconds(1.5) == 1_500_000_000
    assert seconds(1_500_000_000) == 1.5
