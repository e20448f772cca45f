"""Pictures of capacity: well-formed, in the page's colours, honest when something is missing."""

from collections.abc import Mapping
from dataclasses import replace
from itertools import pairwise
from math import inf, isclose

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rehearsal.model.capacity import Band, CapacityRecord, Purpose, Swept
from rehearsal.model.verdict import Status
from reports.canvas import NARROW, style
from reports.capacity import CapacityPage, Model, ModelCurve, Overlap
from reports.figure_overload import draw_overload
from reports.figure_search import brackets_of, stages_of
from reports.figures import Drawing, drawing_of
from reports.figures_capacity import capacity_figures
from reports.trial_marks import above_lines
from tests.reports.capacity_samples import SECOND, SLO_SET, found_of, page_of, record_of, trial_of
from tests.reports.test_figures import describe, words_of

LONG = "the whole of region a with all that hangs on it is gone and the provider answers slowly " * 3


def draw(page: CapacityPage) -> dict[str, Drawing]:
    """Return all drawings of a page, by name."""
    return {name: drawing_of(name, drawn) for name, drawn in capacity_figures(page).items()}


def narrow(page: CapacityPage) -> dict[str, str]:
    """Return all drawings for a phone, by name without "capacity-"."""
    drawn = {}
    for name, draw_one in capacity_figures(page).items():
        with style(name):
            drawn[name.removeprefix("capacity-")] = draw_one(NARROW, name)
    return drawn


@pytest.fixture(scope="module")
def drawn() -> Mapping[str, Drawing]:
    """Return all drawings of a page on which every part has something to say."""
    return draw(page_of())


def test_each_part_with_data_has_a_figure_in_both_sizes(drawn: Mapping[str, Drawing]) -> None:
    """Seven figures, none of them with a colour or a font of its own."""
    for drawing in drawn.values():
        for svg in (drawing.wide, drawing.narrow):
            assert "#" not in svg.replace("url(#", "").replace('href="#', "")
            assert "font-family" not in svg

    assert list(drawn) == [
        f"capacity-{name}"
        for name in ("goodput", "quantiles", "search", "overload", "surviving", "resources", "dimensions")
    ]


def test_equal_pages_are_equal_bytes(drawn: Mapping[str, Drawing]) -> None:
    """What is signed must come out the same again."""
    again = drawing_of("capacity-goodput", capacity_figures(page_of())["capacity-goodput"])

    assert drawn["capacity-goodput"] == again


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("goodput", "Capacity: 40.9 to 42.6; asked for: 39.0."),
        ("quantiles", "The 99th percentile was 40 ms at 7.6 visits a second and 1.12 s at 59.9."),
        ("search", "The search went by doubling from 7.5 to 60.0, halving from 44.0 to 40.6, confirming"),
        ("overload", "the peak is higher with a chance of 10.3 %."),
        ("surviving", "zone lost: not known: the fault was not felt by shoppers."),
        ("resources", "memory: 3.1 GiB at the forecast peak, 3.3 at 1.3\N{NO-BREAK SPACE}×;"),
        ("dimensions", "by share that comes for the flash sale: at least 39.0 at 10 %, not known at 50 %."),
    ],
)
def test_descriptions_say_it_in_numbers(drawn: Mapping[str, Drawing], name: str, sentence: str) -> None:
    """Who cannot see a figure hears what it shows, in either size."""
    drawing = drawn[f"capacity-{name}"]

    assert sentence in describe(drawing.wide)
    assert describe(drawing.wide) == describe(drawing.narrow)


def test_every_trial_is_a_dot_and_its_status_has_a_word(drawn: Mapping[str, Drawing]) -> None:
    """Shape and colour are explained beside the dots, and so are size and ring."""
    words = set(words_of(drawn["capacity-goodput"].wide))

    assert {"passed", "failed", "not known", "invalid", "ringed: the proof"} <= words
    assert {"forecast 30.0", "asked for 39.0 = 1.3 × forecast", "capacity 40.9 to 42.6"} <= words


def test_a_model_is_drawn_beside_what_was_measured() -> None:
    """Its curves are thin lines in the colours of the percentiles, and the key names the law."""
    curve = ModelCurve(name="p99", rates_per_s=(10.0, 40.0), ms=(40.0, 200.0))
    both = (curve, replace(curve, name="p50"))
    mean = Model(words="processor sharing by 4", curves=(replace(curve, name="mean"),))
    bare = CapacityPage(record=record_of())
    several = words_of(narrow(replace(bare, model=Model(words="M/M/8", curves=both)))["quantiles"])

    assert "lines: the model, M/M/8" in several
    assert "lines: the mean of the model, processor sharing by 4" in words_of(
        narrow(replace(bare, model=mean))["quantiles"]
    )
    assert not [word for word in words_of(narrow(bare)["quantiles"]) if word.startswith("lines")]


