import math
import socket
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from rehearsal.model.errors import RehearsalError, RunDirError, TargetRefused, Unreachable
from rehearsal.pipeline import replay_play
from rehearsal.pipeline.replay_play import Cut, Target, check, check_answers, clocks, cut, measure, pool_of
from rehearsal.rundir import folder
from scenarios.replay import play_order, schedule_file
from scenarios.replay.play_order import PlayEnd
from scenarios.replay.steps import Steps

S = 1_000_000_000
ASKED = pl.DataFrame(
    {
        "method": ["GET", "POST", "OPTIONS"],
        "send": ["/a", "/b", "*"],
        "label": ["GET /a", "POST /b", "OPTIONS *"],
    }
)


def steps_of(*sessions: list[tuple[float, int]]) -> Steps:
    """Return sessions of (seconds, row of ASKED) steps."""
    flat = [step for session in sessions for step in session]
    rows = np.array([row for _, row in flat], dtype=np.int64)
    at_ns = np.array([round(at_s * S) for at_s, _ in flat], dtype=np.int64)
    return Steps(
        np.array([len(s) for s in sessions], dtype=np.int64), at_ns, rows, rows, tuple(ASKED["label"])
    )


def part_of(steps: Steps, **target: object) -> Cut:
    """Return the part of a schedule that is played."""
    table = schedule_file.table_of(steps, ASKED, seed=1)
    return cut(steps, table, Target(url="http://127.0.0.1", **target))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("url", "allow", "expected"),
    [
        ("http://127.0.0.1:80/", (), "http://127.0.0.1:80"),
        ("http://localhost", (), "http://localhost"),
        ("https://shop.example/base", ("shop.example",), "https://shop.example/base"),
    ],
)
def test_a_target_is_this_machine_or_named(url: str, allow: tuple[str, ...], expected: str) -> None:
    """The address is kept without a slash at its end."""
    assert check(Target(url=url, allow=allow)).url == expected


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("http://shop.example", "is not this machine.*--allow shop.example"),
        ("ftp://127.0.0.1", "is no http address"),
        ("127.0.0.1:80", "is no http address"),
        ("http://127.0.0.1:99999", "is no http address"),
        ("http://127.0.0.1/?x=1", "is no http address"),
        ("http://[", "is no http address"),
    ],
)
def test_other_targets_are_refused(url: str, says: str) -> None:
    """Before a log is read."""
    with pytest.raises(TargetRefused, match=says):
        check(Target(url=url))


