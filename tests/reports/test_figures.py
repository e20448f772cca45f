"""Figures: well-formed, in the page's colours, and honest when there is little to draw."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from math import inf
from xml.etree import ElementTree as ET

import matplotlib as mpl
import pytest

from rehearsal.model.plan import Phase, PhaseKind
from rehearsal.model.timeline import Timeline, timeline_of
from rehearsal.model.verdict import Status, Verdict
from rehearsal.rundir.history_file import frame_of
from reports.canvas import NARROW, VARIABLES, WIDE, Size, new_figure, style, svg_of
from reports.figure_business import draw_business
from reports.figure_headroom import draw_headroom
from reports.figure_latency import draw_latency
from reports.figure_rates import draw_rates
from reports.figures import Drawing, drawing_of
from reports.report import Report, report_of
from reports.series import Percentiles
from tests.reports.run_factory import plan_of, readings_of, record_of


def report_on(timeline: Timeline) -> Report:
    """Return the report of an empty history."""
    frame = frame_of((), timeline)
    return report_of(plan_of(), timeline, record_of(), (), Verdict.INCONCLUSIVE, frame, readings_of())


def words_of(svg: str) -> list[str]:
    """Return the texts of a drawing; fails if it is not well-formed."""
    return [text.text or "" for text in ET.fromstring(svg).iter("text")]  # noqa: S314 - our own drawing


def describe(svg: str) -> str:
    """Return a drawing's description."""
    return ET.fromstring(svg).findtext("desc") or ""  # noqa: S314 - our own drawing


def wide(draw: Callable[[Report, Size, str], str], report: Report) -> str:
    """Return one figure alone, for a desk."""
    with style("salt"):
        return draw(report, WIDE, "salt")


def width_of(svg: str) -> str:
    """Return the width a drawing is for."""
    return ET.fromstring(svg).get("viewBox", "").split()[2]  # noqa: S314 - our own drawing


def test_all_figures_are_drawn_in_both_sizes(drawn: dict[str, Drawing]) -> None:
    """Four figures, for a desk and for a phone, with the width each is for."""
    assert set(drawn) == {"headroom", "rates", "latency", "business"}
    assert {width_of(drawing.wide) for drawing in drawn.values()} == {"960"}
    assert {width_of(drawing.narrow) for drawing in drawn.values()} == {"400"}


def test_drawings_take_the_pages_colours_and_type(drawn: dict[str, Drawing]) -> None:
    """No colour and no font of their own, so that light and dark are the same bytes."""
    for svg in (one for drawing in drawn.values() for one in (drawing.wide, drawing.narrow)):
        assert "#" not in svg.replace("url(#", "").replace('href="#', "")
        assert "font-family" not in svg
        assert "var(--ink)" in svg


def test_a_users_own_style_changes_nothing(go: Report, drawn: dict[str, Drawing]) -> None:
    """A matplotlibrc must not change a signed file; nor does drawing change the settings."""
    with mpl.rc_context({"lines.linewidth": 9.0, "font.size": 30.0}):
        again = drawing_of("rates", partial(draw_rates, go)).wide
        kept = mpl.rcParams["font.size"]

    assert again == drawn["rates"].wide
    assert kept == 30.0


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        (
            "headroom",
            "39.2 visits a second, 1.31 times the forecast, were held; 39 visits a second are asked for",
        ),
        ("latency", "The 99th percentile of response time in 2 s was"),
        ("business", "orders were paid or confirmed; the share of payments that succeeded was"),
        ("rates", "Forecast peak: 30, asked for: 39."),
    ],
)
def test_descriptions_say_it_in_numbers(drawn: dict[str, Drawing], name: str, sentence: str) -> None:
    """Who cannot see the figure hears what it shows."""
    assert sentence in describe(drawn[name].wide)
    assert describe(drawn[name].wide) == describe(drawn[name].narrow)


