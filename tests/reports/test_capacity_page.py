"""The section on capacity: what it says, what it leaves out, and what no name can do to it."""

import base64
import json
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import pytest

from rehearsal.model.capacity import Band, CapacityRecord, Met, Purpose
from rehearsal.rundir import folder
from reports.canvas import NARROW
from reports.capacity import CapacityPage, facts_of, tightest_of
from reports.evidence import sign_run
from reports.figures_capacity import capacity_figures
from reports.html import page_of as html_of
from reports.html import render
from reports.report import Report
from reports.verify import verify_run
from tests.reports.capacity_samples import SECOND, SLO_SET, found_of, page_of, record_of, trial_of
from tests.reports.conftest import KEY
from tests.reports.test_html import GOLDEN, HOSTILE, Outline

pytestmark = pytest.mark.usefixtures("undrawn")

_HEAD = "<h2>Capacity</h2>"
UNSHOWN = "p: No rate was shown to be carried with every promise of “shop” kept."


class Section(Outline):
    """The section's headings, sentences and table rows."""

    KEPT = ("h2", "h3", "p", "li", "figcaption", "tr")


def section(go: Report, page: CapacityPage) -> list[str]:
    """Return the lines of the section, cells of a row apart; fails if tags are not closed in order."""
    html = html_of(replace(go, capacity=page), {})
    inside = html[html.index(_HEAD) : html.index("<h2>What was asked")]
    parser = Section()
    parser.feed(inside.replace("</th>", " | </th>").replace("</td>", " | </td>").replace("<br>", " "))
    parser.close()
    assert parser.open == []
    return [line.strip().removesuffix(" |") for line in parser.lines]


def test_the_section_is_the_golden_one(go: Report) -> None:
    """Every sentence and row as last agreed; UPDATE_GOLDEN=1 writes them anew."""
    actual = "\n".join(section(go, page_of())) + "\n"
    path = GOLDEN / "capacity.txt"
    if os.environ.get("UPDATE_GOLDEN"):
        path.write_text(actual)

    assert path.read_text() == actual


@pytest.mark.parametrize(
    ("purposes", "words"), [((Purpose.PROOF,), True), ((Purpose.PROOF, Purpose.DOUBLE), False)]
)
def test_a_proof_alone_is_not_told_as_a_search(
    go: Report, purposes: tuple[Purpose, ...], words: bool
) -> None:
    """Nothing was doubled or halved in it, neither in the shop as it is nor with something gone."""
    page = page_of()
    one = page.record.trials[0]
    trials = tuple(
        msgspec.structs.replace(one, wanted=msgspec.structs.replace(one.wanted, purpose=each))
        for each in purposes
    )
    lines = section(go, replace(page, record=msgspec.structs.replace(page.record, trials=trials)))

    told = "figcaption: No search was made: each trial holds a rate that is asked for."
    again = "p: The same proof again, each time with something gone."
    assert (told in lines, again in lines) == (words, words)
    assert any("doubles until" in line for line in lines) is not words


def test_a_run_without_a_search_says_nothing_of_it(go: Report) -> None:
    """An ordinary drill's report stays as it is."""
    assert _HEAD not in html_of(go, {})


@pytest.mark.parametrize(
    ("page", "lines"),
    [
        pytest.param(
            CapacityPage(record=CapacityRecord()),
            ["p: How much the shop carries is not known: the search found no rate for the shop as it is."],
            id="nothing was found",
        ),
        pytest.param(
            CapacityPage(record=CapacityRecord(found=(found_of(None, None, None, why="stopped"),))),
            [
                UNSHOWN,
                "p: What is missing: stopped.",
                "h3: What was found",
            ],
            id="found, with no bound",
        ),
        pytest.param(
            CapacityPage(record=CapacityRecord(found=(found_of(None, None, 42.0),), stopped="Ctrl-C")),
            [
                f"{UNSHOWN} At 42.0 at least one breaks.",
                "p: The search was stopped before its end: Ctrl-C.",
            ],
            id="an upper bound alone, of a search that was stopped",
        ),
    ],
)
def test_what_is_not_known_is_said_so(go: Report, page: CapacityPage, lines: list[str]) -> None:
    """In the first sentences, and in no empty table."""
    told = section(go, page)

    assert [line for line in lines if line not in told] == []
    assert not {"h3: Trial by trial", "h3: The surviving set", "h3: How sure the forecast is"} & set(told)


