"""The plan's stop conditions, looked at while the load runs: the first that is met heals all at once."""

from collections.abc import Callable

from rehearsal.model.errors import Tripped
from rehearsal.model.percent import percent
from rehearsal.model.plan import Stop
from scenarios.load_order import Progress, Watch

#: Fewer requests in the window say nothing of a share, and less of a percentile.
LEAST = 20
#: A p99 is beyond a limit if more than so many of all requests are.
_BEYOND = 0.01


def watch_of(stop: Stop) -> Watch | None:
    """Return what the load has to count for a plan's conditions, None if it need not."""
    if stop.error_share is None and stop.p99_ms is None:
        return None
    return Watch(window_s=stop.window_s, slow_ms=stop.p99_ms)


class StopConditions:
    """What a plan does not want to go on under. `lost` tells how many acknowledged orders the books lack."""

    def __init__(self, stop: Stop, lost: Callable[[], int] = lambda: 0) -> None:
        """Take the conditions; without any nothing is ever raised."""
        self._stop = stop
        self._lost = lost

    def look(self, progress: Progress) -> None:
        """Raise Tripped if a condition is met."""
        stop = self._stop
        if progress.state == "running" and progress.watched >= LEAST:
            bad = progress.watched_bad / progress.watched
            if stop.error_share is not None and bad > stop.error_share:
                words = f"{percent(bad)} of {_requests(progress, stop)} were not good"
                raise Tripped("error_share", words, measured=bad, limit=stop.error_share, unit="share")
            slow = progress.watched_slow / progress.watched
            if stop.p99_ms is not None and slow > _BEYOND:
                words = f"{percent(slow)} of {_requests(progress, stop)} took longer than {stop.p99_ms:g} ms"
                raise Tripped("p99_ms", words, measured=slow, limit=_BEYOND, unit="share")
        lost = self._lost() if stop.orders_lost else 0
        if stop.orders_lost and lost >= stop.orders_lost:
            words = f"{lost} orders that shoppers were told are paid are not sold in the shop's books"
            raise Tripped("orders_lost", words, measured=lost, limit=stop.orders_lost, unit="orders")


def _requests(progress: Progress, stop: Stop) -> str:
    return f"the {progress.watched} requests of {stop.window_s:g} s"
