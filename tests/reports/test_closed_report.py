"""The report of a closed model: users instead of visits, and no word of what nobody can know."""

import pytest

from rehearsal.model.clock import nanoseconds
from rehearsal.model.history import Crowd, Kind, Outcome, Row
from rehearsal.model.plan import Phase, PhaseKind, Plan, Traffic
from rehearsal.model.plan_capacity import Slo
from rehearsal.model.readings import FinalReadings, StockReading
from rehearsal.model.timeline import timeline_of
from rehearsal.model.verdict import Finding, Status, Verdict
from rehearsal.rundir.history_file import frame_of
from reports.figure_headroom import draw_headroom
from reports.figure_rates import describe_rates
from reports.figures import figures_of
from reports.headroom import facts_of
from reports.html import page_of
from reports.report import Report, report_of
from tests.reports.run_factory import record_of

SLO = Slo(p95_ms=100.0, p99_ms=200.0, goodput=0.9)
PLAN = Plan(
    name="theirs",
    traffic=Traffic(locustfile="some/where/their_file.py", users=10, multiplier=5.0),
    phases=(
        Phase(name="normal", kind=PhaseKind.NORMAL, duration_s=4.0, rate=1.0),
        Phase(name="ramp", kind=PhaseKind.NORMAL, duration_s=4.0, start=1.0, end=5.0),
    ),
    slo={PhaseKind.NORMAL: SLO},
)
FOUND = Finding(check="ledger.balance", status=Status.PASS, summary="Nothing was planned by arrival.")


def users(at_s: float, there: int, wanted: int) -> Row:
    """Return a reading of one load process."""
    at_ns = nanoseconds(at_s)
    return Row(kind=Kind.USERS, f=Crowd.RUNNING, sent_ns=at_ns, qty=there, value=float(wanted))


def request(at_s: float) -> Row:
    """Return a good request of 20 ms."""
    at_ns = nanoseconds(at_s)
    return Row(
        kind=Kind.OP,
        f="GET /flash_sale",
        due_ns=at_ns,
        sent_ns=at_ns,
        done_ns=at_ns + nanoseconds(0.02),
        outcome=Outcome.OK,
    )


def report(*more: Row) -> Report:
    """Return the report of a short run of two load processes."""
    rows = [request(at / 20) for at in range(160)]
    for at in range(8):
        rows += [users(at + 0.5, 5, 10 + at), users(at + 0.5, 5 + at, 10 + at)]
    timeline = timeline_of(PLAN)
    stock = StockReading(sku="flash", initial=9, available=9, reserved=0, sold=0)
    frame = frame_of([*rows, *more], timeline)
    readings = FinalReadings(stock=(stock,))
    return report_of(PLAN, timeline, record_of(), (FOUND,), Verdict.GO, frame, readings)


@pytest.fixture(scope="module")
def page() -> str:
    """Return the page once."""
    return page_of(report(), {})


SAID = (
    "The load was their_file.py, unchanged.",
    "a closed model hides it",
    "Counted from the moment a request was sent",
    "GET /flash_sale",
    "10 users, peak 5 times as many",
    "<code>some/where/their_file.py</code>",
    "10 to 50",
)
UNSAID = (
    "<h2>Headroom</h2>",
    "<h2>Orders, payments, stock</h2>",
    "What shoppers did about it",
    "stock of flash",
)


@pytest.mark.parametrize("words", SAID)
def test_the_page_says_what_made_the_load_and_what_that_hides(page: str, words: str) -> None:
    """In words that need no knowledge of models, once, where the numbers begin."""
    assert words in page


@pytest.mark.parametrize("words", UNSAID)
def test_the_page_leaves_out_what_nobody_told(page: str, words: str) -> None:
    """No forecast, no headroom; no step is known as an order or a payment; nothing is on sale."""
    assert words not in page


@pytest.mark.usefixtures("undrawn")
def test_users_are_drawn_instead_of_visits() -> None:
    """Those of all load processes together, beside those that were planned."""
    told = report()

    assert (told.series.users_there[0], told.series.users_there[7]) == (10.0, 17.0)
    assert told.series.users_there == told.series.users_wanted
    assert describe_rates(told) == "At most 17 users were there, and sent at most 20 requests a second."
    assert set(figures_of(told)) == {"rates", "latency"}


def test_there_is_no_headroom_to_draw_or_to_sign() -> None:
    """A plan without a forecast asks for none."""
    told = report()

    assert (told.headroom, facts_of(told.headroom)) == (None, {})
    with pytest.raises(ValueError, match="without a forecast"):
        draw_headroom(told, None, "")  # type: ignore[arg-type]


def test_a_class_with_its_own_schedule_has_its_visits_in_the_table() -> None:
    """Then something was due, started and dropped, and the table of both clocks has a meaning."""
    due_ns = nanoseconds(1.0)
    visit = Row(kind=Kind.VISIT, f="Buyer", visit=1, due_ns=due_ns, sent_ns=due_ns, done_ns=due_ns + 5)

    assert "response time, from sent" not in page_of(report(visit), {})