def test_faults_are_named_by_letter_and_where_there_is_room_in_words(drawn: dict[str, Drawing]) -> None:
    """On a phone the letter alone leads to the section that tells the story."""
    desk, phone = words_of(drawn["rates"].wide), words_of(drawn["rates"].narrow)

    assert {"A", "B", "C", "unreachable"} <= set(desk)
    assert {"A", "B", "C"} <= set(phone)
    assert "unreachable" not in phone


def test_phases_are_named_along_the_top(drawn: dict[str, Drawing]) -> None:
    """In lines on a desk, upright on a phone."""
    assert {"preheat", "warm-", "up", "provider", "down"} <= set(words_of(drawn["rates"].wide))
    assert {"preheat", "warm-up", "provider down"} <= set(words_of(drawn["rates"].narrow))


def test_what_did_not_happen_is_not_drawn(timeline: Timeline) -> None:
    """An empty history: no shade, no letter, and sentences that say that nothing is known."""
    empty = report_on(timeline)
    held = wide(draw_headroom, empty)

    assert {"A", "B", "C"} & set(words_of(wide(draw_rates, empty))) == set()
    assert describe(wide(draw_latency, empty)) == "No request was measured."
    assert "no payment was begun; at the end the stock was not read" in describe(wide(draw_business, empty))
    assert "No rate was shown to be held" in describe(held)
    assert any(text == "no rate was put to the test" for text in words_of(held))


def test_a_rate_that_was_not_held_is_said_not_to_be(go: Report) -> None:
    """Words, not only another colour."""
    assert go.headroom is not None
    failed = replace(go, headroom=replace(go.headroom, status=Status.FAIL))
    drawing = wide(draw_headroom, failed)

    assert "were offered, but not held" in describe(drawing)
    assert any("offered, but not held" in text for text in words_of(drawing))


def test_a_fault_that_was_never_mended_is_shaded_to_the_end(go: Report) -> None:
    """Its end is not invented, and its letter stays inside the figure."""
    (first, *rest) = go.faults
    unmended = replace(go, faults=(replace(first, mended_s=None), *rest))

    assert "A" in words_of(wide(draw_rates, unmended))


def test_requests_that_never_ended_leave_a_gap_and_a_word(go: Report) -> None:
    """An infinite time cannot be drawn; it is said."""
    endless = Percentiles(p50_ms=10.0, p95_ms=inf, p99_ms=inf)
    series = replace(go.series, response=(endless, *go.series.response[1:]))
    drawing = wide(draw_latency, replace(go, series=series))

    assert "for ever at worst" in describe(drawing)
    assert "inf" not in drawing.replace("info", "")


def test_one_long_phase_needs_one_line() -> None:
    """A plan of one phase without promises or faults draws all the same."""
    phase = Phase(name="a soak of a day", kind=PhaseKind.WARMUP, duration_s=86400.0, rate=1.0)
    soak = timeline_of(plan_of().model_copy(update={"phases": (phase,), "faults": ()}))
    report = report_on(soak)
    drawings = [wide(draw, report) for draw in (draw_headroom, draw_rates, draw_latency, draw_business)]

    assert {"a", "soak", "of", "day"} <= set(words_of(drawings[2]))


def test_sizes_know_what_they_are_for() -> None:
    """One is for phones."""
    assert (WIDE.is_narrow, NARROW.is_narrow) == (False, True)


def test_titles_and_descriptions_are_escaped() -> None:
    """Text of a drawing cannot become markup."""
    with style("salt"):
        svg = svg_of(new_figure(WIDE, 50), title="<b>&", description="</desc><script>", salt="salt")

    assert "<script" not in svg
    assert describe(svg) == "</desc><script>"


def test_every_sentinel_is_a_variable_of_its_own() -> None:
    """Two sentinels for one variable, or the reverse, would mix up colours."""
    assert len(set(VARIABLES.values())) == len(VARIABLES)
