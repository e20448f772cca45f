"""What starved seconds do to a judgement: never a FAIL without proof, never a PASS taken away."""

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from capacity.starvation import Starved, is_clear, spans
from rehearsal.model.clock import NS_PER_S
from rehearsal.model.timeline import Window
from rehearsal.model.verdict import Finding, Status

TEN_S = Window(10 * NS_PER_S, 20 * NS_PER_S)
STATUSES = st.sampled_from(list(Status))


def finding(
    status: Status, *, measured: float | None = None, limit: float | None = None, unit: str = "ms"
) -> Finding:
    """Return a finding of a status."""
    return Finding(check="slo.x", status=status, summary="said", measured=measured, limit=limit, unit=unit)


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        pytest.param([5], "second 5", id="one"),
        pytest.param([61, 62, 63], "seconds 61-63", id="a run"),
        pytest.param([70, 3, 61, 62], "seconds 3, 61-62, 70", id="runs and singles, sorted"),
    ],
)
def test_spans(seconds: list[int], expected: str) -> None:
    """Seconds are named as a person would: runs with their ends, singles by themselves."""
    actual = spans(seconds)

    assert expected == actual


@pytest.mark.parametrize(
    ("second", "expected"),
    [
        pytest.param(8, (), id="two seconds before"),
        pytest.param(9, (9,), id="the second before"),
        pytest.param(19, (19,), id="the last second"),
        pytest.param(20, (20,), id="the second after"),
        pytest.param(21, (), id="two seconds after"),
    ],
)
def test_near_includes_the_neighbours(second: int, expected: tuple[int, ...]) -> None:
    """A starved second touches a window it lies in or next to."""
    actual = Starved({second: "stalled"}).near(TEN_S)

    assert expected == actual


def test_untouched_leaves_out_starved_seconds_and_their_neighbours() -> None:
    """Rows due in a starved second or next to one are left out."""
    rows = pl.DataFrame({"second": list(range(10))})
    actual = Starved({4: "stalled"}).untouched(rows)["second"].to_list()

    assert actual == [0, 1, 2, 6, 7, 8, 9]


@pytest.mark.parametrize(
    ("again", "expected"),
    [
        pytest.param(finding(Status.FAIL, measured=126, limit=100), True, id="a quarter beyond"),
        pytest.param(finding(Status.FAIL, measured=125, limit=100), False, id="not quite a quarter beyond"),
        pytest.param(
            finding(Status.FAIL, measured=0.86, limit=0.9, unit="share"), True, id="misses a quarter more"
        ),
        pytest.param(
            finding(Status.FAIL, measured=0.88, limit=0.9, unit="share"), False, id="misses a few more"
        ),
        pytest.param(finding(Status.FAIL, limit=100), True, id="what was measured never came"),
        pytest.param(finding(Status.FAIL, measured=3), True, id="no limit to weigh it against"),
        pytest.param(finding(Status.PASS, measured=500, limit=100), False, id="no FAIL at all"),
    ],
)
def test_clear(again: Finding, expected: bool) -> None:
    """A FAIL is clear a quarter beyond its limit; for a share, with a quarter more misses than allowed."""
    actual = is_clear(again)

    assert expected == actual


@given(STATUSES, STATUSES, st.booleans())
def test_temper_only_ever_turns_fail_into_invalid(status: Status, again: Status, near: bool) -> None:
    """Whatever is found, nothing but a FAIL changes, and only to INVALID, and only beside starved seconds."""
    first = finding(status, measured=200, limit=100)
    starved = Starved({12 if near else 40: "stalled"})
    actual = starved.temper(first, TEN_S, lambda: finding(again, measured=200, limit=100)).status
    excused = status is Status.FAIL and near and again is not Status.FAIL

    assert (Status.INVALID if excused else status) is actual


def test_temper_asks_again_only_if_needed() -> None:
    """Only a FAIL is judged a second time."""
    asked: list[str] = []

    def again() -> Finding:
        asked.append("again")
        return finding(Status.FAIL)

    starved = Starved({12: "stalled"})
    for status in Status:
        starved.temper(finding(status), TEN_S, again)

    assert asked == ["again"]
