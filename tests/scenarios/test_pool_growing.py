"""A dispatcher whose schedule goes on: capacity is searched for with one standing pool."""

from collections.abc import Iterator

import gevent
import pytest

from tests.scenarios.test_pool import Lab, browsing, turn


@pytest.fixture
def lab() -> Iterator[Lab]:
    """Return a growing dispatcher with one visit due at second 1, and two users."""
    it = Lab(1.0, grows=True)
    it.hire(2)
    yield it
    gevent.killall(it.users)


def test_it_is_not_finished_when_its_schedule_is(lab: Lab) -> None:
    """More may come; only when it has been told that it is enough is it over."""
    assert lab.at(1.0) is None
    assert not lab.pool.finished.is_set()

    lab.pool.abort()

    assert lab.pool.finished.is_set()
    assert lab.drops == []


def test_what_is_appended_is_served_when_it_is_due(lab: Lab) -> None:
    """After the end of what was known, and after a part that nobody has come to yet."""
    lab.at(1.0)
    lab.pool.extend(browsing(1, 2.0))
    lab.pool.extend(browsing(2, 3.0))

    assert lab.at(2.0) == 1.0
    assert lab.at(3.0) is None
    assert [index for index, _ in lab.served] == [0, 1, 2]


def test_nothing_appended_changes_nothing(lab: Lab) -> None:
    """A rest has no visits."""
    lab.at(1.0)
    lab.pool.extend(())

    assert lab.at(2.0) is None
    assert not lab.pool.finished.is_set()


def test_enough_drops_what_was_appended(lab: Lab) -> None:
    """Stopped in the midst of a trial, the rest of it is counted as aborted."""
    lab.pool.extend(browsing(1, 2.0, 3.0))
    lab.at(1.0)
    lab.pool.abort()

    assert lab.drops == [("aborted", 1), ("aborted", 2)]
    assert lab.pool.finished.is_set()


def test_a_walk_that_rests_goes_on_by_itself(lab: Lab) -> None:
    """Nobody wakes the dispatcher but `extend`: its own timer runs again."""
    walking = gevent.spawn(lab.pool.run)
    lab.clock.at_ns = 1_000_000_000
    turn()
    assert [index for index, _ in lab.served] == [0]

    lab.pool.extend(browsing(1, 1.0))
    turn()

    assert [index for index, _ in lab.served] == [0, 1]
    lab.pool.abort()
    walking.join(timeout=5)
    assert walking.successful()
