import numpy as np

from scenarios.load_order import Watch
from scenarios.recording.tally import Tally

MS = 1_000_000


def take(tally: Tally, *attempts: tuple[int, int, int, bool]) -> None:
    """Count attempts: due, sent and done in ms, and whether the answer was good."""
    due, sent, done, good = zip(*attempts, strict=True)
    tally.extend(np.array(due) * MS, np.array(sent) * MS, np.array(done) * MS, np.array(good))


def test_only_the_last_second_counts() -> None:
    """Rates, shares and percentiles are of the second before now; older attempts are forgotten."""
    tally = Tally()
    take(tally, (0, 90, 100, False))
    take(tally, (800, 900, 990, False), *((1500 + n, 1501 + n, 1510 + n, n > 0) for n in range(4)))
    progress = tally.progress(2000 * MS, started=5, dropped=1, in_flight=2)

    assert (progress.requests_per_s, progress.good_share) == (4.0, 0.75)
    assert (progress.p95_ms, progress.p99_ms, progress.service_p95_ms, progress.lag_ms) == (
        10.0,
        10.0,
        9.0,
        1.0,
    )
    assert (progress.started, progress.dropped, progress.in_flight, progress.at_s) == (5, 1, 2, 2.0)


def test_percentiles_are_of_the_nearest_rank() -> None:
    """Of a hundred attempts the 95th and the 99th are told, not the ones after them."""
    tally = Tally()
    take(tally, *((0, 10, took, True) for took in range(101, 201)))
    progress = tally.progress(200 * MS, started=0, dropped=0, in_flight=0)

    assert (progress.p95_ms, progress.p99_ms, progress.service_p95_ms) == (195.0, 199.0, 185.0)


def test_a_second_without_requests_is_said_plainly() -> None:
    """Nothing happened: no rate, no percentile, no failure."""
    tally = Tally()
    nothing = np.empty(0, np.int64)
    tally.extend(nothing, nothing, nothing, np.empty(0, np.bool_))
    progress = tally.progress(10, started=0, dropped=0, in_flight=0)

    assert (progress.requests_per_s, progress.good_share, progress.p95_ms, progress.lag_ms) == (
        0.0,
        1.0,
        0.0,
        0.0,
    )


def test_what_stop_conditions_look_at() -> None:
    """Requests of the watch's window, longer than the last second, bad ones and slow ones counted apart."""
    tally = Tally(Watch(window_s=3.0, slow_ms=50.0))
    take(tally, (0, 0, 500, False), (2000, 2000, 2100, True), (3400, 3400, 3401, False))
    progress = tally.progress(4000 * MS, started=0, dropped=0, in_flight=0)

    assert (progress.watched, progress.watched_bad, progress.watched_slow) == (2, 1, 1)
    assert progress.requests_per_s == 1.0


def test_a_watch_without_a_limit_finds_nothing_slow() -> None:
    """A condition that is not given is never met; without a watch nothing is counted."""
    for tally, watched in ((Tally(Watch(window_s=1.0)), 1), (Tally(), 0)):
        take(tally, (0, 0, 900, True))
        progress = tally.progress(1000 * MS, started=0, dropped=0, in_flight=0)

        assert (progress.watched, progress.watched_slow) == (watched, 0)
