"""The generator's honesty: each way of being late, starved or short of arrivals is named, and is INVALID."""

import pytest

from capacity.generator import (
    judge_adapter,
    judge_dropped,
    judge_generator,
    judge_machine,
    judge_send_lag,
    judge_sockets,
    starved_seconds,
)
from capacity.samples import timed_of
from rehearsal.model.history import Row
from rehearsal.model.plan import Limits, PhaseKind
from rehearsal.model.verdict import Status
from tests.capacity.conftest import drop, health, op, phase, plan_of, told, visit

LIMITS = Limits()


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        pytest.param([], {}, id="nothing at all"),
        pytest.param([op(3.2, lag_ms=50), visit(4)], {}, id="late up to the limit"),
        pytest.param([op(3.2, lag_ms=80)], {3: "requests sent 80 ms late"}, id="a late request"),
        pytest.param([visit(7.9, lag_ms=51)], {7: "requests sent 51 ms late"}, id="a late visit"),
        pytest.param([health(5, "stall_ms", 300)], {5: "stalled 300 ms"}, id="a stall"),
        pytest.param([health(5, "stall_ms", 250)], {}, id="a stall up to the limit"),
        pytest.param([health(5, "cpu", 0.99)], {5: "processor 99 % busy"}, id="a busy processor"),
        pytest.param([health(5, "memory", 400)], {}, id="another measurement"),
        pytest.param(
            [health(5.1, "stall_ms", 300), health(5.8, "stall_ms", 700)],
            {5: "stalled 700 ms"},
            id="the worst of a second",
        ),
        pytest.param(
            [health(9, "cpu", 1.0), health(2, "stall_ms", 300)],
            {2: "stalled 300 ms", 9: "processor 100 % busy"},
            id="in order of time",
        ),
    ],
)
def test_starved_seconds(rows: list[Row], expected: dict[int, str]) -> None:
    """A second starves by send lag, by a stall or by a busy processor, beyond the plan's limits."""
    frame, _ = told(plan_of(), *rows)

    assert list(expected.items()) == list(starved_seconds(frame, LIMITS).items())


def test_one_late_request_of_many_does_not_starve_a_second() -> None:
    """A second is late if its p99 is: one request of two hundred is not."""
    rows = [op(3 + i / 200, lag_ms=900 if i == 7 else 0) for i in range(200)]
    frame, _ = told(plan_of(), *rows)

    assert starved_seconds(frame, LIMITS) == {}


@pytest.mark.parametrize(
    ("rows", "status", "words"),
    [
        pytest.param([], Status.INCONCLUSIVE, "nothing was sent", id="nothing sent"),
        pytest.param([op(1, lag_ms=3), visit(1)], Status.PASS, "within 3.0 ms", id="on time"),
        pytest.param([op(4, lag_ms=90), op(5)], Status.INVALID, "late in second 4", id="late"),
    ],
)
def test_send_lag(rows: list[Row], status: Status, words: str) -> None:
    """A late generator makes its phase INVALID, seconds named; never a FAIL of the shop."""
    frame, _ = told(plan_of(), *rows)
    finding = judge_send_lag(timed_of(frame), phase(), LIMITS)

    assert status is finding.status
    assert words in finding.summary


def test_late_requests_spread_thin_name_no_second() -> None:
    """A phase can be late as a whole only if some second of it is."""
    rows = [op(i / 50, lag_ms=90 if i % 50 == 0 else 0) for i in range(500)]
    frame, _ = told(plan_of(), *rows)
    finding = judge_send_lag(timed_of(frame), phase(), LIMITS)

    assert (Status.INVALID, list(range(10))) == (finding.status, finding.evidence["late_seconds"])


@pytest.mark.parametrize(
    ("causes", "planned", "status"),
    [
        pytest.param([], 1000, Status.PASS, id="no drops"),
        pytest.param([], 0, Status.PASS, id="nothing planned, nothing dropped"),
        pytest.param(["pool_exhausted"], 1000, Status.PASS, id="one in a thousand"),
        pytest.param(["pool_exhausted", "generator_late"], 1000, Status.INVALID, id="two in a thousand"),
        pytest.param(["generator_late"], 999, Status.INVALID, id="a little more than one in a thousand"),
        pytest.param(["aborted", "aborted"], 1000, Status.PASS, id="a dead process is judged by phase"),
    ],
)
def test_dropped(causes: list[str], planned: int, status: Status) -> None:
    """The generator may fail to start one arrival in a thousand; a run cut short proves nothing."""
    frame, _ = told(plan_of(), *(drop(1, cause) for cause in causes))
    finding = judge_dropped(frame, planned)

    assert status is finding.status


