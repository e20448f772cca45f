from dataclasses import replace

import msgspec
import pytest

from rehearsal.cli.capacity_text import capacity_text, trial_head, trial_line
from rehearsal.model.capacity import Band, CapacityRecord, Purpose
from rehearsal.model.verdict import Status
from reports.capacity import CapacityPage
from tests.reports.capacity_samples import SECOND, found_of, page_of, record_of, trial_of

TRIALS = record_of().trials
LONG = "a reason that goes on and on " * 6


def test_a_trial_is_one_line_under_its_heading() -> None:
    """What it asked, what it came to, and what broke: columns stand under their words."""
    head, line = trial_head().plain, trial_line(TRIALS[3]).plain

    assert line == "    4  doubling        59.9     1,000   75.25 %    1.12 s  FAIL          order, region b"
    assert line.index("FAIL") == head.index("outcome")
    assert line.index("1.12 s") + len("1.12 s") == head.index("p99") + len("p99")


@pytest.mark.parametrize(
    ("number", "end"),
    [
        pytest.param(1, "PASS", id="held"),
        pytest.param(
            5, "INVALID       the generator sent 38 ms late (p99); 10 are allowed", id="not believed"
        ),
        pytest.param(6, "INCONCLUSIVE", id="too short to tell"),
        pytest.param(14, "PASS          region a gone", id="with something gone"),
        pytest.param(15, "FAIL          region a gone; order, region b", id="gone, and broken"),
    ],
)
def test_a_trials_line_says_how_it_ended_and_why(number: int, end: str) -> None:
    """Status by the first SLO set, then what is gone, then what broke or why it is not known."""
    assert trial_line(TRIALS[number - 1]).plain.endswith(end)


def test_a_trial_is_judged_by_the_set_that_is_named() -> None:
    """The sixth trial leaves one set in doubt and keeps the other."""
    assert "PASS" in trial_line(TRIALS[5], SECOND).plain


def test_a_trial_is_shown_by_the_set_that_it_was_made_for() -> None:
    """What it broke of another is not said: that is not why it was made."""
    searched = msgspec.structs.replace(TRIALS[5].wanted, slo_set=SECOND)
    trial = msgspec.structs.replace(TRIALS[5], wanted=searched, broke="order, region b")

    assert trial_line(trial).plain.endswith(f"PASS          by “{SECOND}”")


def test_a_trial_on_a_starved_machine_says_that_it_is_excused() -> None:
    """What broke is the shop's own all the same."""
    trial = msgspec.structs.replace(TRIALS[3], excused="this machine starved in second 7 (cpu)")

    assert trial_line(trial).plain.endswith(
        "FAIL          order, region b; this machine starved in second 7 (cpu), which is taken off"
    )


@pytest.mark.parametrize("width", [40, 60, 71, 72, 100])
def test_a_trials_line_is_cut_at_the_terminal(width: int) -> None:
    """Number, rate and status stay whole on any terminal; the rest ends in an ellipsis."""
    endless = trial_of(123, Purpose.CONFIRM, 12345.0, 10**6, invalid=LONG, scene=LONG)
    line = trial_line(endless, width=width).plain

    assert len(line) == width
    assert "INVALID" in line
    assert line.endswith("…")


def test_a_trial_of_which_nothing_is_known_has_dashes() -> None:
    """No promise met, no percentile: still a line."""
    bare = trial_of(1, Purpose.AGAIN, 7.5, 0, met=(), p99_ms=Band())

    assert trial_line(bare).plain == "    1  again            7.6         0         –         –  INCONCLUSIVE"