def test_a_shop_that_is_not_there_is_one_sentence() -> None:
    """And one that listens is let pass."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        check_answers(Target(url=f"http://127.0.0.1:{port}"))
    with pytest.raises(Unreachable, match="Nobody answers"):
        check_answers(Target(url=f"http://127.0.0.1:{port}"))


def test_only_what_is_due_and_allowed_is_played() -> None:
    """Steps after the limit and of other methods stay out; sessions close up, and begin with what is left."""
    steps = steps_of([(0, 1), (5, 0), (99, 0)], [(1, 0), (2, 1)], [(3, 1)], [(4, 2)])
    part = part_of(steps, limit_s=60.0)

    assert part.steps.length.tolist() == [1, 1]
    assert (part.steps.at_ns / S).tolist() == [1, 5]
    assert part.table.select("session", "buyer", "path").rows() == [(0, "r1-1", "/a"), (1, "r1-0", "/a")]
    assert part.left_out == 4
    assert part_of(steps, methods=("GET", "POST")).steps.length.tolist() == [2, 2, 1]


def test_nothing_to_play_is_one_sentence() -> None:
    """It says which options would leave something."""
    with pytest.raises(RehearsalError, match="--methods"):
        part_of(steps_of([(0, 1)]))


@pytest.mark.parametrize(
    ("sessions", "most"),
    [
        pytest.param([[(0, 0), (9, 0)], [(1, 0), (2, 0)], [(3, 0), (4, 0)]], 2, id="two at once"),
        pytest.param([[(at, 0), (at + 50, 0)] for at in range(40)], 40, id="forty at once"),
    ],
)
def test_the_pool_holds_the_most_sessions_at_once(sessions: list[list[tuple[float, int]]], most: int) -> None:
    """And half as many to spare, twenty at least."""
    assert pool_of(steps_of(*sessions)) == int(most * 1.5 + 20)


def write_run(run: Path, sent: list[tuple[int, float, float, float, int, int]], **end: object) -> None:
    """Write what a player leaves; times in seconds."""
    rows = [(row, *(round(at * S) for at in times), status, error) for row, *times, status, error in sent]
    np.array(rows, dtype=play_order.SENT_ROW).tofile(run / play_order.SENT)
    facts = {"started": 2, "dropped": {}, "cut": 0, "wall_s": 9.0, "errors": ("", "reset"), **end}
    folder.write_json(run / play_order.END, PlayEnd(**facts))  # type: ignore[arg-type]


def test_what_was_sent_is_measured(tmp_path: Path) -> None:
    """Both ledgers add up; response counts from due, service from sent, and lag is the difference."""
    part = part_of(steps_of([(0, 0), (2, 0)], [(1, 0)]))
    write_run(tmp_path, [(0, 0, 0.25, 0.5, 200, 0), (2, 1, 1.5, 2, 404, 0), (1, 2, 2, 4, 0, 1)])
    played = measure(tmp_path, part, stopped=False, resolution_ns=1)

    assert (played.planned, played.started, played.dropped) == (2, 2, {})
    assert (played.requests_planned, played.requests_sent, played.requests_unsent) == (3, 3, 0)
    assert (played.statuses, played.errors) == ({"200": 1, "404": 1}, {"reset": 1})
    assert (played.response_ms.max, played.service_ms.max, played.send_lag_ms.max) == (2000, 2000, 500)
    assert played.response_ms.p50 == 1000
    assert played.fidelity is not None
    assert {p.name: p.distance for p in played.fidelity.parts}["path mix"] == 0


def test_a_cut_record_does_not_count(tmp_path: Path) -> None:
    """A process that died while it wrote leaves whole records and a rest."""
    part = part_of(steps_of([(0, 0), (2, 0)], [(1, 0)]))
    write_run(tmp_path, [(0, 0, 0, 0.5, 200, 0)])
    with (tmp_path / play_order.SENT).open("ab") as file:
        file.write(b"rest")

    assert measure(tmp_path, part, stopped=False, resolution_ns=1).requests_sent == 1


def test_what_was_stopped_is_compared_with_what_was_due_until_then(tmp_path: Path) -> None:
    """All that was due in the first second and a half was sent: nothing is missing of that."""
    part = part_of(steps_of([(0, 0), (2, 0)], [(1, 0)]))
    write_run(tmp_path, [(0, 0, 0, 0.1, 200, 0), (2, 1, 1, 1.1, 200, 0)], wall_s=1.5)
    stopped = measure(tmp_path, part, stopped=True, resolution_ns=1).fidelity
    whole = measure(tmp_path, part, stopped=False, resolution_ns=1).fidelity

    assert stopped is not None
    assert whole is not None
    assert stopped.score == 1
    assert whole.score < 1


def test_nothing_sent_measures_nothing(tmp_path: Path) -> None:
    """No percentiles and no fidelity, but a ledger."""
    part = part_of(steps_of([(0, 0)]))
    write_run(tmp_path, [], started=0, dropped={"aborted": 1})
    played = measure(tmp_path, part, stopped=True, resolution_ns=1)

    assert played.fidelity is None
    assert played.response_ms == clocks(np.zeros(0))
    assert played.response_ms.p50 is None


def test_a_play_without_end_has_no_measure(tmp_path: Path) -> None:
    """The end's file is missing."""
    with pytest.raises(RunDirError, match="is missing"):
        measure(tmp_path, part_of(steps_of([(0, 0)])), stopped=False, resolution_ns=1)


def test_percentiles_are_exact() -> None:
    """Of 1 to 1,000 ms."""
    found = clocks(np.arange(1, 1001, dtype=np.float64) * 1e6)

    assert found.p50 == pytest.approx(500.5)
    assert found.p999 == pytest.approx(999.001)
    assert found.max == 1000
    assert math.isclose(found.p95 or 0, 950.05)


def test_the_pool_has_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    """What does not fit is dropped and counted rather than the machine filled."""
    monkeypatch.setattr(replay_play, "_LARGEST_POOL", 3)

    assert pool_of(steps_of([(0, 0)])) == 3
