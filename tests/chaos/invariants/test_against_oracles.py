"""Seven invariants against slow ones that anybody can check by eye, on histories full of coincidences."""

from hypothesis import given, settings

from chaos.invariants import (
    i01_no_oversell,
    i04_no_double_charge,
    i05_no_lost_paid_order,
    i08_fail_means_fail,
    i10_idempotent_replay,
    i13_coupon_cap,
    i18_cart_isolation,
)
from chaos.invariants.audit import Check
from chaos.invariants.books import Books
from rehearsal.model.history import Row
from rehearsal.model.plan import Coupon, Plan
from rehearsal.model.readings import (
    FinalReadings,
)
from rehearsal.model.timeline import timeline_of
from rehearsal.model.verdict import Finding, Status
from rehearsal.rundir.history_file import frame_of
from tests.chaos.invariants import oracles
from tests.chaos.invariants.conftest import PLAN
from tests.chaos.invariants.worlds import books, histories

WITH_COUPON = PLAN.model_copy(update={"coupon": Coupon(code="save", cents=10, cap=2)})


def judged(check: Check, rows: list[Row], final: FinalReadings, plan: Plan = PLAN) -> Finding:
    """Return what an invariant finds."""
    return check(Books.of(frame_of(rows, timeline_of(plan)), final), plan)


def agrees(finding: Finding, broken: set[str]) -> bool:
    """Tell whether a finding names just the broken, and proves it in twelve entries at most."""
    proof = finding.evidence.get("proof", [])
    named = set(finding.ids) if finding.status is Status.FAIL else set()
    return named == broken and bool(proof) is bool(broken) and len(proof) <= 12


@settings(max_examples=60, deadline=None)
@given(rows=histories(), final=books())
def test_sums_by_the_oracles(rows: list[Row], final: FinalReadings) -> None:
    """Whether units and uses are within their bounds is what loops over every instant and order come to."""
    oversold = judged(i01_no_oversell.check, rows, final)
    coupon = judged(i13_coupon_cap.check, rows, final, WITH_COUPON)

    assert oracles.oversold(rows, final, PLAN) is (oversold.status is Status.FAIL)
    assert oracles.coupon_broken(final, WITH_COUPON) is (coupon.status is Status.FAIL)


@settings(max_examples=60, deadline=None)
@given(rows=histories(), final=books())
def test_names_by_the_oracles(rows: list[Row], final: FinalReadings) -> None:
    """Every order, intent and shopper that is named is what dictionaries come to, and no other."""
    assert agrees(judged(i04_no_double_charge.check, rows, final), oracles.charged_wrongly(rows, final))
    assert agrees(judged(i05_no_lost_paid_order.check, rows, final), oracles.lost(rows, final))
    assert agrees(judged(i08_fail_means_fail.check, rows, final), oracles.left_behind(rows, final))
    assert agrees(judged(i10_idempotent_replay.check, rows, final), oracles.not_idempotent(rows, final))
    assert agrees(judged(i18_cart_isolation.check, rows, final), oracles.cart_broken(rows, final))
