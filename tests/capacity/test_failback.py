"""The way back: noticed, not noticed, and nothing to notice."""

import pytest

from capacity.failback import judge_failback
from rehearsal.model.faults import FaultKind
from rehearsal.model.history import Row
from rehearsal.model.verdict import Finding, Status
from tests.capacity.drilled import NO_ANSWER, drilled, each_second, fault_of


def judged(rows: list[Row], kind: FaultKind = FaultKind.REGION_KILLED) -> Finding | None:
    """Return the finding on a fault held from 12 s to 20 s, watched for five seconds afterwards."""
    requests, drill = drilled(fault_of(kind), rows)
    return judge_failback(requests, drill=drill)


def pages(bad: dict[int, int]) -> list[Row]:
    """Return twenty pages a second from 12 s on, so many of a second not answered."""
    return [
        row
        for second in range(12, 40)
        for row in (
            *each_second([second], "product", per_s=20 - bad.get(second, 0)),
            *each_second([second + 0.001], "product", per_s=bad.get(second, 0) or 1, **NO_ANSWER)[
                : bad.get(second, 0)
            ],
        )
    ]


@pytest.mark.parametrize(
    ("bad", "status", "dip"),
    [
        pytest.param({}, Status.PASS, 0.0, id="nobody notices"),
        pytest.param({21: 2}, Status.PASS, 0.05, id="a twentieth"),
        pytest.param({21: 4}, Status.PASS, 0.1, id="a tenth of forty may be chance"),
        pytest.param({21: 6}, Status.FAIL, 0.15, id="more than chance"),
        pytest.param({20: 20, 21: 20}, Status.FAIL, 1.0, id="two seconds of nothing"),
        pytest.param({30: 20}, Status.PASS, 0.0, id="long after the way back"),
        pytest.param(dict.fromkeys((18, 19), 8), Status.PASS, 0.0, id="better than before the healing"),
    ],
)
def test_failback(bad: dict[int, int], status: Status, dip: float) -> None:
    """Goodput may dip by a twentieth; what chance explains passes."""
    finding = judged(pages(bad))

    assert finding is not None
    assert status is finding.status
    assert finding.measured == pytest.approx(100 * dip)


def test_few_requests_are_pooled() -> None:
    """Seconds too empty to say anything of a twentieth count together with those before them."""
    finding = judged(pages({})[:190])

    assert finding is not None
    assert finding.evidence["samples"] == 30


@pytest.mark.parametrize(
    ("rows", "kind"),
    [
        pytest.param(pages({}), FaultKind.PAYMENT_UNREACHABLE, id="no region's fault"),
        pytest.param(pages(dict.fromkeys(range(12, 20), 20)), FaultKind.REGION_KILLED, id="down to the end"),
        pytest.param(pages({})[:170], FaultKind.REGION_KILLED, id="nobody came afterwards"),
    ],
)
def test_no_way_back(rows: list[Row], kind: FaultKind) -> None:
    """Without a region, goodput before the healing and requests after it there is nothing to dip."""
    assert judged(rows, kind) is None
