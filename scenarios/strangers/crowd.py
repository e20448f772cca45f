"""So many users of a locustfile's classes as the plan wants, in this load process's share of them.

Each load process asks Locust's own dispatcher how many of all users are of which class, weights and fixed
counts included, and takes every N-th of each: the shares are the whole, and nobody has to lead. (Locust
would deal users out in turns, so that a worker could have one class and its neighbour the other. But of a
class with a schedule every worker serves its stripe, and needs users for it.)
"""

from typing import Any

from locust.env import Environment
from locust.runners import Runner, WorkerNode
from locust.user.task import LOCUST_STATE_STOPPING


class Crowd:
    """Starts and stops users. A user who is busy when she is to stop ends her task first."""

    def __init__(self, environment: Environment, runner: Runner, worker: int, workers: int) -> None:
        """Take the environment with the classes to choose from, its runner, and which share this is.

        `whole` is how many users all processes together should have.
        """
        self._runner = runner
        self._worker, self._workers = worker, workers
        dispatcher: Any = environment.dispatcher_class
        nodes = [WorkerNode(id="all")]
        self._dispatcher = dispatcher(worker_nodes=nodes, user_classes=environment.user_classes)
        self._wanted: dict[str, int] = {}
        self.whole = 0

    @property
    def wanted(self) -> int:
        """Return how many users of this share there should be."""
        return sum(self._wanted.values())

    @property
    def running(self) -> int:
        """Return how many users there are, those included who are at their last task."""
        return len(self._runner.user_greenlets)

    def become(self, users: int) -> None:
        """Be this process's share of so many users from now on."""
        wanted = self._share_of(users)
        more = {name: count - self._wanted.get(name, 0) for name, count in wanted.items()}
        self._wanted = wanted
        self._runner.target_user_count = self.wanted
        self._runner.spawn_users({name: count for name, count in more.items() if count > 0})
        for name, count in more.items():
            if count < 0:
                self._stop(name, -count)

    def leave(self, within_s: float) -> int:
        """Let all users end their last task; return how many had not after `within_s`."""
        self.become(0)
        self._runner.user_greenlets.join(timeout=within_s)
        return self.running

    def _share_of(self, users: int) -> dict[str, int]:
        # At this rate a dispatch has one step, and so takes no time.
        self._dispatcher.new_dispatch(target_user_count=users, spawn_rate=2 * max(1, users, self.whole))
        self.whole = users
        (spread,) = self._dispatcher
        # Classes begin their round at different workers, or the first would have one of each more.
        return {
            name: len(range((self._worker - turn) % self._workers, count, self._workers))
            for turn, (name, count) in enumerate(sorted(spread["all"].items()))
        }

    def _stop(self, name: str, count: int) -> None:
        stopped = 0
        for greenlet in list(self._runner.user_greenlets):
            if stopped == count:
                return
            user: Any = greenlet.args[0] if greenlet.args else None
            if type(user).__name__ == name and user._state != LOCUST_STATE_STOPPING:  # noqa: SLF001 - asking twice raises
                user.stop()
                stopped += 1
