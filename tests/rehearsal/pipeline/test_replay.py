import csv
import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from rehearsal.model.errors import RehearsalError
from rehearsal.model.plan_check import check_plan
from rehearsal.pipeline import replay
from rehearsal.pipeline.replay import Order, build, learn, window, write_paths
from scenarios.replay import schedule_file
from scenarios.replay.steps import Steps

NOON = int(datetime(2026, 11, 10, 12, tzinfo=UTC).timestamp())


@pytest.fixture
def access_log(tmp_path: Path) -> Path:
    """Return a log of half an hour: two visits a second, of three pages each, in milliseconds."""
    rng = np.random.default_rng(1)
    hits = []
    for visitor, start in enumerate(np.sort(rng.uniform(0, 1800, 3600))):
        times = start + np.cumsum([0, *rng.lognormal(1.0, 0.5, 2)])
        for at_s, uri in zip(times, ("/", f"/p/{visitor}", f"/carts/{visitor}"), strict=True):
            hits.append({"msec": round(NOON + at_s, 3), "sid": f"v{visitor}", "uri": uri, "method": "GET"})
    path = tmp_path / "access.log"
    path.write_text("".join(json.dumps(hit) + "\n" for hit in sorted(hits, key=lambda hit: hit["msec"])))
    return path


@pytest.fixture
def order(access_log: Path, tmp_path: Path) -> Callable[..., Order]:
    """Return a function that makes an order for that log."""

    def make(**wanted: object) -> Order:
        return Order(logs=(access_log,), out=tmp_path / "out", **wanted)  # type: ignore[arg-type]

    return make


def test_a_replay_leaves_its_files(order: Callable[..., Order], tmp_path: Path) -> None:
    """The model, eight times the sessions, their curve, a picture, a plan a drill accepts, and the score."""
    asked = order(mapping=write_mapping(tmp_path))
    learned = learn(asked)
    built = build(asked, learned)
    out = tmp_path / "out"
    table = schedule_file.read(out / replay.SESSIONS)
    with (out / replay.CURVE).open() as file:
        curve = [int(row["count"]) for row in csv.DictReader(file)]

    assert built.fidelity.is_faithful
    assert built.fidelity.score > 0.75
    assert built.steps.sessions == 8 * 3600 == table["buyer"].n_unique() == sum(curve)
    assert table.filter(pl.col("path").cast(pl.String) == "/carts/r1-0").height == 1
    assert built.peak_per_s == pytest.approx(16, rel=0.1)
    assert check_plan((out / replay.PLAN).read_text(), source="plan.toml", curves=()).traffic.multiplier == 8
    assert (out / replay.PICTURE).read_text().startswith("<svg")
    assert json.loads((out / replay.TRAFFIC).read_text())["sessions"] == 3600
    assert json.loads((out / replay.FIDELITY).read_text())["score"] == built.fidelity.score


def write_mapping(folder: Path) -> Path:
    """Write a mapping that gives carts a buyer of their own and names steps."""
    path = folder / "map.toml"
    path.write_text(
        "[[path]]\npattern = '^/carts/.*'\ntemplate = '/carts/{cart}'\n"
        "step = 'cart_add'\nsend = '/carts/{buyer}'\n"
    )
    return path


def test_once_is_the_log_and_five_times_the_speed_is_not(order: Callable[..., Order]) -> None:
    """The score tells: 1 for the log's own sessions, next to nothing for its clock sped up."""
    once, fast = order(multiplier=1.0), order(speed_up=5.0)
    same, other = build(once, learn(once)), build(fast, learn(fast))

    assert same.fidelity.score >= 0.95
    assert not other.fidelity.is_faithful
    assert other.fidelity.score < 0.1
    assert (once.words, fast.words) == ("1 × the sessions", "clock sped up 5 ×")
    assert fast.factor == 5


def test_the_same_seed_gives_the_same_schedule(order: Callable[..., Order], tmp_path: Path) -> None:
    """Byte for byte in the picture, row for row in the schedule."""
    asked = order(multiplier=5.0, seed=9)
    build(asked, learn(asked))
    picture = (tmp_path / "out" / replay.PICTURE).read_bytes()
    table = schedule_file.read(tmp_path / "out" / replay.SESSIONS)
    build(asked, learn(asked))

    assert (tmp_path / "out" / replay.PICTURE).read_bytes() == picture
    assert schedule_file.read(tmp_path / "out" / replay.SESSIONS).equals(table)


def test_a_log_that_supports_no_replay_is_refused_and_its_mix_stands(tmp_path: Path) -> None:
    """Nothing is written but what was asked for with the mix alone."""
    path = tmp_path / "few.log"
    path.write_text("".join(f'{{"time": {NOON + i}, "ip": "1", "path": "/a"}}\n' for i in range(5)))
    asked = Order(logs=(path,), out=tmp_path / "out")
    learned = learn(asked)

    with pytest.raises(RehearsalError, match=r"does not support a replay\. It holds 1 sessions.*--mix-only"):
        build(asked, learned)
    assert not (tmp_path / "out").exists()
    assert write_paths(asked, learned).mix == {"GET /a": 1.0}
    assert json.loads((tmp_path / "out" / replay.TRAFFIC).read_text())["refused"]


@pytest.mark.parametrize(
    ("begin", "length_s", "first_s", "last_s"),
    [
        pytest.param("", None, 0, 1799, id="all of it"),
        pytest.param("1970-01-01T00:10:00", None, 600, 1799, id="from an instant on, in UTC"),
        pytest.param("1970-01-01T01:10:00+01:00", 300.0, 600, 899, id="another zone, and for five minutes"),
        pytest.param("", 600.0, 0, 599, id="the first ten minutes"),
    ],
)
def test_a_part_of_a_log_can_be_replayed(
    begin: str, length_s: float | None, first_s: int, last_s: int
) -> None:
    """By when sessions begin."""
    part = window(minute_steps(), begin, length_s)

    assert (part.start_ns[[0, -1]] / 1e9).tolist() == [first_s, last_s]


@pytest.mark.parametrize(
    ("begin", "length_s", "says"),
    [
        ("2030-01-01T00:00", None, "Only 0 sessions begin in that part of the log"),
        ("", 20.0, "Only 20 sessions"),
        ("noon", None, "'noon' is no time"),
    ],
)
def test_a_part_that_is_none_is_one_sentence(begin: str, length_s: float | None, says: str) -> None:
    """It says what the log covers."""
    with pytest.raises(RehearsalError, match=says):
        window(minute_steps(), begin, length_s)


def minute_steps() -> Steps:
    """Return a session each second of half an hour from 1970 on."""
    at_ns = np.arange(1800, dtype=np.int64) * 1_000_000_000
    return Steps(
        np.ones(1800, np.int64), at_ns, np.zeros(1800, np.int64), np.zeros(1800, np.int64), ("GET /",)
    )
