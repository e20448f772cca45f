"""An access log held against a plan before anything starts."""

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rehearsal.model.errors import RehearsalError
from rehearsal.model.plan import Phase, PhaseKind, Plan, Traffic
from rehearsal.model.plan_shop import Target
from rehearsal.model.timeline import timeline_of
from rehearsal.pipeline.logged import (
    loads_of,
    logged_of,
    most_at_once,
    require_log,
    with_load,
    write_logged,
)
from rehearsal.rundir import folder
from rehearsal.rundir.log_record import SESSIONS, LogRecord, PhaseLoad
from rehearsal.rundir.record import RunRecord
from scenarios.load_order import LoadOrder
from scenarios.replay import visits
from scenarios.replay.visits import COLUMNS, Visits, visits_of
from scenarios.schedule import KINDS, build
from scenarios.storefront import Endpoints
from scenarios.visit import Basis

S = 1_000_000_000


def plan_of(log: str, *, seconds: Sequence[float] = (10.0,), **traffic: Any) -> Plan:
    """Return a plan of visits of a log, ten sessions a second in each phase."""
    phases = tuple(
        Phase(name=f"p{number}", kind=PhaseKind.NORMAL, duration_s=each, rate=1.0)
        for number, each in enumerate(seconds)
    )
    return Plan(
        name="theirs",
        target=Target(shop="url", url="http://127.0.0.1:8000"),
        traffic=Traffic(log=log, normal_per_s=10.0, multiplier=5.0, **traffic),
        phases=phases,
        slo={},
    )


