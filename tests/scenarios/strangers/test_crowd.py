"""Shares of a crowd, on a runner that only counts."""

from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from locust import User
from locust.dispatch import UsersDispatcher
from locust.user.task import LOCUST_STATE_RUNNING, LOCUST_STATE_STOPPING

from scenarios.strangers.crowd import Crowd


class Often(User):
    """Three of four."""

    weight = 3


class Seldom(User):
    """One of four."""


class Two(User):
    """Never more or fewer than two, if there are so many."""

    fixed_count = 2


def stop(self: Any) -> None:
    """Go at the end of the task, as Locust's users do; asked twice they raise."""
    assert self._state != LOCUST_STATE_STOPPING
    self._state = LOCUST_STATE_STOPPING


class Greenlets(list[Any]):
    """A group of user greenlets."""

    def join(self, timeout: float | None = None) -> None:
        """Let all end their tasks."""
        self[:] = [each for each in self if each.args[0]._state != LOCUST_STATE_STOPPING]


class Runner:
    """Starts users that never do anything."""

    def __init__(self) -> None:
        self.user_greenlets = Greenlets()
        self.target_user_count = 0

    def spawn_users(self, counts: dict[str, int]) -> None:
        """Start so many of each class."""
        for name, count in counts.items():
            for _ in range(count):
                user = make(name)
                self.user_greenlets.append(SimpleNamespace(args=(user,)))


def make(name: str) -> Any:
    """Return a user of a class, by its name, that is in the midst of a task."""
    kind = type(name, (), {"_state": LOCUST_STATE_RUNNING, "stop": stop})
    return kind()


def crowd_of(worker: int = 0, workers: int = 1) -> tuple[Crowd, Runner]:
    """Return worker k's crowd and its runner."""
    environment: Any = SimpleNamespace(user_classes=[Often, Seldom, Two], dispatcher_class=UsersDispatcher)
    runner: Any = Runner()
    return Crowd(environment, runner, worker, workers), runner


def kinds(runner: Runner) -> dict[str, int]:
    """Return how many users of each class have not been asked to stop."""
    names = [
        type(each.args[0]).__name__
        for each in runner.user_greenlets
        if each.args[0]._state != LOCUST_STATE_STOPPING
    ]
    return {name: names.count(name) for name in ("Often", "Seldom", "Two")}


def test_weights_and_fixed_counts_are_locusts() -> None:
    """Fixed counts first, the rest by weight."""
    crowd, runner = crowd_of()
    crowd.become(14)

    assert kinds(runner) == {"Often": 9, "Seldom": 3, "Two": 2}


@given(workers=st.integers(1, 5), steps=st.lists(st.integers(0, 60), min_size=1, max_size=6))
def test_the_shares_of_all_workers_are_the_whole(workers: int, steps: list[int]) -> None:
    """However the crowd grows and shrinks, nobody is counted twice and nobody is missing."""
    shares = [crowd_of(worker, workers) for worker in range(workers)]
    for users in steps:
        for crowd, _ in shares:
            crowd.become(users)

        assert users == sum(sum(kinds(runner).values()) for _, runner in shares)
        assert {users} == {crowd.whole for crowd, _ in shares}
        assert users == sum(crowd.wanted for crowd, _ in shares)


def test_who_is_at_her_last_task_is_not_asked_again() -> None:
    """Two steps down in a row stop two users, not one of them twice."""
    crowd, runner = crowd_of()
    crowd.become(10)
    crowd.become(9)
    crowd.become(8)

    assert (sum(kinds(runner).values()), crowd.running) == (8, 10)


@pytest.mark.parametrize("stuck", [0, 3])
def test_leaving_counts_who_did_not_come_to_an_end(stuck: int) -> None:
    """Who hangs in a task for ever is told of, for what she waits for is in no row."""
    crowd, runner = crowd_of()
    crowd.become(5)
    for _ in range(stuck):
        runner.user_greenlets.append(SimpleNamespace(args=(make("Alien"),)))

    assert stuck == crowd.leave(1.0)


def test_every_worker_has_users_of_every_class() -> None:
    """A class with a schedule is served in stripes, one for each worker: none may be without its users."""
    shares = [crowd_of(worker, 2) for worker in range(2)]
    for crowd, _ in shares:
        crowd.become(14)

    assert [kinds(runner) for _, runner in shares] == [
        {"Often": 5, "Seldom": 1, "Two": 1},
        {"Often": 4, "Seldom": 2, "Two": 1},
    ]
