"""The report's section of what could not be checked: each check once, with what would settle it."""

from typing import Any

import polars as pl
import pytest

from rehearsal.model.plan import Phase, PhaseKind, Plan, Traffic
from rehearsal.model.plan_capacity import Slo
from rehearsal.model.readings import EventReading, FinalReadings
from rehearsal.model.timeline import timeline_of
from rehearsal.model.verdict import Finding, Status, Verdict, verdict_of
from rehearsal.rundir.history_file import frame_of
from rehearsal.rundir.record import RunRecord
from reports.html import page_of
from reports.reasons import reasons_of
from reports.report import report_of
from reports.unchecked import is_impossible, unchecked_of
from tests.reports.run_factory import plan_of, readings_of, record_of

ALL = ("pay", "cancel", "apply_coupon", "apply_gift_card")
STRANGERS = Plan(
    name="theirs",
    traffic=Traffic(locustfile="their_file.py", users=10, multiplier=5.0),
    phases=(Phase(name="normal", kind=PhaseKind.NORMAL, duration_s=4.0, rate=1.0),),
    slo={PhaseKind.NORMAL: Slo(p95_ms=100.0, p99_ms=200.0, goodput=0.9)},
)
HEADING = "<h2>What could not be checked</h2>"


def unknown(check: str, **facts: Any) -> Finding:
    """Return a finding that says nothing."""
    return Finding(**{"check": check, "status": Status.INCONCLUSIVE, "summary": f"{check}.", **facts})


def recorded(*offers: str) -> RunRecord:
    """Return the record of a run whose adapter has these methods."""
    return record_of(offers=offers or None)


def settled(*findings: Finding, offers: tuple[str, ...] = ALL, **readings: Any) -> dict[str, list[str]]:
    """Return by number or name of a check the first words of what would settle it."""
    read = FinalReadings(**readings)
    rows = unchecked_of(plan_of(), recorded(*offers), read, findings)
    return {
        number or shows: [way.split(":")[0] for way in row.settled_by]
        for row in rows
        for number, shows in row.checks
    }


@pytest.mark.parametrize(
    ("check", "offers", "ways"),
    [
        pytest.param("invariant.I16.legal_states", ALL, ["final_readings()"], id="a reading"),
        pytest.param(
            "invariant.I23.gift_card_balance",
            ("pay",),
            ["final_readings()", "final_readings()", "apply_gift_card()"],
            id="two readings and a method",
        ),
        pytest.param(
            "invariant.I11.callback_once",
            ("view",),
            ["final_readings()", "pay()"],
            id="a shop without payment",
        ),
    ],
)
def test_each_check_names_what_would_settle_it(check: str, offers: tuple[str, ...], ways: list[str]) -> None:
    """Readings that were not there, and methods that the adapter has not got."""
    number = check.split(".")[1]

    assert settled(unknown(check), offers=offers) == {number: ways}


def test_a_promise_about_payments_in_a_shop_that_takes_none() -> None:
    """It is about every phase, and is told once."""
    findings = [unknown("slo.payment_success", subject=phase) for phase in ("normal", "burst")]

    assert settled(*findings, offers=("view",)) == {"payments succeed as promised": ["pay()"]}


@pytest.mark.parametrize(
    "finding",
    [
        pytest.param(unknown("invariant.I25.no_early_sale"), id="one that needs nothing of an adapter"),
        pytest.param(unknown("invariant.I11.callback_once"), id="one whose reading was there"),
        pytest.param(unknown("slo.p99"), id="too few samples"),
        pytest.param(
            Finding(check="invariant.I16.legal_states", status=Status.FAIL, summary="Broken."),
            id="broken by what there was",
        ),
    ],
)
def test_what_was_possible_is_not_named(finding: Finding) -> None:
    """A check that was put to no test is another thing: another run may decide it."""
    events = (EventReading(event_id="e", order_id="o", received=1, effects=1),)

    assert settled(finding, events=events) == {}


def test_checks_with_the_same_mend_stand_together() -> None:
    """A reader who adds one reading sees all that it settles, in the order of the findings."""
    findings = [unknown(f"invariant.{check}") for check in ("I16.legal_states", "I4.no_double_charge")]
    findings += [unknown("invariant.I26.capture_authorized"), unknown("invariant.I4.no_double_charge")]
    rows = unchecked_of(plan_of(), recorded(*ALL), readings_of_without_charges(), findings)

    assert [row.checks for row in rows] == [
        (("I16", "no order changed as none may"),),
        (("I4", "nobody was charged twice"), ("I26", "every charge was authorized")),
    ]


def readings_of_without_charges() -> FinalReadings:
    """Return readings of a shop whose provider tells nothing."""
    read = readings_of()
    return FinalReadings(stock=read.stock, orders=read.orders)