def test_one_trial_has_its_row_without_an_slo_set(go: Report) -> None:
    """No promise was met in it: the table still stands, and the outcome is not known."""
    trial = trial_of(1, Purpose.DOUBLE, 7.5, 10, met=(), p99_ms=Band())
    told = section(go, CapacityPage(record=CapacityRecord(trials=(trial,))))

    assert told[-1] == "tr: 1 | doubling | 7.6 | 7.6 | 10 | – | – | – | not known | –"


def test_a_stated_peak_is_called_so(go: Report) -> None:
    """Without past promotions no chance is printed, and the sheet says that it is not known."""
    forecast = page_of().forecast
    assert forecast is not None
    stated = replace(forecast, n=0, low_per_s=None, high_per_s=None, above_required=None)
    told = "\n".join(section(go, page_of(forecast=stated, overlap=None)))

    assert "The peak is stated, without past promotions behind it." in told
    assert "chance of a peak" not in told
    assert "chance of an overload |" not in told


def test_the_chance_that_1_3_is_not_enough_is_printed(go: Report) -> None:
    """In bold, in its own sentence: 1.3 times alone is no guarantee."""
    told = section(go, page_of())

    assert (
        "p: The forecast is a guess from 5 past promotions. The real peak is above 1.3 times the forecast "
        "with a chance of 13.7 % : 1.3 times alone is no guarantee."
    ) in told


def test_a_chance_without_an_upper_bound_of_the_capacity_is_at_most_that(go: Report) -> None:
    """What was never seen to break may carry more."""
    overlap = page_of().overlap
    assert overlap is not None
    told = "\n".join(section(go, page_of(overlap=replace(overlap, is_bound=True))))

    assert "tr: chance of an overload | at most 10.3 %: the peak" in told


def test_hostile_names_stay_text(go: Report) -> None:
    """Whatever scenes, resources, sets and reasons are called is shown, never executed."""
    record = record_of(
        found=(found_of(1.0, 2.0, 3.0, slo_set=HOSTILE, broke=HOSTILE, why=HOSTILE),),
        trials=(trial_of(1, Purpose.BISECT, 2.0, 1000, scene=HOSTILE, invalid=HOSTILE, broke=HOSTILE),),
        stopped=HOSTILE,
    )
    page = page_of(
        record=record,
        scenes=tuple(replace(row, scene=HOSTILE, why=HOSTILE, fault=HOSTILE) for row in page_of().scenes),
        resources=tuple(replace(row, name=HOSTILE, unit=HOSTILE) for row in page_of().resources),
        bottleneck=HOSTILE,
        explained=(HOSTILE,),
    )
    html = html_of(replace(go, capacity=page), {})

    assert "<script" not in html
    assert "{{7*7}}" in html


def test_hostile_names_stay_text_in_pictures() -> None:
    """Nor do they become markup in a drawing."""
    page = page_of(scenes=tuple(replace(row, scene=HOSTILE) for row in page_of().scenes))

    assert "<script" not in capacity_figures(page)["capacity-surviving"](NARROW, "salt")


def test_the_record_is_signed_and_found_changed(copy: Path, go: Report) -> None:
    """The digest of capacity.json is printed in the report and checked; the file is missed if it goes."""
    folder.write_json(copy / folder.CAPACITY, record_of())
    report = render(replace(go, capacity=page_of()), copy)
    folder.write_bytes(copy / folder.REPORT, report.encode())
    sign_run(copy, KEY)

    assert "<th>capacity.json, SHA-256</th>" in report
    assert all(step.ok for step in verify_run(copy))
    assert any(step.sentence == "capacity.json is as it was signed." for step in verify_run(copy))

    folder.write_json(copy / folder.CAPACITY, record_of(stopped="by me"))
    assert [step.sentence for step in verify_run(copy) if not step.ok] == [
        "capacity.json was changed after it was signed."
    ]

    (copy / folder.CAPACITY).unlink()
    assert "The signed statement does not cover each file of a run once." in failing(copy)


def test_the_statement_carries_the_bounds(copy: Path) -> None:
    """Who reads the statement alone finds bounds, their confidence and the headroom of the lower one."""
    folder.write_json(copy / folder.CAPACITY, record_of())
    sign_run(copy, KEY)
    sealed = json.loads((copy / folder.EVIDENCE).read_bytes())
    listed = json.loads(base64.b64decode(sealed["payload"]))["predicate"]["configuration"]
    facts = next(each["annotations"] for each in listed if each["name"] == folder.REPORT)

    assert (facts["capacityLowPerS"], facts["capacityHighPerS"], facts["confidence"]) == (40.9, 42.6, 0.95)
    assert facts["headroomLow"] == 40.9 / 30


