"""T-0 in the report: the curve in steps of 50 ms, the queue behind it, and the picture."""

from functools import partial
from typing import Any

import pytest

from rehearsal.model.clock import NS_PER_MS
from rehearsal.model.history import Kind, Row
from rehearsal.model.plan import Plan
from rehearsal.model.timeline import timeline_of
from rehearsal.model.verdict import Verdict
from rehearsal.rundir.history_file import frame_of
from reports.canvas import WIDE
from reports.figure_release import draw_release
from reports.figures import drawing_of, figures_of
from reports.html import page_of
from reports.report import Report, report_of
from reports.series import Percentiles
from reports.t_zero import TZero, t_zero_of
from tests.reports.run_factory import plan_of, readings_of, record_of
from tests.reports.test_figures import describe
from tests.reports.test_html import outline

ROOM = {"shoppers": 4, "gather_s": 5.0, "release": "even", "release_s": 0.4}
PLAN = plan_of(waiting_room=ROOM)
OPENS_NS = timeline_of(PLAN).window_of("burst").start_ns
SOLD_OUT = {"outcome": "fail", "error": "sold_out"}


def buy(number: int, after_ms: int, *, took_ms: int = 20, **rest: Any) -> Row:
    """Return a buy that was due some ms after T-0 and sent at once; ok unless told."""
    due_ns = OPENS_NS + after_ms * NS_PER_MS
    facts: dict[str, Any] = {"visit": number, "intent": f"buy:{number}", "due_ns": due_ns, "sent_ns": due_ns}
    facts |= {"done_ns": due_ns + took_ms * NS_PER_MS, "outcome": "ok"}
    return Row(**{"kind": Kind.OP, "f": "flash_buy", **facts, **rest})


def waited(number: int) -> Row:
    """Return the visit of somebody in the waiting room."""
    return Row(kind=Kind.VISIT, f="waiting_room", visit=number, due_ns=OPENS_NS - 10**9)


#: Four released at 50, 150, 250 and 350 ms; the second hears that it is sold out, the fourth gets units.
ROWS = (
    *(waited(n) for n in range(4)),
    buy(0, 50),
    buy(1, 150, took_ms=80, **SOLD_OUT),
    buy(2, 250),
    buy(3, 350),
)


def shown(*rows: Row, plan: Plan = PLAN) -> TZero:
    """Return T-0 of these rows."""
    found = t_zero_of(frame_of(rows, timeline_of(plan)), plan)
    assert found is not None
    return found


def report_on(*rows: Row, plan: Plan = PLAN) -> Report:
    """Return a report of these rows."""
    timeline = timeline_of(plan)
    frame = frame_of(rows, timeline)
    return report_of(plan, timeline, record_of(), (), Verdict.INCONCLUSIVE, frame, readings_of())


def test_releases_are_counted_in_steps() -> None:
    """Stated, sent and answered, each in the 50 ms it falls into."""
    found = shown(*ROWS)

    assert [step for step, count in enumerate(found.stated) if count] == [1, 3, 5, 7]
    assert found.sent == found.stated
    assert [step for step, count in enumerate(found.answered) if count] == [1, 4, 5, 7]
    assert len(found.stated) == 30


def test_the_queue_is_fair_if_the_first_are_served() -> None:
    """Three were served, so the first three are looked at: two of them were."""
    found = shown(*ROWS)

    assert (found.first.asked, found.first.served, found.first.sold_out) == (3, 2, 1)
    assert (found.rest.asked, found.rest.served) == (1, 1)
    assert found.fair_share == pytest.approx(2 / 3)
    assert found.first.response == found.first.service == Percentiles(p50_ms=20, p95_ms=80, p99_ms=80)
    assert found.first.send_lag_p99_ms == 0


def test_a_buyer_is_served_once_however_often_she_tried() -> None:
    """An intent is one buyer; its time runs from the first attempt's due to the last answer."""
    lost = buy(0, 50, outcome="info", error="eof")
    found = shown(waited(0), lost, buy(0, 300, attempt=1))

    assert (found.first.asked, found.first.served) == (1, 1)
    assert found.first.response == Percentiles(p50_ms=270, p95_ms=270, p99_ms=270)
    assert found.dispersion.released == 1


