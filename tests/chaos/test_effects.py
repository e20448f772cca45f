"""Each check is seen passing, failing and undecided on histories of a few rows."""

from typing import Any

import msgspec
import pytest

from chaos.effects import fault_findings
from rehearsal.model.clock import NS_PER_S
from rehearsal.model.faults import FaultKind
from rehearsal.model.history import Kind, Outcome, Row, Step
from rehearsal.model.verdict import Status
from rehearsal.rundir.history_file import frame_of
from tests.chaos.fault_rows import DOWN, KILLED, LOST, OK, judge, op, step, steps, timeline

UNAVAILABLE: dict[str, Any] = {"outcome": Outcome.FAIL, "error": "payment_unavailable", "channel": "card"}
PENDING: dict[str, Any] = {"outcome": Outcome.INFO, "error": "pending", "channel": "card"}


@pytest.mark.parametrize(
    ("kind", "ops", "words"),
    [
        pytest.param(
            DOWN, [op(Step.PAY, 15, **UNAVAILABLE)], "1 request of payment met it", id="refused card"
        ),
        pytest.param(
            DOWN, [op(Step.PAY, 15, **PENDING)] * 2, "2 requests of payment met it", id="unknown cards"
        ),
        pytest.param(
            LOST, [op(Step.PAY, 15, **PENDING)], "1 request of payment met it", id="pending payment"
        ),
        pytest.param(
            KILLED,
            [op(Step.PRODUCT, 15, outcome=Outcome.FAIL, region="a")],
            "1 request failed there and no visit moved away",
            id="a request failed in the lost region",
        ),
        pytest.param(
            KILLED,
            [
                op(Step.PRODUCT, 9, visit=7, region="a", **OK),
                op(Step.PRODUCT, 10.005, visit=8, region="a", **OK),
                op(Step.ORDER, 12, visit=7, region="b", **OK),
            ],
            "no request failed there and 1 visit moved away",
            id="a visit moved over, an answer in flight arrived",
        ),
        pytest.param(
            FaultKind.REGION_PAUSED,
            [msgspec.structs.replace(op(Step.PRODUCT, 20.5, region="a", **OK), sent_ns=12 * NS_PER_S)],
            "1 request waited there till it was over",
            id="a request was answered when the region went on",
        ),
    ],
)
def test_felt(kind: FaultKind, ops: list[Row], words: str) -> None:
    """A fault that the canary proved and shoppers met passes, with both in its words."""
    effect, healed = judge([*steps(kind), *ops], kind)

    assert (effect.check, effect.status) == (f"fault.{kind}.effect", Status.PASS)
    assert effect.summary == f"The canary proved it (it is broken); {words}."
    assert effect.evidence == {"canary": "it is broken", "start_s": 10.0, "end_s": 20.0}
    assert (healed.check, healed.status) == (f"fault.{kind}.healed", Status.PASS)
    assert (healed.measured, healed.unit) == (1.25, "s")
    assert "it: works" in healed.summary


@pytest.mark.parametrize(
    ("kind", "ops", "words"),
    [
        pytest.param(DOWN, [], "no request of payment met it", id="nobody paid"),
        pytest.param(
            DOWN, [op(Step.PAY, 9, **UNAVAILABLE)], "no request of payment", id="met before the fault"
        ),
        pytest.param(
            DOWN, [op(Step.PAY, 20, **UNAVAILABLE)], "no request of payment", id="met after the healing"
        ),
        pytest.param(
            DOWN, [op(Step.PAY, 15, channel="card", **OK)], "no request of payment", id="cards went through"
        ),
        pytest.param(
            DOWN,
            [op(Step.PAY, 15, **{**PENDING, "channel": "pay_later"})],
            "no request of payment",
            id="another channel",
        ),
        pytest.param(LOST, [op(Step.ORDER, 15, **PENDING)], "no request of payment", id="somebody ordered"),
        pytest.param(KILLED, [], "no request failed there and no visit", id="nobody was there"),
        pytest.param(
            KILLED,
            [op(Step.PRODUCT, 15, region="a", outcome=Outcome.FAIL), op(Step.PRODUCT, 16, region="a", **OK)],
            "region a went on serving: 1 request there",
            id="the lost region served",
        ),
        pytest.param(
            KILLED,
            [op(Step.FLASH_BUY, 10.3, region="a", outcome=Outcome.FAIL, error="sold_out")],
            "no request failed",
            id="a refusal is no failure",
        ),
        pytest.param(
            KILLED,
            [op(Step.ROUTE, 9, region="a", **OK), op(Step.ROUTE, 15, region="b", **OK)],
            "no visit moved",
            id="requests outside visits do not move",
        ),
        pytest.param(
            KILLED,
            [op(Step.PRODUCT, 9, visit=7, region="a", **OK), op(Step.ROUTE, 15, visit=7, **OK)],
            "no visit moved",
            id="asking the director is not being served",
        ),
    ],
)
def test_never_felt(kind: FaultKind, ops: list[Row], words: str) -> None:
    """A fault that no shopper met proves nothing about the shop."""
    effect, _ = judge([*steps(kind), *ops], kind)

    assert effect.status is Status.INCONCLUSIVE
    assert words in effect.summary