def test_dropped_names_the_causes() -> None:
    """The sentence and the evidence count the drops by cause."""
    frame, _ = told(
        plan_of(), drop(1, "pool_exhausted"), drop(2, "pool_exhausted"), drop(3, "generator_late")
    )
    finding = judge_dropped(frame, 100)

    assert finding.evidence["dropped"] == {"generator_late": 1, "pool_exhausted": 2}
    assert "1 generator late, 2 pool exhausted" in finding.summary


@pytest.mark.parametrize(
    ("without", "status"),
    [
        pytest.param(0, Status.PASS, id="none"),
        pytest.param(1, Status.PASS, id="one in a thousand"),
        pytest.param(2, Status.INVALID, id="two in a thousand"),
    ],
)
def test_sockets(without: int, status: Status) -> None:
    """A machine out of ports looks like a dead shop, and is not one."""
    rows = [op(1, error="no_socket" if number < without else "") for number in range(1000)]
    frame, _ = told(plan_of(), *rows)

    assert status is judge_sockets(frame).status


def test_no_request_needs_no_socket() -> None:
    """Other checks say that nothing was sent."""
    frame, _ = told(plan_of())

    assert judge_sockets(frame).status is Status.PASS


@pytest.mark.parametrize(
    ("seconds", "status"),
    [
        pytest.param([], Status.PASS, id="none"),
        pytest.param([3], Status.PASS, id="a tenth of the run"),
        pytest.param([3, 4], Status.INVALID, id="a fifth of the run"),
        pytest.param([3, 10, 11, 12], Status.PASS, id="most of it after the last phase"),
    ],
)
def test_machine(seconds: list[int], status: Status) -> None:
    """A machine that starves more than its share of the run makes it INVALID."""
    measured = [health(second, "stall_ms", 300 if second in seconds else 1) for second in range(13)]
    frame, timeline = told(plan_of(), *measured)

    assert status is judge_machine(frame, timeline, LIMITS).status


@pytest.mark.parametrize(
    ("watched", "status"),
    [
        pytest.param(0, Status.INCONCLUSIVE, id="nobody watched"),
        pytest.param(4, Status.INCONCLUSIVE, id="less than half of it"),
        pytest.param(5, Status.PASS, id="half of it"),
    ],
)
def test_machine_unwatched(watched: int, status: Status) -> None:
    """A machine that nobody watched was not seen to be idle."""
    frame, timeline = told(plan_of(), *(health(second, "cpu", 0.1) for second in range(watched)))

    assert status is judge_machine(frame, timeline, LIMITS).status


def test_adapter() -> None:
    """A visit that broke off inside the adapter is load that never came: INVALID, saying by what."""
    broken = visit(2, outcome="info", error="adapter_error", note="KeyError: 'url'")
    good, _ = told(plan_of(), visit(1))
    bad, _ = told(plan_of(), visit(1), broken)

    assert Status.PASS is judge_adapter(good).status
    assert Status.INVALID is judge_adapter(bad).status
    assert (
        "1 of 2 visits broke off inside the adapter, the first by KeyError: 'url'"
        in judge_adapter(bad).summary
    )


def test_all_of_the_generator() -> None:
    """Send lag is judged in phases with an SLO alone; drops and the machine once."""
    plan = plan_of(phase("calm", kind=PhaseKind.WARMUP), phase("one"))
    idle = (health(second, "cpu", 0.1) for second in range(20))
    frame, timeline = told(plan, op(11), *idle, health(12, "stall_ms", 900))
    findings = judge_generator(frame, plan, timeline, {"one": 1})
    expected = [
        ("generator.send_lag", "one"),
        ("generator.dropped", ""),
        ("generator.adapter", ""),
        ("generator.sockets", ""),
        ("generator.machine", ""),
    ]

    assert expected == [(finding.check, finding.subject) for finding in findings]
    assert "second 12" in findings[-1].summary
