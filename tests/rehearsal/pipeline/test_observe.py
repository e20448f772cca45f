import errno
import threading

import pytest

from rehearsal.model.clock import NS_PER_MS, NS_PER_S
from rehearsal.model.errors import Unreachable
from rehearsal.model.history import Row
from rehearsal.pipeline.observe import Observer


class Stalling:
    """A clock whose third sleep takes 300 ms longer than asked, and which gives way in between."""

    def __init__(self) -> None:
        """Begin at one second."""
        self.at_ns = NS_PER_S
        self.sleeps = 0
        self.second = threading.Event()

    def now_ns(self) -> int:
        """Return the instant."""
        return self.at_ns

    def sleep_until_ns(self, instant_ns: int) -> None:
        """Jump, late once; after two seconds stand still until the test is over."""
        self.sleeps += 1
        self.at_ns = instant_ns + (300 * NS_PER_MS if self.sleeps == 3 else 0)
        if self.at_ns > 3 * NS_PER_S:
            self.second.set()


def test_a_stalled_second_is_written_down() -> None:
    """For each second: how busy the machine was, and the longest time it stood still."""
    clock, rows = Stalling(), list[Row]()
    with Observer(clock, NS_PER_S, rows.append, sku="f", stock=lambda: None):
        assert clock.second.wait(10)

    stalls = [row.value for row in rows if row.f == "stall_ms"]
    assert stalls[0] == 300.0
    assert max(stalls[1:2], default=0.0) == 0.0
    assert {row.f for row in rows} == {"cpu", "stall_ms"}
    assert rows[0].sent_ns == 0


def test_the_stock_is_read_until_the_end_and_a_dead_shop_is_no_error() -> None:
    """Readings become rows; a reading that fails leaves a gap, not a crash."""
    readings = iter([5, None])
    read_all = threading.Event()
    rows: list[Row] = []

    def stock() -> int | None:
        try:
            return next(readings)
        except StopIteration:
            read_all.set()
            raise Unreachable("the region is gone") from None

    clock = Stalling()
    with Observer(clock, NS_PER_S, rows.append, sku="f", stock=stock):
        assert read_all.wait(10)

    assert [(row.f, row.qty) for row in rows if row.kind == "stock"] == [("f", 5)]


def test_nothing_is_written_before_the_origin() -> None:
    """Seconds before the run began are nobody's."""
    clock, rows = Stalling(), list[Row]()
    with Observer(clock, 2 * NS_PER_S, rows.append, sku="f", stock=lambda: None):
        assert clock.second.wait(10)

    assert all(row.sent_ns >= 0 for row in rows)


def test_a_disk_that_is_full_is_told_once_at_the_end() -> None:
    """The threads end without a traceback of their own; the conductor hears of it, unless worse has come."""

    def watch(*, worse: bool) -> None:
        tried = threading.Event()

        def full(_: Row) -> None:
            tried.set()
            raise OSError(errno.ENOSPC, "No space left on device")

        with Observer(Stalling(), NS_PER_S, full, sku="f", stock=lambda: None):
            assert tried.wait(10)
            if worse:
                raise Unreachable("worse")

    with pytest.raises(OSError, match="No space left"):
        watch(worse=False)
    with pytest.raises(Unreachable, match="worse"):
        watch(worse=True)
