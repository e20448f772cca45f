"""Invariants of a run whose shoppers kept to themselves what they were told."""

import pytest
from msgspec.structs import replace

from chaos.invariants.audit import INVARIANTS, audit
from chaos.invariants.scope import applies
from chaos.invariants.untold import untold
from rehearsal.model.plan import Phase, PhaseKind, Plan, Sale, Traffic
from rehearsal.model.readings import ChargeReading, FinalReadings, OrderLine, OrderReading, StockReading
from rehearsal.model.timeline import timeline_of
from rehearsal.model.verdict import Finding, Status
from rehearsal.rundir.history_file import frame_of
from tests.chaos.invariants.conftest import GOOD_BOOKS, readings

PHASE = Phase(name="burst", kind=PhaseKind.WARMUP, duration_s=5.0, rate=1.0)
TRAFFIC = Traffic(locustfile="theirs.py", users=5, multiplier=5.0)
CAPTURE = ChargeReading(
    entry_id="e1", kind="capture", payment_id="pay1", order_id="o1", amount_cents=100, idempotency_key="k"
)


def order(number: int, sku: str = "p1", qty: int = 1) -> OrderReading:
    """Return a paid order of one line."""
    return OrderReading(
        order_id=f"o{number}",
        shopper=f"s{number}",
        intent=f"i{number}",
        status="paid",
        channel="card",
        total_cents=100 * qty,
        region="a",
        lines=(OrderLine(sku=sku, qty=qty, price_cents=100),),
    )


def found(
    final: FinalReadings, *, sale: Sale | None = None, traffic: Traffic = TRAFFIC
) -> dict[str, Finding]:
    """Return what the audit finds without a word of any shopper, by invariant."""
    plan = Plan(name="theirs", traffic=traffic, phases=(PHASE,), slo={}, sale=sale or Sale())
    findings = audit(frame_of([], timeline_of(plan)), final, plan)
    return {finding.check.removeprefix("invariant."): finding for finding in findings}


def test_the_books_are_audited_and_promises_are_unknown() -> None:
    """What the shop's and the provider's books say is judged; what shoppers were told nobody knows."""
    stock = StockReading(sku="p1", initial=10, available=9, reserved=0, sold=1)
    states = found(FinalReadings(stock=(stock,), orders=(order(1),), charges=(CAPTURE,)))
    unknown = {name for name, finding in states.items() if finding.status is Status.INCONCLUSIVE}

    assert states["I2.stock_conserved"].status is Status.PASS
    assert states["I21.ledger_balance"].status is Status.PASS
    assert {"I5.no_lost_paid_order", "I9.indeterminate_resolves", "I20.no_lost_order"} <= unknown
    assert "a locustfile keeps that to itself" in states["I5.no_lost_paid_order"].summary


def test_what_the_books_decide_is_decided() -> None:
    """States, callbacks, charges, ids and confirmations need nobody to tell of them."""
    books = readings(*GOOD_BOOKS)
    passed = {name for name, finding in found(books).items() if finding.status is Status.PASS}
    by_the_books = ("I7.", "I11.", "I16.", "I17.", "I22.", "I26.")

    assert all(any(name.startswith(number) for name in passed) for number in by_the_books)
    assert not any(name.startswith(("I3.", "I5.", "I8.", "I18.")) for name in passed)


def test_what_the_books_prove_broken_is_broken() -> None:
    """An order charged twice needs no shopper to complain."""
    twice = (CAPTURE, replace(CAPTURE, entry_id="e2", payment_id="pay2"))
    states = found(FinalReadings(orders=(order(1),), charges=twice))

    assert states["I4.no_double_charge"].status is Status.FAIL


def test_without_a_sale_nothing_is_asked_of_one() -> None:
    """No stock was named, no limit and no T-0."""
    plan = Plan(name="theirs", traffic=TRAFFIC, phases=(PHASE,), slo={})

    assert {name for name in INVARIANTS if applies(name, plan)} == set(found(FinalReadings()))
    assert "I1.no_oversell" not in found(FinalReadings())


def test_a_sale_sold_beyond_its_stock_fails_by_the_orders_alone() -> None:
    """With a sale in the plan its invariants are judged, as far as the books go."""
    sale = Sale(sku="flash", stock=1, opens_with="burst")
    oversold = FinalReadings(orders=(order(1, "flash"), order(2, "flash")))
    undersold = FinalReadings(orders=(order(1, "flash"),))

    assert found(oversold, sale=sale)["I1.no_oversell"].status is Status.FAIL
    assert found(undersold, sale=sale)["I1.no_oversell"].status is Status.INCONCLUSIVE


@pytest.mark.parametrize("status", [Status.PASS, Status.INCONCLUSIVE])
def test_a_pass_on_no_evidence_is_none(status: Status) -> None:
    """The sentence names the invariant, for several such stand side by side."""
    finding = untold(Finding(check="invariant.I20.no_lost_order", status=status, summary="All is well."))

    assert finding.status is Status.INCONCLUSIVE
    assert finding.summary.startswith("I20 (no lost order) needs what the shop told its shoppers")


def test_visits_of_a_log_hear_nothing_either() -> None:
    """The sentence says why; carts, which a log may hold, are not left out in silence."""
    states = found(FinalReadings(), traffic=Traffic(log="access.log", normal_per_s=1.0, multiplier=5.0))

    assert {Status.INCONCLUSIVE} == {finding.status for finding in states.values()}
    assert "visits of an access log only ask for pages" in states["I20.no_lost_order"].summary
    assert "I18.cart_isolation" in states
