"""Who counts as having felt a fault, kind by kind."""

from typing import Any

import pytest

from chaos.effects import fault_findings
from rehearsal.model.clock import NS_PER_S
from rehearsal.model.faults import FaultKind
from rehearsal.model.history import Kind, Outcome, Row, Step
from rehearsal.model.timeline import PlacedFault, Timeline
from rehearsal.model.verdict import Status
from rehearsal.rundir.history_file import frame_of
from tests.chaos.fault_rows import DOWN, LOST, OK, judge, op, step, steps, timeline

SERVED: dict[str, Any] = {"outcome": Outcome.OK, "status": 200, "region": "a"}


@pytest.mark.parametrize(
    ("kind", "facts", "row", "status"),
    [
        pytest.param(FaultKind.PAYMENT_DECLINES, {}, {"error": "declined"}, Status.PASS, id="declined"),
        pytest.param(DOWN, {}, {"error": "declined"}, Status.INCONCLUSIVE, id="declined by another fault"),
        pytest.param(
            DOWN, {}, {"error": "no_socket", "status": 0}, Status.INCONCLUSIVE, id="our own failure"
        ),
        pytest.param(DOWN, {}, {"error": "busy", "status": 429}, Status.PASS, id="turned away"),
        pytest.param(
            FaultKind.CALLBACK_REPEATED,
            {},
            {"status": 500},
            Status.INCONCLUSIVE,
            id="nothing is to be noticed",
        ),
        pytest.param(FaultKind.DISK_FULL, {}, {"status": 503}, Status.PASS, id="a write was refused"),
        pytest.param(
            FaultKind.REGION_SLOW, {}, {**SERVED, "took_s": 0.6}, Status.PASS, id="slow there, and served"
        ),
        pytest.param(FaultKind.REGION_SLOW, {}, {**SERVED}, Status.INCONCLUSIVE, id="quick there"),
        pytest.param(
            FaultKind.REGION_SLOW,
            {},
            {**SERVED, "region": "b", "took_s": 2},
            Status.INCONCLUSIVE,
            id="slow elsewhere",
        ),
        pytest.param(FaultKind.DATABASE_SLOW, {}, {**SERVED, "took_s": 0.6}, Status.PASS, id="slow anywhere"),
        pytest.param(
            FaultKind.TOXIC, {"listener": "edge_a"}, {**SERVED, "took_s": 0.6}, Status.PASS, id="an edge"
        ),
        pytest.param(
            FaultKind.TOXIC,
            {"listener": "edge_b"},
            {**SERVED, "took_s": 0.6},
            Status.INCONCLUSIVE,
            id="another edge",
        ),
        pytest.param(
            FaultKind.TOXIC,
            {"listener": "pay_refund"},
            {"status": 500},
            Status.INCONCLUSIVE,
            id="an inner link",
        ),
        pytest.param(
            FaultKind.TOXIC,
            {"listener": "psp"},
            {"status": 500},
            Status.PASS,
            id="a listener of somebody's own Toxiproxy",
        ),
        pytest.param(FaultKind.COMMAND, {}, {"status": 500}, Status.PASS, id="whatever a command breaks"),
        pytest.param(
            FaultKind.ANSWER_LOST_AND_REGION_KILLED,
            {},
            {**SERVED},
            Status.INCONCLUSIVE,
            id="a lost region served",
        ),
    ],
)
def test_who_counts(kind: FaultKind, facts: dict[str, Any], row: dict[str, Any], status: Status) -> None:
    """Shoppers feel a fault where they are to notice it, by what befell them and not by the shop's rules."""
    placed = timeline(kind)
    fault = placed.faults[0].fault.model_copy(update=facts)
    placed = Timeline(placed.phases, placed.windows, (PlacedFault(fault, placed.faults[0].window),))
    told = {"outcome": Outcome.FAIL, "status": 402, **row}
    took_ns = round(told.pop("took_s", 0.01) * NS_PER_S)
    at_ns = 15 * NS_PER_S
    request = Row(kind=Kind.OP, f=Step.PAY, due_ns=at_ns, sent_ns=at_ns - took_ns, done_ns=at_ns, **told)
    effect, _ = fault_findings(frame_of([*steps(kind), request], placed), placed)

    assert effect.status is status, effect.summary


@pytest.mark.parametrize(
    ("outcome", "status"), [("ok", Status.PASS), ("info", Status.INCONCLUSIVE)], ids=["hit", "not hit"]
)
@pytest.mark.parametrize("kind", [LOST, FaultKind.CALLBACK_LOST, FaultKind.TOXIC])
def test_the_shop_s_own_counts(kind: FaultKind, outcome: str, status: Status) -> None:
    """Calls of the shop's own that went wrong are as good as shoppers; that none did proves nothing."""
    rows = [*steps(kind), step(kind, "felt: 7 calls went wrong", 19.9, outcome=outcome)]
    effect, healed = judge(rows, kind)

    assert effect.status is status
    assert effect.summary.endswith("; 7 calls went wrong.")
    assert effect.evidence["felt"] == "7 calls went wrong"
    assert healed.status is Status.PASS


def test_a_dark_region_that_serves_is_not_dark_whatever_else_was_hit() -> None:
    """Calls that went wrong elsewhere do not make up for it."""
    kind = FaultKind.ANSWER_LOST_AND_REGION_KILLED
    rows = [*steps(kind), step(kind, "felt: 7 calls went wrong", 19.9), op(Step.PAY, 15, region="a", **OK)]

    assert judge(rows, kind)[0].status is Status.INCONCLUSIVE
