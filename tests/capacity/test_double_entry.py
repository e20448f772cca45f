"""History and histograms of the same requests, then of requests that differ in each way to be seen."""

from collections.abc import Callable, Iterator

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from capacity.double_entry import judge_double_entry
from capacity.judge import judge_recording
from rehearsal.model.histogram import NEVER_NS, bucket_of
from rehearsal.model.history import Outcome, Row
from rehearsal.model.verdict import Status
from rehearsal.rundir.histogram_file import NO_BUCKET, SCHEMA, UNBOOKED
from tests.capacity.conftest import op, phase, plan_of, told, visit

PLAN = plan_of(phase("normal"), phase("burst"))
ROWS = [op(n / 10, took_ms=20.0 + n, outcome="info" if n % 9 == 0 else "ok") for n in range(150)]
Spoil = Callable[[pl.DataFrame], pl.DataFrame]


def booked(rows: list[Row]) -> pl.DataFrame:
    """Return the histograms of rows, as a recorder that makes no mistake writes them."""
    return pl.DataFrame(list(_counted(rows)), schema=SCHEMA, orient="row")


def _counted(rows: list[Row]) -> Iterator[tuple[object, ...]]:
    for row in rows:
        second = row.due_ns // 1_000_000_000
        where = (second, "normal" if second < 10 else "burst", row.f, row.region, row.outcome)
        response, service = row.done_ns - row.due_ns, row.done_ns - row.sent_ns
        for clock, time_ns in (
            ("response", response if response >= 0 else NEVER_NS),
            ("service", service if service >= 0 else NEVER_NS),
            ("send_lag", row.sent_ns - row.due_ns),
        ):
            yield (*where, clock, int(bucket_of(pl.Series([time_ns]).to_numpy())[0]), 1)


def unbooked(rows: list[Row]) -> pl.DataFrame:
    """Return the rows of requests that only the history holds."""
    return (
        booked(rows)
        .filter(pl.col("clock") == "response")
        .with_columns(pl.lit(UNBOOKED).alias("clock"), pl.lit(NO_BUCKET, pl.Int64).alias("bucket"))
    )


def test_equal_books_pass() -> None:
    """Counts and percentiles agree; visits are no requests."""
    frame, _ = told(PLAN, *ROWS, visit())
    finding = judge_double_entry(frame, booked(ROWS))

    assert (finding.check, finding.status, finding.measured) == ("history.histograms", Status.PASS, 0.0)
    assert "the same 150 requests, and their p50" in finding.summary
    # Two phases, two clocks, three percentiles.
    assert finding.evidence["percentiles_compared"] == 12


def twice(histograms: pl.DataFrame) -> pl.DataFrame:
    """Count one service time twice."""
    return pl.concat([histograms, histograms.slice(7, 1)])


def tenth(histograms: pl.DataFrame) -> pl.DataFrame:
    """Make every time about a tenth of what it was."""
    return histograms.with_columns(pl.col("bucket") // 10)


def without_lag(histograms: pl.DataFrame) -> pl.DataFrame:
    """Forget a clock."""
    return histograms.filter(pl.col("clock") != "send_lag")


@pytest.mark.parametrize(
    ("spoil", "words", "off"),
    [
        pytest.param(lambda h: h.slice(1), "(response) hold other", 1, id="a request missing on one clock"),
        pytest.param(twice, "(service) hold other", 1, id="one counted twice on another clock"),
        pytest.param(
            lambda h: h.with_columns(pl.lit("normal").alias("phase")),
            "burst/ok -",
            100,
            id="all in one phase",
        ),
        pytest.param(
            lambda h: h.with_columns(pl.lit("ok").alias("outcome")),
            "/info -",
            34,
            id="every outcome called ok",
        ),
        pytest.param(tenth, "tell other times, burst, response p50", 0, id="times a tenth of what they were"),
        pytest.param(without_lag, "(send_lag) hold", 150, id="no send lag"),
        pytest.param(
            lambda h: h.filter(pl.col("clock") != "service"), "(service) hold", 150, id="no service times"
        ),
        pytest.param(lambda h: h.clear(), "(response) hold", 150, id="no histograms at all"),
    ],
)
def test_books_that_differ_are_invalid(spoil: Spoil, words: str, off: int) -> None:
    """The harness contradicts itself: nothing it says about the shop can be believed."""
    frame, _ = told(PLAN, *ROWS)
    finding = judge_double_entry(frame, spoil(booked(ROWS)))

    assert (finding.status, finding.measured) == (Status.INVALID, float(off))
    assert words in finding.summary


def test_a_killed_worker_is_made_whole_and_told() -> None:
    """What only its history holds closes the account; percentiles of that phase are left alone."""
    frame, _ = told(PLAN, *ROWS)
    finding = judge_double_entry(frame, pl.concat([booked(ROWS[:-5]), unbooked(ROWS[-5:])]))

    assert finding.status is Status.PASS
    assert "150 requests (5 of them of the last seconds of a worker that died)" in finding.summary
    assert finding.evidence["percentiles_compared"] == 6


def test_what_is_unbooked_excuses_nothing_else() -> None:
    """A request missing besides those of a killed worker is still missing."""
    frame, _ = told(PLAN, *ROWS)
    finding = judge_double_entry(frame, pl.concat([booked(ROWS[:-5]), unbooked(ROWS[-4:])]))

    assert (finding.status, finding.measured) == (Status.INVALID, 1.0)


def test_an_empty_run_proves_nothing() -> None:
    """No request, no statement."""
    frame, _ = told(PLAN, visit())
    finding = judge_double_entry(frame, pl.DataFrame(schema=SCHEMA))

    assert finding.status is Status.INCONCLUSIVE


@given(
    st.lists(
        st.builds(
            op,
            st.floats(0, 19.9),
            took_ms=st.floats(0, 5e6),
            lag_ms=st.floats(0, 3.0),
            outcome=st.sampled_from(Outcome),
        ),
        min_size=1,
        max_size=30,
    )
)
def test_a_true_recording_always_passes(rows: list[Row]) -> None:
    """Whatever the times, ended before sent or longer than an hour: equal books agree within their bound."""
    frame, _ = told(PLAN, *rows)

    assert judge_double_entry(frame, booked(rows)).status is Status.PASS


def test_a_double_entry_that_crashes_is_inconclusive() -> None:
    """Histograms without their columns end no judgement."""
    frame, _ = told(PLAN, *ROWS)
    (finding,) = judge_recording(frame, pl.DataFrame())

    assert (finding.check, finding.status) == ("history.histograms", Status.INCONCLUSIVE)