def test_a_late_send_is_told_beside_the_wait() -> None:
    """Response time counts from due, service time from the first send."""
    found = shown(waited(0), buy(0, 50, took_ms=80, sent_ns=OPENS_NS + 80 * NS_PER_MS))

    assert found.first.response == Percentiles(p50_ms=80, p95_ms=80, p99_ms=80)
    assert found.first.service == Percentiles(p50_ms=50, p95_ms=50, p99_ms=50)
    assert found.first.send_lag_p99_ms == 30


def test_an_early_buy_is_refused_and_no_buyer_of_the_sale() -> None:
    """Those who try before T-0 are counted by themselves."""
    found = shown(*ROWS, buy(9, -500, outcome="fail", error="not_open"))

    assert found.too_early == 1
    assert found.first.asked + found.rest.asked == 4


def test_neither_units_nor_a_no_is_otherwise() -> None:
    """A buy that was never answered properly shows as such."""
    found = shown(waited(0), buy(0, 50, outcome="info", error="timeout"))

    assert (found.rest.asked, found.rest.others) == (1, 1)
    assert found.fair_share is None
    assert (found.first.asked, found.first.response, found.first.send_lag_p99_ms) == (0, None, None)


@pytest.mark.usefixtures("undrawn")
def test_without_a_waiting_room_the_report_has_no_such_part() -> None:
    """No picture and no words of it; with one there is the picture."""
    plan = plan_of()
    report = report_on(plan=plan)

    assert t_zero_of(frame_of((), timeline_of(plan)), plan) is None
    assert "release" not in figures_of(report)
    assert "release" in figures_of(report_on(*ROWS))
    assert draw_release(report, WIDE, "salt") == ""
    assert "T-0" not in " ".join(outline(page_of(report, {})).lines)


def test_the_picture_says_in_words_what_it_shows() -> None:
    """In both sizes, well-formed."""
    report = report_on(*ROWS)
    drawn = drawing_of("release", partial(draw_release, report))

    assert describe(drawn.wide) == describe(drawn.narrow)
    assert describe(drawn.wide) == (
        "Of 4 shoppers in the waiting room 4 sent their buy within 1.5 s of T-0, at most 1 in 50 ms, "
        "and 4 were answered in that time."
    )


@pytest.mark.usefixtures("undrawn")
def test_the_page_tells_the_curve_and_the_queue() -> None:
    """With early buyers and without anybody served."""
    early = buy(9, -500, outcome="fail", error="not_open")
    told = " ".join(outline(page_of(report_on(*ROWS, early), {})).lines)
    nobody = " ".join(outline(page_of(report_on(), {})).lines)

    assert (
        "4 shoppers gathered, watched the countdown and were released within 0.4 s, on an even curve" in told
    )
    assert "before T-0 1 buys of other shoppers were refused, for the sale was not open" in told
    assert "in a perfectly fair queue all of them did, here 66.67 %." in told
    assert "Nobody got an order." in nobody


@pytest.mark.usefixtures("undrawn")
def test_the_page_tells_what_shoppers_do() -> None:
    """Every rule of the plan that is in force has its words."""
    rules = {
        "retry_budget": 0.2,
        "refresh_after_s": 2.0,
        "refreshes": 3,
        "double_click": 0.02,
        "patience_s": 9.0,
    }
    lines = " ".join(outline(page_of(report_on(plan=plan_of(behaviour=rules)), {})).lines)

    assert "tries 4 times, as long as retries are at most 0.2 of first attempts; she reloads a page" in lines
    assert (
        "after 2 s; 2.00 % press Pay twice; she leaves when an answer takes longer than her patience" in lines
    )


@pytest.mark.usefixtures("undrawn")
def test_an_app_that_never_retries_tries_once() -> None:
    """Nobody tries 1 times."""
    lines = " ".join(outline(page_of(report_on(plan=plan_of(behaviour={"attempts": 1})), {})).lines)

    assert "app tries once." in lines