def log_of(path: Path, step_s: int = 2, count: int = 200) -> str:
    """Write a log of so many sessions of two requests, so many seconds apart; return its path."""
    line = '10.0.0.{} - - [10/Nov/2026:12:{:02d}:{:02d} +0000] "GET /{} HTTP/1.1" 200 17'
    asked = sorted(
        (number * 3 + turn * step_s, number, name)
        for number in range(count)
        for turn, name in enumerate("ab")
    )
    path.write_text("\n".join(line.format(n, at // 60, at % 60, name) for at, n, name in asked))
    return str(path)


def test_a_log_becomes_the_load(tmp_path: Path) -> None:
    """What is played, what it comes to in each phase, and whose log it was, all stand in the record."""
    plan = plan_of(log_of(tmp_path / "access.log"), seconds=(10.0, 5.0))
    told: list[str] = []
    logged = logged_of(plan, build(plan), told.append)

    assert logged is not None
    record = logged.record
    assert record.sha256 == hashlib.sha256((tmp_path / "access.log").read_bytes()).hexdigest()
    assert (record.visits, record.sessions, record.played, record.requests) == (150, 200, 150, 400)
    assert (record.steps_mean, record.length_mean_s, record.left_out) == (2.0, 2.0, {})
    assert record.phases["p0"].brought == 200
    assert 150 <= record.phases["p0"].due < 200
    assert told == ["The load is access.log: 150 of its 200 sessions, of 2.0 requests in 2 s in the mean."]


def test_a_plan_without_a_log_has_none() -> None:
    """Nothing is read, written or asked of another plan."""
    plan = plan_of("")

    assert logged_of(plan, build(plan)) is None
    assert write_logged(Path("nowhere"), None) is None


def test_a_pool_that_cannot_hold_the_visits_is_refused(tmp_path: Path) -> None:
    """Ten sessions a second of two seconds each are some twenty at once; the mend says how many to write."""
    plan = plan_of(log_of(tmp_path / "access.log"), pool=5)

    with pytest.raises(RehearsalError, match=r"traffic\.pool is 5: .* Write pool = \d\d, or lower"):
        logged_of(plan, build(plan))


@pytest.mark.parametrize("content", [None, "", "no log\n"], ids=["missing", "empty", "no log"])
def test_what_is_no_log_is_told(tmp_path: Path, content: str | None) -> None:
    """A sentence names the file."""
    path = tmp_path / "access.log"
    if content is not None:
        path.write_text(content)

    with pytest.raises(RehearsalError, match=r"access\.log"):
        logged_of(plan_of(str(path)), build(plan_of(str(path))))


def test_every_visit_is_one_of_the_log_however_many_workers() -> None:
    """The schedule says so, and its hash is that of plan and seed alone."""
    plan = plan_of("access.log", seconds=(10.0, 5.0))
    schedule = build(plan)

    assert {KINDS[kind] for kind in schedule.kind} == {"logged"}
    assert (schedule.planned, schedule.sha256) == ({"p0": 100, "p1": 50}, build(plan).sha256)


def test_load_processes_are_told_where_the_sessions_are(tmp_path: Path) -> None:
    """The order names file, log and hashes; from the file comes what is played."""
    plan = plan_of(log_of(tmp_path / "access.log"))
    run = tmp_path / "run"
    run.mkdir()
    order = LoadOrder(
        adapter="",
        endpoints=Endpoints(url="http://127.0.0.1:8000"),
        basis=Basis(sale_sku="", limit_per_shopper=1, think_s=0.0),
        seed=1,
        pool=1,
    )
    folder.write_json(run / folder.RUN, record_of(write_logged(run, logged_of(plan, build(plan)))))
    told = with_load(order, plan, run).sessions

    assert told is not None
    assert (told.file, told.log) == (str(run / SESSIONS), str(tmp_path / "access.log"))
    assert visits.load(Path(told.file)).sha256 == told.sha256
    assert (told.methods, told.visits, told.end_ns) == (("GET",), 100, 10 * S)
    folder.write_json(run / folder.RUN, record_of(None))
    assert with_load(order, plan, run) == order


def test_a_run_again_wants_its_log(tmp_path: Path) -> None:
    """A log that has grown since, or is gone, holds other sessions."""
    plan = plan_of(log_of(tmp_path / "access.log"))
    logged = logged_of(plan, build(plan))
    assert logged is not None
    require_log(logged.record)
    require_log(None)
    for broken in ("grown\n", None):
        with (tmp_path / "access.log").open("a") as file:
            file.write(broken or "")
        if broken is None:
            (tmp_path / "access.log").unlink()
        with pytest.raises(RehearsalError, match="not what it was"):
            require_log(logged.record)


def record_of(log: LogRecord | None) -> RunRecord:
    """Return the record of a run with this load."""
    return RunRecord(
        schema=1,
        run_id="r",
        harness_version="",
        started_at="",
        origin_ns=0,
        seed=1,
        defects=(),
        versions={},
        machine={},
        shop_digest="",
        log=log,
    )


def played_of(sessions: Sequence[Sequence[int]]) -> Visits:
    """Return sessions whose steps come at these offsets (s)."""
    rows = [(number, at * S, "GET", "/", "GET /", 4) for number, steps in enumerate(sessions) for at in steps]
    return visits_of(pl.DataFrame(rows, schema=list(COLUMNS), orient="row"))


SESSIONS_OF = st.lists(
    st.lists(st.integers(0, 9), max_size=4).map(lambda more: sorted([0, *more])), min_size=1, max_size=5
)
ARRIVALS = st.lists(st.integers(0, 11), max_size=30).map(sorted)


@given(sessions=SESSIONS_OF, arrivals=ARRIVALS)
def test_counts_are_those_of_counting(sessions: list[list[int]], arrivals: list[int]) -> None:
    """Requests by phase, and visits under way, are what going through them one by one comes to."""
    played, timeline = played_of(sessions), timeline_of(plan_of("x", seconds=(5.0, 7.0)))
    due_ns = np.array(arrivals, dtype=np.int64) * S
    courses = [(at, [at + offset for offset in sessions[i % len(sessions)]]) for i, at in enumerate(arrivals)]
    expected = {
        name: PhaseLoad(
            brought=sum(len(steps) for at, steps in courses if low <= at < high),
            due=sum(low <= step < high for _, steps in courses for step in steps),
        )
        for name, low, high in (("p0", 0, 5), ("p1", 5, 12))
    }
    under_way = [
        sum(1 for at, steps in courses[: number + 1] if min(steps[-1], 12) >= courses[number][0])
        for number in range(len(courses))
    ]

    assert loads_of(due_ns, played, timeline) == expected
    assert most_at_once(due_ns, played, 12 * S) == max(under_way, default=0)


@given(offsets=st.lists(st.integers(0, 30), max_size=6), seconds=st.integers(1, 20))
def test_a_long_phase_holds_what_its_visits_bring(offsets: list[int], seconds: int) -> None:
    """One visit a second, nobody there before: the share missing is at most mean offset over length."""
    steps = sorted([0, *offsets])
    arrivals = np.arange(seconds, dtype=np.int64) * S
    load = loads_of(arrivals, played_of([steps]), timeline_of(plan_of("x", seconds=(float(seconds),))))["p0"]

    assert load.brought == seconds * len(steps)
    assert load.brought - load.due <= sum(steps)


def test_what_was_left_out_is_said() -> None:
    """In the report's words, with the lines that are no requests."""
    record = LogRecord(
        log="a",
        sha256="",
        played_sha256="",
        visits=9,
        requests=40,
        sessions=12,
        played=9,
        steps_mean=3.0,
        length_mean_s=1.0,
        offset_mean_s=0.5,
        left_out={"robots": 4},
        unreadable=2,
        normal_per_s=None,
        under_way=3,
        phases={},
    )

    assert record.words() == (
        "9 of its 12 sessions, of 3.0 requests in 1 s in the mean; "
        "left out: 4 robots, 2 lines that are no requests"
    )
    whole = msgspec.structs.replace(record, left_out={}, unreadable=0, normal_per_s=2.0)
    assert whole.words().endswith("1 s in the mean (its own normal volume: 2 sessions/s)")
