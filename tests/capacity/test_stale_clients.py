"""The tail of shoppers who were still sent to the lost region."""

from dataclasses import replace
from typing import Any

import pytest

from capacity.stale_clients import judge_stale_clients
from rehearsal.model.clock import NS_PER_S
from rehearsal.model.faults import FaultKind
from rehearsal.model.history import Row
from rehearsal.model.verdict import Finding, Status
from tests.capacity.drilled import UNREACHED, drilled, each_second, fault_of

BEFORE = each_second(range(12), "product", region="a")


def elsewhere(seconds: range = range(12, 20)) -> list[Row]:
    """Return requests that the other region answered."""
    return each_second(seconds, "product", region="b")


def lost(*seconds: float, per_s: int = 5, f: str = "product") -> list[Row]:
    """Return requests for the lost region."""
    return each_second([second + 0.05 for second in seconds], f, per_s=per_s, region="a", **UNREACHED)


def judged(rows: list[Row], kind: FaultKind = FaultKind.REGION_KILLED, **fault: Any) -> Finding | None:
    """Return the finding on region a, lost from 12 s to 20 s."""
    requests, drill = drilled(fault_of(kind, **fault), rows)
    return judge_stale_clients(requests, drill=drill)


@pytest.mark.parametrize(
    ("rows", "status", "tail_s"),
    [
        pytest.param([], Status.PASS, 0.0, id="nobody"),
        pytest.param(lost(12, 13), Status.PASS, 1.85, id="two seconds"),
        pytest.param(lost(18, per_s=1), Status.FAIL, 6.05, id="one shopper after six seconds"),
        pytest.param(lost(18, f="route"), Status.PASS, 0.0, id="what the director says is no use"),
        pytest.param(lost(21), Status.PASS, 0.0, id="after the healing it is no lost region"),
    ],
)
def test_tail(rows: list[Row], status: Status, tail_s: float) -> None:
    """Five seconds are allowed from the injection to the last request for the lost region."""
    finding = judged([*BEFORE, *elsewhere(), *rows])

    assert finding is not None
    assert status is finding.status
    assert finding.measured == pytest.approx(tail_s)


def test_a_short_fault_shows_old_clients_by_their_share() -> None:
    """Within the time allowed, and yet half of all requests still go there in the fault's second half."""
    rows = [*BEFORE, *elsewhere(), *lost(*range(12, 20), per_s=10)]
    patient = judged(rows, recover_within_s=20.0)
    stale = judged(rows, FaultKind.ROUTING_STALE, recover_within_s=20.0)

    assert patient is not None
    assert (patient.status, patient.evidence["still"]) == (Status.FAIL, 40)
    assert stale is not None
    assert stale.status is Status.PASS


def test_a_region_whose_healing_has_begun_is_not_lost() -> None:
    """It may answer before the healing is done; who asks it then holds no old route."""
    requests, drill = drilled(fault_of(FaultKind.REGION_KILLED), [*BEFORE, *elsewhere(), *lost(20)])
    slow = replace(drill, heal_ns=drill.released_ns + 2 * NS_PER_S)
    finding = judge_stale_clients(requests, drill=slow)

    assert finding is not None
    assert (finding.status, finding.measured) == (Status.PASS, 0.0)


def test_of_two_faults_the_second_takes_the_region_away() -> None:
    """Until it strikes the region is not lost, however long the first has been there."""
    kind = FaultKind.ANSWER_LOST_AND_REGION_KILLED
    requests, drill = drilled(fault_of(kind), [*BEFORE, *elsewhere(), *lost(*range(12, 16), per_s=10)])
    late = replace(drill, injected_ns=16 * NS_PER_S)
    finding = judge_stale_clients(requests, drill=late)

    assert finding is not None
    assert (finding.status, finding.measured, finding.evidence["still"]) == (Status.PASS, 0.0, 0)


@pytest.mark.parametrize(
    ("rows", "kind"),
    [
        pytest.param([*BEFORE, *lost(13)], FaultKind.PAYMENT_UNREACHABLE, id="no region is lost"),
        pytest.param(elsewhere(range(20)), FaultKind.REGION_KILLED, id="nobody used it before"),
    ],
)
def test_no_tail(rows: list[Row], kind: FaultKind) -> None:
    """Without a lost region that somebody used there is no tail."""
    assert judged(rows, kind) is None
