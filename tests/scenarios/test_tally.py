from rehearsal.model.history import Kind, Row
from scenarios.tally import Tally

MS = 1_000_000


def test_only_the_last_second_counts() -> None:
    """Rates, shares and the percentile are of the second before now; older attempts are forgotten."""
    tally = Tally()
    tally.add(Row(kind=Kind.OP, f="pay", due_ns=0, sent_ns=90 * MS, done_ns=100 * MS), good=False)
    for n in range(4):
        due_ns = (1500 + n) * MS
        tally.add(
            Row(kind=Kind.OP, f="pay", due_ns=due_ns, sent_ns=due_ns + MS, done_ns=due_ns + 10 * MS),
            good=n > 0,
        )
    progress = tally.progress(2000 * MS, started=5, dropped=1, in_flight=2)

    assert (progress.requests_per_s, progress.good_share) == (4.0, 0.75)
    assert (progress.p95_ms, progress.lag_ms) == (10.0, 1.0)
    assert (progress.started, progress.dropped, progress.in_flight, progress.at_s) == (5, 1, 2, 2.0)


def test_a_second_without_requests_is_said_plainly() -> None:
    """Nothing happened: no rate, no percentile, no failure."""
    progress = Tally().progress(10, started=0, dropped=0, in_flight=0)

    assert (progress.requests_per_s, progress.good_share, progress.p95_ms, progress.lag_ms) == (
        0.0,
        1.0,
        0.0,
        0.0,
    )