def test_the_summary_tells_bounds_headroom_breakage_survivors_and_chances() -> None:
    """A line each, labels in a column of their own."""
    assert capacity_text(page_of(), None).plain.splitlines() == [
        "capacity        40.9 to 42.6 visits/s (95 %), 310 shoppers at once, by “shop”",
        "first to break  order in region b",
        "factor          1.36 × the forecast peak of 30.0; 1.3 × is asked for",
        "spare           26.7 % of the capacity is unused at that peak",
        "slack           36.3 % more than forecast may come until the shop is full",
        "proof           PASS at 39.4 visits/s",
        "surviving       FAIL  region a gone: 28.4 to 29.6 visits/s, 0.95 × the forecast; 1 × is asked for",
        "                PASS  payment slow: at least 36.9 visits/s, 1.23 × the forecast; 1.2 × is asked for",
        "                INCONCLUSIVE  zone lost: not known: the fault was not felt by shoppers",
        "depends on      rules 0: 42.7 to 44.9, 2: 38.1 to 40.1, 5: 32.8 to 34.5, 10: 26.7 to 28.1 visits/s",
        "                cart lines 1: 44.6 to 46.9, 3: 32.1 to 33.7, 10: 22.4 to 23.5 visits/s",
        "                flash share 0.5: –, 0.1: at least 39.0 visits/s",
        "overload        a chance of 10.3 % that the peak is above it",
        "headroom        a chance of 61.3 % that it is 1.3 × the real peak or more",
        "real peak       above 1.3 × the forecast with a chance of 13.7 % (n = 5)",
        "instances       for 1.3 times the forecast: 0 more",
        "                for the forecast with one instance lost: 2 more",
        "                for a chance of overload of 1 %: the forecast's spread is not known",
        "bottleneck      database connections",
        "resources       database connections: 82 of 100 connections, so have 112",
        "                bandwidth to the edge: 212 of 1,000 Mbit/s, so have 280",
    ]


@pytest.mark.parametrize("width", [40, 60, 71, 72, 100, 200])
def test_a_terminal_folds_nothing(width: int) -> None:
    """Every line fits, between words; no line is empty."""
    scenes = tuple(
        replace(row, why=LONG, scene="region a and all that hangs on it") for row in page_of().scenes
    )
    lines = capacity_text(page_of(scenes=scenes), width).plain.splitlines()

    assert max(map(len, lines)) <= width
    assert all(line.strip() for line in lines)


@pytest.mark.parametrize(
    ("page", "lines"),
    [
        pytest.param(
            CapacityPage(record=CapacityRecord()),
            ["capacity        not known: the search found no rate for the shop as it is"],
            id="nothing found",
        ),
        pytest.param(
            CapacityPage(
                record=CapacityRecord(
                    found=(found_of(None, None, None, why="cut short"),),
                    stopped="Ctrl-C",
                    unread="none answered",
                )
            ),
            [
                "capacity        not known: cut short",
                "resources       none answered",
                "stopped         Ctrl-C",
            ],
            id="stopped",
        ),
        pytest.param(
            CapacityPage(record=CapacityRecord(found=(found_of(None, None, None),))),
            ["capacity        not known"],
            id="no bound and no reason",
        ),
        pytest.param(
            CapacityPage(record=CapacityRecord(found=(found_of(40.0, 41.0, None, why="nothing broke"),))),
            ["capacity        at least 40.0 visits/s (95 %), by “shop”; nothing broke"],
            id="no upper bound, no forecast",
        ),
    ],
)
def test_what_is_not_known_is_said_so(page: CapacityPage, lines: list[str]) -> None:
    """And what was not asked for has no line."""
    assert capacity_text(page, None).plain.splitlines() == lines


def test_without_a_forecast_survivors_are_told_in_visits() -> None:
    """There is nothing to be a multiple of."""
    text = capacity_text(page_of(forecast=None, figures=None), None).plain

    assert "FAIL  region a gone: 28.4 to 29.6 visits/s\n" in text
    assert "factor" not in text


def test_a_survivor_of_which_nothing_is_known_says_only_that() -> None:
    """Without a reason no colon is left hanging."""
    row = replace(page_of().scenes[2], why="")

    assert "zone lost: not known\n" in capacity_text(page_of(scenes=(row,)), None).plain


def test_a_chance_that_is_a_bound_is_called_one() -> None:
    """A capacity that was never seen to break may be higher."""
    overlap = page_of().overlap
    assert overlap is not None
    text = capacity_text(page_of(overlap=replace(overlap, is_bound=True)), None).plain

    assert "a chance of at most 10.3 %" in text
    assert "a chance of at least 61.3 %" in text


def test_colours_stand_on_the_status_alone() -> None:
    """Labels are dim; of a line only its status has a colour."""
    text = capacity_text(page_of(), 100)
    coloured = {text.plain[span.start : span.end] for span in text.spans if "dim" not in str(span.style)}

    assert coloured == {Status.PASS.value, Status.FAIL.value, Status.INCONCLUSIVE.value}


def test_resources_are_a_line_each() -> None:
    """How much bandwidth, and how many connections; last, what could not be read."""
    page = page_of(record=record_of(unread="one of 9 readings failed"))
    text = capacity_text(page, None).plain.splitlines()

    assert text[-3:] == [
        "resources       database connections: 82 of 100 connections, so have 112",
        "                bandwidth to the edge: 212 of 1,000 Mbit/s, so have 280",
        "                one of 9 readings failed",
    ]
