"""The table by path and the sentences under it, on histories of a few rows."""

import re
from dataclasses import replace

import pytest

from rehearsal.model.history import Row
from rehearsal.rundir.history_file import frame_of
from reports.html import page_of
from reports.phases import phases_of
from reports.report import Report
from reports.two_clocks import MOST_PATHS, PathRow, paths_of, remarks_of
from tests.reports.test_html import DIGESTS, outline
from tests.reports.test_series import op, short, visit

MISLED = (
    "a closed-loop tool would have said p95 = 60 ms, for it counts from the send; "
    "from when requests were due, p95 is 100 ms."
)


def paths(*rows: Row) -> tuple[PathRow, ...]:
    """Return the rows of the table by path."""
    return paths_of(frame_of(rows, short()))


def test_a_path_counts_on_both_clocks() -> None:
    """Response time from due, service time from sent, the lag between them; visits are no requests."""
    (row,) = paths(op(0.1, took_ms=30, lag_ms=10), op(2.9, took_ms=30, lag_ms=10, outcome="info"), visit(0.1))

    assert (row.path, row.requests, row.goodput) == ("product", 2, 0.5)
    assert (row.response.p95_ms, row.service.p95_ms) == (30, 20)
    assert row.send_lag_p99_ms == pytest.approx(10)


def test_paths_stand_in_the_order_of_a_visit() -> None:
    """Known steps as shoppers take them, then what a stranger's file names, busiest first."""
    names = ("pay", "route", "/b", "/a", "/b", "/c")

    assert [row.path for row in paths(*(op(0.1, f=name) for name in names))] == [
        "route",
        "pay",
        "/b",
        "/a",
        "/c",
    ]


def test_without_requests_there_is_no_path() -> None:
    """Nothing asked, nothing shown."""
    assert paths(visit(0.1)) == ()
    assert remarks_of((), ()) == ()


@pytest.mark.parametrize(
    ("took_ms", "lag_ms", "told"),
    [
        pytest.param(100.0, 40.0, True, id="much of the time was waiting to be sent"),
        pytest.param(20.0, 4.9, False, id="a quarter, but hardly any time"),
        pytest.param(100.0, 9.0, False, id="9 ms, but less than a tenth"),
        pytest.param(100.0, 0.0, False, id="sent when due"),
    ],
)
def test_the_closed_loop_is_quoted_where_it_would_mislead(took_ms: float, lag_ms: float, told: bool) -> None:
    """More than 10 % and more than 5 ms between the clocks is worth a sentence, for phase and path."""
    frame = frame_of([op(0.1, took_ms=took_ms, lag_ms=lag_ms)], short())
    remarks = remarks_of(phases_of(frame, short(), {}), paths_of(frame))

    assert bool(remarks) == told
    assert not told or [remark.partition(", ") for remark in remarks] == [
        ("In phase burst", ", ", MISLED),
        ("On path product", ", ", MISLED),
    ]


def test_of_all_paths_the_widest_gap_is_quoted() -> None:
    """One sentence on paths is enough: the table has the others."""
    rows = paths(
        *(op(0.1, f=name, took_ms=100.0, lag_ms=lag_ms) for name, lag_ms in (("pay", 20), ("cart_add", 60)))
    )

    assert [remark.split(",")[0] for remark in remarks_of((), rows)] == ["On path cart add"]


def test_what_never_ended_is_the_same_on_both_clocks() -> None:
    """For ever is for ever: no clock would have misled about it."""
    frame = frame_of([op(0.1, took_ms=-10)], short())

    assert remarks_of((), paths_of(frame)) == ()


@pytest.mark.usefixtures("undrawn")
def test_the_page_shows_the_busiest_paths(go: Report) -> None:
    """Of hundreds of paths the first are shown, and how many are not is said."""
    many = tuple(replace(go.paths[0], path=f"/page/{n}") for n in range(MOST_PATHS + 3))
    page = page_of(replace(go, paths=many, clock_remarks=("One remark.",)), DIGESTS)

    assert len(re.findall(r"<th>/page/\d+</th>", page)) == MOST_PATHS
    assert "3 more paths" in page
    assert "li: One remark. " in outline(page).lines


@pytest.mark.usefixtures("undrawn")
def test_the_page_says_that_nothing_was_asked(go: Report) -> None:
    """An empty table would look like a mistake."""
    assert "No request was made." in page_of(replace(go, paths=()), DIGESTS)