def test_a_key_names_only_what_is_there() -> None:
    """One trial that passed needs no word for failures."""
    record = CapacityRecord(trials=(trial_of(1, Purpose.DOUBLE, 7.5, 1000),))
    words = set(words_of(narrow(CapacityPage(record=record))["goodput"]))

    assert "passed" in words
    assert not {"failed", "invalid", "ringed: the proof", "faint: something gone or changed"} & words


@pytest.mark.parametrize(
    ("page", "names"),
    [
        pytest.param(CapacityPage(record=CapacityRecord()), [], id="an empty record has no figure"),
        pytest.param(
            CapacityPage(record=CapacityRecord(trials=(trial_of(1, Purpose.DOUBLE, 7.5, 1000),))),
            ["goodput", "quantiles", "search"],
            id="one trial, and nothing found",
        ),
        pytest.param(
            page_of(forecast=None, overlap=None, figures=None),
            ["goodput", "quantiles", "search", "surviving", "resources", "dimensions"],
            id="no forecast: no overload, and survivors in visits a second",
        ),
        pytest.param(
            page_of(record=record_of(found=(found_of(None, None, None, why="stopped"),), dimensions=())),
            ["goodput", "quantiles", "search", "overload", "surviving", "resources"],
            id="no bound is known",
        ),
        pytest.param(
            page_of(record=record_of(found=(found_of(None, None, 42.0),), dimensions=()), overlap=None),
            ["goodput", "quantiles", "search", "surviving", "resources"],
            id="only an upper bound",
        ),
    ],
)
def test_what_is_missing_is_left_out(page: CapacityPage, names: list[str]) -> None:
    """No figure without data, none that fails for want of them."""
    drawn = narrow(page)

    assert list(drawn) == names
    for drawing in drawn.values():
        assert "nan" not in drawing
        assert words_of(drawing)


def test_times_that_are_not_known_leave_no_mark() -> None:
    """Without percentiles there is nothing to say, and that is said."""
    silent = trial_of(1, Purpose.DOUBLE, 7.5, 10, p50_ms=Band(), p95_ms=Band(), p99_ms=Band())
    drawing = narrow(CapacityPage(record=CapacityRecord(trials=(silent,))))["quantiles"]

    assert describe(drawing) == "Of no trial the 99th percentile of response time is known."


def test_times_without_end_have_no_mark_and_a_word() -> None:
    """Of a trial that was answered too seldom the 99th percentile is infinite."""
    endless = trial_of(
        1, Purpose.DOUBLE, 60.0, 1000, p99_ms=Band(low=900.0, value=inf), p95_ms=Band(value=inf)
    )
    drawing = narrow(CapacityPage(record=CapacityRecord(trials=(endless,))))["quantiles"]

    assert "for ever" in describe(drawing)
    assert "inf" not in drawing


def test_many_values_of_a_dimension_have_few_numbers_below_them() -> None:
    """Twelve cart sizes would not fit under a small panel."""
    swept = tuple(
        Swept(dimension="cart_lines", value=float(value), found=found_of(40.0 - value, None, None))
        for value in range(1, 13)
    )
    words = words_of(narrow(CapacityPage(record=CapacityRecord(dimensions=swept)))["dimensions"])

    assert len([word for word in words if word.isdecimal()]) < 14


def test_one_value_of_a_dimension_is_a_point() -> None:
    """There is no line through it, and no width to its axis."""
    swept = (Swept(dimension="rules", value=0.0, found=found_of(None, 41.0, 43.0)),)
    drawing = narrow(CapacityPage(record=CapacityRecord(dimensions=swept)))["dimensions"]

    assert describe(drawing) == "Visits a second carried by promotion rules on an order: at most 43.0 at 0."


def test_curves_without_height_draw_no_chance() -> None:
    """A capacity known to the last digit has no density."""
    overlap = Overlap(
        rates_per_s=(1.0, 2.0),
        forecast=(0.0, 0.0),
        capacity=(0.0, 0.0),
        overload=(0.0, 0.0),
        chance=0.0,
        holds=1.0,
    )
    drawing = narrow(page_of(overlap=overlap))["overload"]

    assert "Chance of an overload: below 0.1 %" in words_of(drawing)


def test_a_search_with_something_gone_alone_says_so() -> None:
    """Whoever asks for one scene has no trial of the shop as it is."""
    gone = trial_of(1, Purpose.DOUBLE, 7.5, 1000, scene="region a gone")
    drawn = narrow(CapacityPage(record=CapacityRecord(trials=(gone,))))

    assert list(drawn) == ["goodput", "search"]
    assert describe(drawn["search"]) == (
        "No trial was made of the shop as it is. One more trial was made with something gone or changed."
    )


