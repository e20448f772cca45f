"""An access log read as the visits of a drill."""

import dataclasses
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rehearsal.model.errors import RehearsalError
from scenarios.replay import visits
from scenarios.replay.visits import COLUMNS, Request, visits_of

Line = Callable[[Any], str]


@pytest.fixture
def shop(shop: Any) -> Any:
    """Return the known shop, for two minutes."""
    return dataclasses.replace(shop, span_s=120.0)


@pytest.fixture
def written(logs: Any, shop: Any, as_json: Line) -> Path:
    """Return a log of the known shop, with milliseconds."""
    path: Path = logs.write([as_json(hit) for hit in shop.hits()])
    return path


def read(path: Path, **options: Any) -> visits.Read:
    """Read a log by GET, for a thousand visits of seed 1, unless said otherwise."""
    return visits.read(path, **{"methods": ("GET",), "seed": 1, "visits": 1000, **options})


def told_ms(line: str) -> int:
    """Return the milliseconds that a line of JSON tells."""
    return int(json.loads(line)["msec"].replace(".", ""))


def test_sessions_are_whole_and_on_their_own_clock(written: Path, shop: Any, as_json: Line) -> None:
    """Each session drawn is one of the log's: its paths in their order, its pauses to the millisecond."""
    by_visitor: dict[int, list[tuple[int, str]]] = {}
    for hit in shop.hits():
        by_visitor.setdefault(hit.visitor, []).append((told_ms(as_json(hit)), hit.path))
    known = {tuple((at - steps[0][0], path) for at, path in steps) for steps in by_visitor.values()}
    played = visits_of(read(written, visits=50).table)
    ends = zip(played.first[:-1].tolist(), played.first[1:].tolist(), strict=True)
    drawn = [
        tuple(
            (round(played.offset_ns[i] / 1e6), played.asked[played.request[i]].path) for i in range(low, high)
        )
        for low, high in ends
    ]

    assert played.sessions == 50
    assert set(drawn) <= known
    assert played.length.tolist() == [len(steps) for steps in drawn]


def test_the_draw_is_the_seeds(written: Path) -> None:
    """The same seed draws the same sessions, another one others; fewer visits draw a part of them."""
    first, same, other = (visits_of(read(written, seed=seed).table) for seed in (1, 1, 2))
    few = visits_of(read(written, visits=3).table)

    assert first.sha256 == same.sha256 != other.sha256
    assert few.sessions == 3


def test_more_visits_than_sessions_play_all_of_them(written: Path) -> None:
    """No session is left out then, and none is there twice."""
    found = read(written, visits=1_000_000)

    assert visits_of(found.table).sessions == found.sessions


def test_what_a_file_holds_is_what_was_read(written: Path, tmp_path: Path) -> None:
    """Load processes read a file, and play to the letter what the conductor drew."""
    table = read(written).table
    table.write_parquet(tmp_path / "sessions.parquet")

    assert visits.load(tmp_path / "sessions.parquet").sha256 == visits_of(table).sha256


def test_a_file_that_holds_none(tmp_path: Path) -> None:
    """What is no such table is told in a sentence."""
    (tmp_path / "sessions.parquet").write_text("no parquet")
    with pytest.raises(RehearsalError, match="cannot be read"):
        visits.load(tmp_path / "sessions.parquet")


def test_what_is_not_sent_is_counted(logs: Any, shop: Any, as_json: Line, make_hit: Any) -> None:
    """Other methods and addresses that cannot be sent are left out by name; of them alone is no session."""
    odd = [make_hit(5.0, 1, "/a", "POST"), make_hit(6.0, 90_001, "/b", "PUT"), make_hit(7.0, 2, "/ü")]
    path = logs.write([as_json(hit) for hit in [*shop.hits(), *odd]])
    found = read(path, visits=1_000_000)
    paths = set(found.table["path"].cast(pl.String))

    assert found.left_out == {
        "requests of other methods (POST)": 1,
        "requests of other methods (PUT)": 1,
        "addresses that cannot be sent": 1,
    }
    assert paths.isdisjoint({"/a", "/b", "/ü"})
    assert visits_of(found.table).sessions == found.sessions - 1


def test_each_request_knows_how_the_log_was_answered(
    logs: Any, shop: Any, as_json: Line, make_hit: Any
) -> None:
    """Bits by the first digit of the statuses; "-" tells nothing."""
    statuses = {"/": ["200", "304"], "/cart": ["404"], "/quiet": ["-"], "/broken": ["500"]}
    more = [make_hit(1.0, 1, "/quiet"), make_hit(2.0, 1, "/broken"), make_hit(3.0, 1, "/plain")]
    lines = [as_json(hit) for hit in [*shop.hits(), *more]]
    for path, known in statuses.items():
        mine = [i for i, line in enumerate(lines) if f'"{path}"' in line]
        for turn, i in enumerate(mine):
            lines[i] = lines[i].replace('"status": 200', f'"status": "{known[turn % len(known)]}"')
    seen = {each.path: each.seen for each in visits_of(read(logs.write(lines), visits=1_000_000).table).asked}

    assert [seen[path] for path in ("/", "/cart", "/quiet", "/broken", "/plain")] == [12, 16, 0, 32, 4]


REFUSED = [
    ("too few", lambda hits, line: [line(hit) for hit in hits if hit.visitor < 20], "20 sessions; 100 are"),
    (
        "whole minutes",
        lambda hits, line: [line(type(hit)(hit.at_s // 60 * 60, hit.visitor, hit.path)) for hit in hits],
        "whole minutes",
    ),
    ("nothing by GET", lambda hits, line: [line(hit).replace("GET", "PUT") for hit in hits], "no request by"),
]


@pytest.mark.parametrize(("what", "lines_of", "told"), REFUSED, ids=[row[0] for row in REFUSED])
def test_a_log_without_visits_is_refused(
    logs: Any, shop: Any, as_json: Line, what: str, lines_of: Any, told: str
) -> None:
    """The sentence says what the log lacks."""
    with pytest.raises(RehearsalError, match=told):
        read(logs.write(lines_of(shop.hits(), as_json)))


STEPS = st.lists(st.tuples(st.integers(0, 10**12), st.sampled_from("abc")), min_size=1, max_size=4)


@given(sessions=st.lists(STEPS, min_size=1, max_size=6))
def test_columns_hold_every_step_once(sessions: list[list[tuple[int, str]]]) -> None:
    """What is played of session s is what the table says of it, step by step."""
    rows = [
        (number, at, "GET", f"/{name}", f"GET /{name}", 4)
        for number, steps in enumerate(sessions)
        for at, name in steps
    ]
    played = visits_of(pl.DataFrame(rows, schema=list(COLUMNS), orient="row"))
    found = [
        [
            (int(played.offset_ns[i]), played.asked[played.request[i]])
            for i in range(played.first[number], played.first[number + 1])
        ]
        for number in range(played.sessions)
    ]

    assert found == [
        [(at, Request("GET", f"/{name}", f"GET /{name}", 4)) for at, name in steps] for steps in sessions
    ]
