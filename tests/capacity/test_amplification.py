"""Requests for each payment: at the shoppers, at the provider, and once it is over."""

import pytest

from capacity.amplification import judge_amplification
from rehearsal.model.faults import FaultKind
from rehearsal.model.history import Row
from rehearsal.model.readings import CallReading
from rehearsal.model.verdict import Finding, Status
from tests.capacity.drilled import HELD, NO_ANSWER, cards, drilled, fault_of


def sent(seconds: range, *, each: float = 1.0, per_s: int = 10) -> list[Row]:
    """Return payments of which some are sent again, so that `each` requests were sent in the mean."""
    first = cards(seconds, per_s=per_s)
    again = cards(seconds, per_s=round(per_s * (each - 1)), attempt=1) if each > 1 else []
    return [*first, *again]


def calls(*, excess: int) -> tuple[CallReading, ...]:
    """Return the provider's counts: 200 orders, captured with so many requests more."""
    return (
        CallReading(endpoint="authorize", requests=200, orders=200),
        CallReading(endpoint="capture", requests=200 + excess, orders=200),
        CallReading(endpoint="status", requests=5000, orders=100),
    )


def judged(
    rows: list[Row],
    counted: tuple[CallReading, ...] | None = None,
    kind: FaultKind = FaultKind.PAYMENT_SLOW,
) -> Finding | None:
    """Return the finding on a fault held from 12 s to 20 s."""
    requests, drill = drilled(fault_of(kind), rows)
    return judge_amplification(requests, drill=drill, drills=[drill], calls=counted)


@pytest.mark.parametrize(
    ("rows", "counted", "status", "measured"),
    [
        pytest.param(sent(HELD), calls(excess=0), Status.PASS, 1.0, id="one each"),
        pytest.param(sent(HELD, each=1.3), None, Status.PASS, 1.3, id="three in ten twice"),
        pytest.param(sent(HELD, each=1.4), None, Status.FAIL, 1.4, id="four in ten twice"),
        pytest.param(
            sent(HELD), calls(excess=24), Status.PASS, 1.3, id="24 more at the provider for 80 payments"
        ),
        pytest.param(sent(HELD), calls(excess=32), Status.FAIL, 1.4, id="32 more at the provider"),
        pytest.param(
            [*sent(HELD), *sent(range(25, 30), each=1.1)], None, Status.PASS, 1.0, id="few again afterwards"
        ),
        pytest.param(
            [*sent(HELD), *sent(range(25, 30), each=1.2)], None, Status.FAIL, 1.0, id="many again afterwards"
        ),
        pytest.param(
            [*sent(HELD), *sent(range(20, 25), each=2.0)], None, Status.PASS, 1.0, id="while recovering"
        ),
    ],
)
def test_amplification(
    rows: list[Row], counted: tuple[CallReading, ...] | None, status: Status, measured: float
) -> None:
    """At most 1.3 requests for each payment under the fault, and one afterwards."""
    finding = judged(rows, counted)

    assert finding is not None
    assert status is finding.status
    assert finding.measured == pytest.approx(measured)


def test_what_is_sent_on_purpose_is_no_retry() -> None:
    """Double clicks and requests sent again for the audit's sake are the shopper's, not the shop's doing."""
    finding = judged(
        [*sent(HELD), *cards(HELD, note="double_click", **NO_ANSWER), *cards(HELD, note="sent_again")]
    )

    assert finding is not None
    assert finding.measured == 1.0


@pytest.mark.parametrize(
    ("rows", "kind"),
    [
        pytest.param(sent(HELD, each=2.0), FaultKind.REGION_KILLED, id="no fault of payments"),
        pytest.param(sent(HELD, per_s=1), FaultKind.PAYMENT_SLOW, id="too few payments"),
    ],
)
def test_nothing_to_amplify(rows: list[Row], kind: FaultKind) -> None:
    """Other faults, or a handful of payments, have no amplification."""
    assert judged(rows, kind=kind) is None


def test_a_storm_of_retries_is_one_of_payments() -> None:
    """The retry storm hits everything, and payments are where it is measured."""
    finding = judged(sent(HELD, each=2.0), kind=FaultKind.CACHE_COLD_AND_RETRY_STORM)

    assert finding is not None
    assert finding.status is Status.FAIL