def test_two_hundred_trials_and_endless_names_keep_their_places() -> None:
    """Names are cut with an ellipsis, and stages too short for a name go without."""
    purposes = list(Purpose)
    trials = tuple(
        trial_of(n, purposes[n % 5], 12.0 + n % 31, 1000, scene=LONG if n > 150 else "")
        for n in range(1, 201)
    )
    page = page_of(
        record=record_of(trials=trials),
        scenes=tuple(replace(row, scene=LONG) for row in page_of().scenes),
        resources=tuple(replace(row, name=LONG) for row in page_of().resources),
    )
    drawn = narrow(page)
    names = [word for word in words_of(drawn["search"]) if word.endswith("…")]

    assert max(map(len, words_of(drawn["surviving"]))) < 60
    assert max(map(len, words_of(drawn["resources"]))) < 60
    assert names == [LONG[:25] + "…"]


def test_an_overload_must_be_known_to_be_drawn() -> None:
    """Asked for without the two densities, the figure refuses."""
    with pytest.raises(ValueError, match="no overlap to draw"):
        draw_overload(page_of(overlap=None), NARROW, "salt")


def test_brackets_close_as_the_search_goes_on() -> None:
    """The highest that held and the lowest that broke, by doubling and halving of believable trials alone."""
    after = brackets_of(page_of())

    assert after[:4] == ((7.5, None), (15.0, None), (30.0, None), (30.0, 60.0))
    assert after[4] == (30.0, 60.0), "the generator was late: that trial moves nothing"
    assert after[8:13] == ((40.6, 42.4),) * 5
    assert after[13] == (29.3 * 0.7, None), "with a region gone it begins anew"


def test_a_rate_that_held_above_one_that_broke_opens_no_bracket() -> None:
    """Short trials err: what held by luck is above the bracket, and does not turn it inside out."""
    by_luck = (
        trial_of(1, Purpose.DOUBLE, 20.0, 1000),
        trial_of(2, Purpose.BISECT, 60.0, 1000),
        trial_of(3, Purpose.BISECT, 70.0, 1000, met=trial_of(3, Purpose.BISECT, 20.0, 1000).met),
    )

    assert brackets_of(CapacityPage(record=CapacityRecord(trials=by_luck)))[-1] == (20.0, 60.0)


def test_a_trial_that_says_nothing_of_the_set_moves_no_bracket() -> None:
    """Made for another set, on a machine that may have broken this one."""
    held = trial_of(1, Purpose.DOUBLE, 20.0, 1000)
    silent = trial_of(
        2, Purpose.BISECT, 30.0, 1000, met=tuple(met for met in held.met if met.slo_set == SECOND)
    )

    assert brackets_of(CapacityPage(record=CapacityRecord(trials=(held, silent))))[-1] == (20.0, None)


def test_stages_are_runs_of_one_purpose_or_one_scene() -> None:
    """With something gone, that is the stage's name, whatever the purpose."""
    stages = [(stage.name, stage.first, len(stage.trials)) for stage in stages_of(record_of().trials)]

    assert stages == [
        ("doubling", 0, 4),
        ("halving", 4, 5),
        ("confirming", 9, 2),
        ("proof", 11, 1),
        ("again", 12, 1),
        ("region a gone", 13, 3),
        ("payment slow", 16, 3),
    ]


@given(st.lists(st.floats(0, 1000), max_size=12), st.floats(1, 30))
def test_words_above_lines_never_meet(heights: list[float], gap: float) -> None:
    """Each label is above its own line, labels keep their distance, and none lies across a line."""
    lines = sorted(heights)
    places = above_lines(lines, gap)

    assert len(places) == len(lines)
    assert all(place >= line or isclose(place, line) for place, line in zip(places, lines, strict=True))
    for place, following in pairwise(places):
        assert following - place >= gap - 1e-6
    for place in places:
        assert not any(place + 1e-6 < line < place + gap - 1e-6 for line in lines)


def test_a_survivor_that_fails_has_another_colour() -> None:
    """Failed, passed and not known are told apart by colour, and by words all the same."""
    by_status = {}
    for status in (Status.PASS, Status.FAIL):
        rows = (replace(page_of().scenes[0], status=status),)
        page = CapacityPage(record=CapacityRecord(), scenes=rows)
        by_status[status] = narrow(page)["surviving"]

    assert "var(--go)" in by_status[Status.PASS]
    assert "var(--no-go)" not in by_status[Status.PASS]
    assert "var(--no-go)" in by_status[Status.FAIL]


def test_the_judged_set_marks_the_trials() -> None:
    """Of two SLO sets the first that was found decides how a trial looks."""
    page = page_of()
    doubtful = page.record.trials[5]

    assert page.judged == SLO_SET
    assert [doubtful.status(name) for name in page.slo_sets] == [Status.INCONCLUSIVE, Status.PASS]
    assert page.status(doubtful) is Status.INCONCLUSIVE