def test_a_shop_that_could_not_be_read_is_the_reason_and_not_the_adapter() -> None:
    """Nobody is told to write what is written."""
    rows = settled(unknown("invariant.I2.stock_conserved"), unread="http://x gave no reading.")

    assert rows == {"I2": ["a shop that can be read after the run; of this one it is said"]}


def test_a_run_of_before_is_not_said_to_lack_methods() -> None:
    """Its record does not name them."""
    rows = unchecked_of(plan_of(), recorded(), FinalReadings(), [unknown("slo.payment_success")])

    assert rows == ()


def test_with_a_locustfile_it_takes_shoppers_who_tell() -> None:
    """What the books decide alone needs no more than the reading."""
    checks = ("invariant.I1.no_oversell", "invariant.I16.legal_states", "slo.coverage")
    rows = unchecked_of(STRANGERS, recorded(), FinalReadings(), [unknown(check) for check in checks])
    shoppers, books = rows

    assert (shoppers.checks, books.checks) == (
        (("I1", "nothing was oversold"),),
        (("I16", "no order changed as none may"),),
    )
    assert [way.split(" ")[0] for way in shoppers.settled_by] == ["an", "final_readings():"]
    assert [way.split(" ")[0] for way in books.settled_by] == ["final_readings():"]


def page(plan: Plan, *findings: Finding, record: RunRecord, readings: FinalReadings) -> str:
    """Return the page of a run of which nothing else is told."""
    timeline = timeline_of(plan)
    verdict = verdict_of(findings)
    report = report_of(plan, timeline, record, findings, verdict, frame_of([], timeline), readings)
    return page_of(report, {})


@pytest.mark.usefixtures("undrawn")
def test_of_our_own_shoppers_the_section_comes_before_the_findings() -> None:
    """And the reasons count what stands there."""
    findings = (unknown("invariant.I16.legal_states"), unknown("invariant.I25.no_early_sale"))
    text = page(plan_of(), *findings, record=recorded(*ALL), readings=readings_of())

    assert text.index("<h2>The books afterwards</h2>") < text.index(HEADING) < text.index("<h2>All findings")
    assert "One check was impossible; what would settle it is told under" in text
    assert "invariant.I25.no_early_sale." in text.split(HEADING)[0]


@pytest.mark.usefixtures("undrawn")
def test_of_a_locustfile_it_comes_first_after_the_verdict() -> None:
    """There the business is what nobody was told of: a reader must know before any number."""
    text = page(STRANGERS, unknown("invariant.I1.no_oversell"), record=recorded(), readings=FinalReadings())

    assert text.index("INCONCLUSIVE") < text.index(HEADING) < text.index("<h2>What was asked")
    assert text.count(HEADING) == 1
    assert "own books alone" in text


@pytest.mark.usefixtures("undrawn")
def test_where_all_could_be_checked_there_is_no_such_section() -> None:
    """Not even an empty one."""
    passed = Finding(check="invariant.I1.no_oversell", status=Status.PASS, summary="Held.")

    assert HEADING not in page(plan_of(), passed, record=recorded(*ALL), readings=readings_of())


def test_reasons_count_a_check_once_however_many_phases_it_is_of() -> None:
    """Two checks, one of them in two phases; what failed stands before in full."""
    failed = Finding(check="slo.goodput", status=Status.FAIL, summary="Too few.")
    findings = [failed, *(unknown("slo.payment_success", subject=phase) for phase in "ab"), unknown("x.y")]
    reasons = reasons_of(
        verdict_of(findings), findings, None, (), lambda finding: finding.check != "slo.goodput"
    )

    assert reasons == (
        "Too few.",
        "2 checks were impossible; what would settle them is told under “What could not be checked”.",
    )


def test_only_what_is_unknown_can_have_been_impossible() -> None:
    """A pass is no gap."""
    passed = Finding(check="invariant.I16.legal_states", status=Status.PASS, summary="Held.")

    assert not is_impossible(passed, plan_of(), recorded(*ALL), FinalReadings())


@pytest.mark.usefixtures("undrawn")
def test_a_shop_that_promises_nothing_about_payments_has_a_report(frame: pl.DataFrame) -> None:
    """Where the plan leaves the promise out, a share that was measured is over no limit."""
    plan = plan_of()
    slo = {kind: slo.model_copy(update={"payment_success": None}) for kind, slo in plan.slo.items()}
    bare, timeline = plan.model_copy(update={"slo": slo}), timeline_of(plan)
    findings = (Finding(check="slo.goodput", status=Status.PASS, summary="Good."),)
    report = report_of(bare, timeline, record_of(), findings, Verdict.GO, frame, readings_of())

    assert "<h2>Phase by phase</h2>" in page_of(report, {})