@pytest.mark.parametrize(
    ("record", "facts"),
    [
        pytest.param(None, {}, id="no search"),
        pytest.param(CapacityRecord(), {}, id="nothing found"),
        pytest.param(CapacityRecord(found=(found_of(None, 1.0, 2.0),)), {}, id="no lower bound"),
        pytest.param(
            CapacityRecord(found=(found_of(1.0, 1.5, None),)),
            {"capacityLowPerS": 1.0, "confidence": 0.95},
            id="no upper bound, no forecast",
        ),
    ],
)
def test_numbers_that_are_not_known_are_not_signed(
    record: CapacityRecord | None, facts: dict[str, float]
) -> None:
    """An annotation stands for something measured, or is not there."""
    assert facts == facts_of(record, None)


def test_a_record_that_was_not_signed_is_refused(copy: Path) -> None:
    """A capacity.json laid into a signed run belongs to nothing."""
    folder.write_json(copy / folder.CAPACITY, record_of())

    assert "The signed statement does not cover each file of a run once." in failing(copy)


def failing(run: Path) -> list[str]:
    """Return the sentences of the steps that do not hold."""
    return [step.sentence for step in verify_run(run) if not step.ok]


@pytest.mark.parametrize(
    ("shares", "tightest"),
    [
        pytest.param(
            [(0.95, 0.96), (0.99, 0.991)], 1, id="a tenth of the misses is left, of the other a fifth"
        ),
        pytest.param([(0.95, 0.90), (0.99, 0.991)], 0, id="what was broken is tighter than what was kept"),
        pytest.param([(0.95, None), (0.99, 0.991)], 1, id="what is not known is not tight"),
        pytest.param([(1.0, 1.0), (0.99, 0.991)], 0, id="nothing at all may miss"),
    ],
)
def test_the_tightest_promise_is_shown(shares: list[tuple[float, float | None]], tightest: int) -> None:
    """By what is left of the misses that are allowed: 0.96 of 95 % has more room than 0.991 of 99 %."""
    mets = tuple(
        Met(slo_set=SLO_SET, promise=str(n), target=target, share=Band(low=low), samples=1)
        for n, (target, low) in enumerate(shares)
    )
    found = tightest_of(trial_of(1, Purpose.DOUBLE, 1.0, 100, met=mets), SLO_SET)

    assert found == mets[tightest]


def test_no_promise_of_another_set_is_shown() -> None:
    """Of a set that was not met there is nothing to show."""
    assert tightest_of(trial_of(1, Purpose.DOUBLE, 1.0, 100), "other") is None


@pytest.mark.parametrize(
    ("changes", "judged"),
    [
        pytest.param({}, SLO_SET, id="the first that was found"),
        pytest.param({"found": ()}, SLO_SET, id="else the first that was met"),
        pytest.param(
            {"found": (found_of(1, 2, 3, slo_set=SECOND),)}, SECOND, id="whatever came first in trials"
        ),
        pytest.param({"found": (), "trials": ()}, "", id="nothing"),
    ],
)
def test_trials_are_marked_by_one_slo_set(changes: dict[str, Any], judged: str) -> None:
    """The one that the headroom is judged by."""
    assert judged == CapacityPage(record=record_of(**changes)).judged


def test_a_record_comes_back_from_its_file() -> None:
    """Every purpose and band survives JSON, so that a report can be drawn again."""
    record = record_of()

    assert record == msgspec.json.decode(msgspec.json.encode(record), type=CapacityRecord)


def test_a_broken_promise_is_tighter_than_one_that_allows_no_miss() -> None:
    """Of a target of 100 % the lower bound always misses, though nobody did."""
    kept, broken = (
        Met(
            slo_set=SLO_SET, promise=str(target), target=target, share=Band(low=low, value=value), samples=200
        )
        for target, low, value in ((1.0, 0.985, 1.0), (0.99, 0.4, 0.5))
    )

    assert tightest_of(trial_of(1, Purpose.DOUBLE, 1.0, 100, met=(kept, broken)), SLO_SET) == broken