def test_unproven_effect() -> None:
    """A fault that the canary did not see is not counted, whatever shoppers met."""
    rows = steps(DOWN)
    rows[1] = step(DOWN, "effect: pay_status still answers", 10.0, outcome="info")
    effect, healed = judge([*rows, op(Step.PAY, 15, **UNAVAILABLE)], DOWN)

    assert effect.status is Status.INCONCLUSIVE
    assert "pay_status still answers" in effect.summary
    assert healed.status is Status.PASS


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        pytest.param(
            [*steps(DOWN)[:2], step(DOWN, "heal: API is wedged", 20, outcome="fail")],
            "API is wedged",
            id="healing failed",
        ),
        pytest.param(
            [*steps(DOWN)[:3], step(DOWN, "healed: still refused", 20, outcome="fail")],
            "still refused",
            id="healing was not proven",
        ),
        pytest.param(steps(DOWN)[:3], "the step 'healed' was never reached", id="the proof is missing"),
        pytest.param(steps(DOWN)[:2], "the step 'heal' was never reached", id="the harness was killed"),
    ],
)
def test_not_healed(rows: list[Row], words: str) -> None:
    """A fault without proof of healing fails; its effect is judged up to the healing or the window's end."""
    effect, healed = judge([*rows, op(Step.PAY, 19.9, **UNAVAILABLE)], DOWN)

    assert effect.status is Status.PASS
    assert healed.status is Status.FAIL
    assert words in healed.summary


def test_a_proof_in_vain_says_when_it_was_tried() -> None:
    """Where the machine starved in those seconds, nobody may blame the shop."""
    rows = [*steps(DOWN)[:3], step(DOWN, "healed: still refused", 20, took_s=5, outcome="fail")]
    _, healed = judge(rows, DOWN)
    mended, seen = (row.done_ns / NS_PER_S for row in rows[2:])

    assert healed.evidence == {"start_s": mended, "end_s": seen}


def test_a_mending_that_failed_was_not_tried_in_vain() -> None:
    """There is no time to excuse it by."""
    _, healed = judge([*steps(DOWN)[:2], step(DOWN, "heal: API is wedged", 20, outcome="fail")], DOWN)

    assert healed.evidence == {}


def test_no_trace() -> None:
    """A fault that left no rows is undecided twice, never passed."""
    effect, healed = judge([], DOWN)

    assert [effect.status, healed.status] == [Status.INCONCLUSIVE, Status.INCONCLUSIVE]
    assert "never reached" in effect.summary


def test_failed_injection() -> None:
    """A fault that could not be injected is undecided, and healed if it was."""
    rows = [
        step(DOWN, "inject: refused", 10, outcome="fail"),
        step(DOWN, "heal: mended", 10),
        step(DOWN, "healed: works", 10),
    ]
    effect, healed = judge(rows, DOWN)

    assert [effect.status, healed.status] == [Status.INCONCLUSIVE, Status.PASS]


def test_the_same_fault_twice() -> None:
    """The second fault of a kind is judged by its own rows; a third that never began is undecided."""
    second = steps(DOWN, 30.0)
    second[3] = step(DOWN, "healed: still refused", 40, outcome="fail")
    rows = [*steps(DOWN), *second, op(Step.PAY, 35, **UNAVAILABLE)]

    statuses = [finding.status for finding in judge(rows, DOWN, DOWN, DOWN)]

    assert statuses == [
        Status.INCONCLUSIVE,
        Status.PASS,
        Status.PASS,
        Status.FAIL,
        Status.INCONCLUSIVE,
        Status.INCONCLUSIVE,
    ]


def test_rows_before_any_injection() -> None:
    """A stray step without its injection belongs to no fault."""
    effect, healed = judge([step(DOWN, "healed: works", 10)], DOWN)

    assert [effect.status, healed.status] == [Status.INCONCLUSIVE, Status.INCONCLUSIVE]


def test_no_faults() -> None:
    """A plan without faults has no findings about them."""
    assert fault_findings(frame_of([], timeline()), timeline()) == ()


FELT_ANYHOW = [
    ("an answer of 5xx that the file calls good", {"outcome": Outcome.OK, "status": 503}, Status.PASS),
    ("no answer", {"outcome": Outcome.INFO, "error": "timeout"}, Status.PASS),
    ("no connection", {"outcome": Outcome.FAIL, "error": "connect_refused"}, Status.PASS),
    ("a refusal", {"outcome": Outcome.FAIL, "status": 409}, Status.INCONCLUSIVE),
    ("all well", {"outcome": Outcome.OK, "status": 200}, Status.INCONCLUSIVE),
]


@pytest.mark.parametrize("kind", [DOWN, LOST, KILLED])
@pytest.mark.parametrize(("what", "facts", "status"), FELT_ANYHOW, ids=[row[0] for row in FELT_ANYHOW])
def test_a_strangers_requests_feel_a_fault_by_any_answer(
    kind: FaultKind, what: str, facts: dict[str, Any], status: Status
) -> None:
    """No step is known by its name: what the shop failed to answer within the fault has met it."""
    placed = timeline(kind)
    done_ns = 15 * NS_PER_S
    request = Row(kind=Kind.OP, f="POST /pay", due_ns=done_ns, sent_ns=done_ns, done_ns=done_ns, **facts)
    effect, _ = fault_findings(frame_of([*steps(kind), request], placed), placed, by_step=False)

    assert (status, f"fault.{kind}.effect") == (effect.status, effect.check), what
