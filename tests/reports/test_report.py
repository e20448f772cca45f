"""The report's value: reasons and the order of findings."""

from rehearsal.model.readings import FinalReadings
from rehearsal.model.timeline import Timeline
from rehearsal.model.verdict import Finding, Status, Verdict, verdict_of
from rehearsal.rundir.history_file import frame_of
from reports.report import Report, report_of
from tests.reports.run_factory import plan_of, record_of


def report_on(timeline: Timeline, *findings: Finding) -> Report:
    """Return the report of findings over an empty history."""
    frame = frame_of((), timeline)
    verdict = verdict_of(findings)
    return report_of(plan_of(), timeline, record_of(), findings, verdict, frame, FinalReadings())


def finding(check: str, status: Status = Status.PASS, summary: str = "") -> Finding:
    """Return a finding."""
    return Finding(check=check, status=status, summary=summary or f"{check} {status}")


_BOOKS = (
    "The books are in order: nothing was oversold, nobody was charged twice, no paid order was lost, "
    "nobody got more than the limit, the provider's ledger balances."
)


def test_a_go_is_carried_by_a_few_facts(go: Report) -> None:
    """Headroom, each fault survived with its time to recover, the books, the number of checks."""
    assert go.verdict is Verdict.GO
    assert go.reasons == (
        "It held 39.2 visits a second, 1.31 times the forecast peak of 30; 1.3 times is asked for.",
        "Payment provider unreachable: survived, and back to normal 1.5 s after mending (6 s allowed).",
        "Answer lost after capture: survived, and back to normal 2.5 s after mending (6 s allowed).",
        "Region A lost: survived, and back to normal 3.5 s after mending (8 s allowed).",
        _BOOKS,
        "Every check passed, 38 of 38.",
    )


def test_a_no_go_gives_the_failed_findings(no_go: Report) -> None:
    """Nothing that passed is among the reasons."""
    assert no_go.verdict is Verdict.NO_GO
    assert no_go.reasons == (
        "153 units of flash were sold, 150 existed: 3 too many",
        "burst: p99 response time 812 ms over 1400 requests",
    )


def test_reasons_come_worst_first(timeline: Timeline) -> None:
    """Failed before invalid before not known, the lesser ones by their word."""
    report = report_on(
        timeline,
        finding("slo.a", Status.INCONCLUSIVE),
        finding("slo.b"),
        finding("slo.c", Status.INVALID),
        finding("slo.d", Status.FAIL),
    )

    assert report.reasons == ("slo.d FAIL", "Invalid: slo.c INVALID", "Not known: slo.a INCONCLUSIVE")


def test_no_findings_is_the_reason_itself(timeline: Timeline) -> None:
    """An empty set of checks never passes, and the report says so."""
    report = report_on(timeline)

    assert report.verdict is Verdict.INCONCLUSIVE
    assert report.reasons == ("No check was made, and an empty set of checks never passes.",)


def test_a_go_claims_nothing_that_was_not_judged(timeline: Timeline) -> None:
    """Without findings on headroom, faults and books their sentences are left out."""
    assert report_on(timeline, finding("slo.goodput")).reasons == ("Every check passed, 1 of 1.",)


def test_an_unknown_invariant_is_told_by_its_name(timeline: Timeline) -> None:
    """A new invariant needs no change here."""
    report = report_on(timeline, finding("invariant.I99.carts_survive"))

    assert report.reasons[0] == "The books are in order: carts survive."


def test_families_come_in_reading_order_and_strangers_last(timeline: Timeline) -> None:
    """What approvers ask first stands first; a family that is not known comes last, by name."""
    checks = ("run.completed", "ledger.balance", "slo.goodput", "headroom.proof", "audit.x")
    report = report_on(timeline, *(finding(check) for check in checks))

    assert [family for family, _ in report.families] == ["headroom", "slo", "ledger", "audit", "run"]


def test_findings_of_one_status_keep_the_order_of_the_judges(timeline: Timeline) -> None:
    """Phases follow each other as in the plan, not as in the alphabet; what failed comes before."""
    checks = (finding("slo.z"), finding("slo.a"), finding("slo.m", Status.FAIL))
    ((_, found),) = report_on(timeline, *checks).families

    assert [one.check for one in found] == ["slo.m", "slo.z", "slo.a"]
