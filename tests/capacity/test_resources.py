"""Leaks: memory or descriptors that grow with every request, and all that looks like it and is none."""

from collections.abc import Callable, Sequence

import pytest

from capacity.resources import judge_resources
from capacity.samples import requests_of
from rehearsal.model.clock import nanoseconds
from rehearsal.model.history import Row
from rehearsal.model.verdict import Finding, Status
from tests.capacity.conftest import health, op, phase, plan_of, told, visit

SECONDS = 20


def judged(
    what: str,
    level: Callable[[int], float],
    *,
    seconds: int = SECONDS,
    per_s: Callable[[int], int] = lambda _: 50,
    more: Sequence[Row] = (),
) -> list[Finding]:
    """Return the findings on region a when it holds so much in each second, of so many requests."""
    rows: list[Row] = [health(second + 0.5, f"{what}/region_a", level(second)) for second in range(seconds)]
    rows += [
        op(second + i / per_s(second), region="a") for second in range(seconds) for i in range(per_s(second))
    ]
    frame, _ = told(plan_of(phase(duration_s=float(seconds))), *rows, *more)
    return list(judge_resources(frame, requests_of(frame)))


def warm(second: int) -> float:
    """Return what a healthy process weighs: it warms up, then stays (MB; measured on the mock shop)."""
    return 51.0 + min(second, 10) * 0.1


@pytest.mark.parametrize(
    ("what", "level", "status"),
    [
        pytest.param("rss_mb", warm, Status.PASS, id="healthy"),
        pytest.param("rss_mb", lambda s: 51.0 + s * 0.5, Status.FAIL, id="10 kB a request"),
        pytest.param("rss_mb", lambda s: 51.0 + s * 0.3, Status.PASS, id="a slow warming up"),
        pytest.param(
            "rss_mb", lambda s: 51.0 + s * 0.15, Status.PASS, id="3 kB a request: less than is looked for"
        ),
        pytest.param("rss_mb", lambda s: 51.0 if s < 9 else 80.0, Status.PASS, id="one jump"),
        pytest.param("rss_mb", lambda s: 50.0 + min(s, 14) * 2.0, Status.PASS, id="grown, and levelled off"),
        pytest.param("rss_mb", lambda s: 80.0 - s, Status.PASS, id="shrinking"),
        pytest.param("fds", lambda s: 30.0 + min(s, 8), Status.PASS, id="connections of the first seconds"),
        pytest.param("fds", lambda s: 30.0 + 5 * s, Status.FAIL, id="one socket in ten requests"),
    ],
)
def test_leaks(what: str, level: Callable[[int], float], status: Status) -> None:
    """A leak grows with the requests all the time; anything else passes."""
    [finding] = judged(what, level)

    assert status is finding.status
    assert finding.check == f"resources.{'memory' if what == 'rss_mb' else 'sockets'}/region_a"


def test_more_shoppers_hold_more_connections() -> None:
    """Two descriptors for each visit under way at once are no leak."""
    crowd = [visit(second, done_ns=nanoseconds(30)) for second in range(SECONDS) for _ in range(3)]
    [alone] = judged("fds", lambda s: 20.0 + 6 * s)
    [crowded] = judged("fds", lambda s: 20.0 + 6 * s, more=crowd)

    assert (alone.status, crowded.status) == (Status.FAIL, Status.PASS)


@pytest.mark.parametrize(
    ("seconds", "per_s", "restart_s"),
    [
        pytest.param(8, 50, 100, id="eight seconds"),
        pytest.param(20, 9, 100, id="few requests"),
        pytest.param(16, 50, 8, id="killed in the midst"),
    ],
)
def test_too_little_to_tell(seconds: int, per_s: int, restart_s: int) -> None:
    """A process that does not live long, or serves few, is not judged."""
    findings = judged(
        "rss_mb", lambda s: 30.0 if s == restart_s else 60.0 + s, seconds=seconds, per_s=lambda _: per_s
    )

    assert findings == []


def test_the_longest_life_is_judged() -> None:
    """A leak is found in a process that was started anew."""
    [finding] = judged("rss_mb", lambda s: 90.0 if s < 4 else 40.0 + s, seconds=20)

    assert (finding.status, finding.evidence["watched_s"]) == (Status.FAIL, 15.0)


def test_no_requests_no_leak() -> None:
    """A process that nobody asked anything has nothing to lose by asking."""
    assert judged("rss_mb", lambda s: 50.0 + s, per_s=lambda _: 0) == []
