import msgspec
import pytest

from rehearsal.model.history import Kind, Row
from scenarios.fleet.vitals import Vitals, busy_share

MS = 1_000_000
S = 1_000 * MS
ORIGIN = 50 * S


class Clock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.at_ns = ORIGIN - S

    def now_ns(self) -> int:
        """Return the instant."""
        return self.at_ns

    def sleep_until_ns(self, instant_ns: int) -> None:
        """Jump there."""
        self.at_ns = instant_ns


def told(steps_ms: list[int], busy: list[float]) -> list[tuple[str, int, float]]:
    """Return the rows written when looks, each promised in 100 ms, come after these steps."""
    clock, lines = Clock(), list[bytes]()
    shares = iter([0.0, *busy])
    vitals = Vitals(clock, ORIGIN, lines.append, lambda: next(shares))
    for step_ms in steps_ms:
        vitals.look(100 * MS)
        clock.at_ns += step_ms * MS
    rows = [msgspec.json.decode(line, type=Row) for line in lines]
    assert {row.kind for row in rows} <= {Kind.HEALTH}
    return [(row.f, row.sent_ns // S, row.value) for row in rows]


def test_each_second_of_the_run_is_told_once() -> None:
    """Processor and stall of the second before; nothing before the origin."""
    expected = [("cpu", 0, 0.5), ("stall_ms", 0, 0.0), ("cpu", 1, 0.75), ("stall_ms", 1, 0.0)]

    assert expected == told([100] * 35, [0.1, 0.5, 0.75])


def test_a_look_that_comes_late_is_a_stall() -> None:
    """Promised in 100 ms, come after 400: the machine stood still for 300."""
    rows = told([100] * 12 + [400] + [100] * 9, [0.1, 0.2])

    assert ("stall_ms", 0, 300.0) in rows


def test_seconds_that_were_slept_through_are_all_told() -> None:
    """A worker stopped for three seconds stood still in each of them."""
    rows = told([100] * 12 + [3100] + [100], [0.1, 0.2])

    assert [row for row in rows if row[0] == "stall_ms"] == [("stall_ms", at, 3000.0) for at in (0, 1, 2)]


def test_the_machine_is_asked_for_a_share() -> None:
    """Of all processors, from 0 to 1."""
    assert busy_share() == pytest.approx(0.5, abs=0.5)
