"""The player on its real loop, with sessions due at once and a network that answers in no time."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import gevent
import msgspec
import numpy as np
import polars as pl
import pytest

from rehearsal.rundir import folder
from scenarios.replay import play_order, player, schedule_file
from scenarios.replay.play_order import PlayEnd, PlayOrder, PlayProgress, SentRows
from scenarios.replay.player import Player, read_plays
from scenarios.reply import Reply

HOUR_NS = 3600 * 1_000_000_000

Step = tuple[int, int, str]


class Network:
    """Answers everything, takes a millisecond of nobody's time, and cannot send to /bad."""

    def __init__(self) -> None:
        """Begin with nothing asked."""
        self.cookies: object = None
        self.jars: list[object] = []
        self.asked: list[tuple[str, str, str]] = []

    def request(self, method: str, url: str, *, headers: Mapping[str, str]) -> Reply:
        """Answer one request."""
        if url.endswith("/bad"):
            raise ValueError("no address")
        self.jars.append(self.cookies)
        self.asked.append((method, url, headers["X-Shopper"]))
        return Reply(sent_ns=5, done_ns=7, status=200)


@pytest.fixture
def play(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., tuple[Network, SentRows, PlayEnd]]:
    """Return a function that plays steps, (session, due in ns, path) each, with so many users."""
    for name, value in (("_HEAD_START_NS", 0), ("_EVERY_S", 0.001), ("_GRACE_S", 0.001)):
        monkeypatch.setattr(player, name, value)

    def run(*steps: Step, pool: int = 5, stopped: bool = False) -> tuple[Network, SentRows, PlayEnd]:
        write(tmp_path, steps, pool)
        if stopped:
            (tmp_path / play_order.STOP).touch()
        playing, network = Player(tmp_path), Network()
        users = [gevent.spawn(_serve, playing, network) for _ in range(pool)]
        gevent.spawn(playing.conduct).get(timeout=30)
        gevent.killall(users)
        sent = np.fromfile(tmp_path / play_order.SENT, dtype=play_order.SENT_ROW)
        return network, sent, folder.read_json(tmp_path / play_order.END, PlayEnd)

    return run


def write(run: Path, steps: tuple[Step, ...], pool: int) -> None:
    """Write what a player reads."""
    table = pl.DataFrame(
        {
            "session": [session for session, _, _ in steps],
            "buyer": [f"b{session}" for session, _, _ in steps],
            "due_ns": [due_ns for _, due_ns, _ in steps],
            "step": [0] * len(steps),
            "method": ["GET"] * len(steps),
            "path": [path for _, _, path in steps],
            "template": ["GET /"] * len(steps),
            "think_s": [0.0] * len(steps),
        }
    )
    schedule_file.write(table, run / play_order.STEPS)
    folder.write_json(run / play_order.ORDER, PlayOrder(url="http://shop", pool=pool))


def _serve(playing: Player, network: Any) -> None:
    playing.client()
    while True:
        playing.serve(network)


Play = Callable[..., tuple[Network, SentRows, PlayEnd]]


def test_every_step_is_sent_once_by_its_sessions_buyer(play: Play) -> None:
    """Sessions are told apart by buyer and cookies; the ledger says nothing was dropped."""
    network, sent, end = play((0, 0, "/a"), (0, 1, "/b"), (1, 2, "/a"))

    assert sorted(network.asked) == [
        ("GET", "http://shop/a", "b0"),
        ("GET", "http://shop/a", "b1"),
        ("GET", "http://shop/b", "b0"),
    ]
    assert len({id(jar) for jar in network.jars}) == 2
    assert sorted(sent["row"].tolist()) == [0, 1, 2]
    assert sent["status"].tolist() == [200, 200, 200]
    assert (end.started, end.dropped, end.cut, end.errors) == (2, {}, 0, ("",))


def test_a_step_is_due_once_the_answer_before_it_is_there(play: Play) -> None:
    """Whatever the log's clock says: nobody clicks on a page that has not come."""
    _, sent, _ = play((0, 0, "/a"), (0, 1, "/b"))
    due_ns = dict(zip(sent["row"].tolist(), sent["due_ns"].tolist(), strict=True))

    assert due_ns == {0: 0, 1: 7}


def test_without_a_user_a_session_is_dropped_by_cause(play: Play) -> None:
    """Planned = started + dropped."""
    _, sent, end = play(*[(session, 0, "/a") for session in range(4)], pool=1)

    assert end.started + sum(end.dropped.values()) == 4
    assert set(end.dropped) <= {"pool_exhausted"}
    assert len(sent) == end.started


def test_a_path_that_cannot_be_sent_is_an_error_of_its_own(play: Play) -> None:
    """The session goes on."""
    _, sent, end = play((0, 0, "/bad"), (0, 0, "/a"))
    errors = [end.errors[code] for code in sent["error"]]

    assert errors == ["ValueError", ""]
    assert sent["status"].tolist() == [0, 200]


def test_a_stop_drops_what_is_to_come_and_cuts_what_is_under_way(play: Play) -> None:
    """One session thinks for an hour, another is due in one: the first is cut, the second aborted."""
    network, sent, end = play((0, 0, "/a"), (0, HOUR_NS, "/b"), (1, HOUR_NS, "/a"), stopped=True)

    assert [url for _, url, _ in network.asked] == ["http://shop/a"]
    assert len(sent) == 1
    assert (end.started, end.dropped, end.cut) == (1, {"aborted": 1}, 1)


def test_progress_is_written(play: Play, tmp_path: Path) -> None:
    """A line now and then, the last with everything."""
    play((0, 0, "/a"), (1, 0, "/b"))
    lines = (tmp_path / play_order.PROGRESS).read_bytes().splitlines()
    last = msgspec.json.decode(lines[-1], type=PlayProgress)

    assert (last.started, last.dropped, last.in_flight, last.requests) == (2, 0, 0, 2)


def test_sessions_are_read_as_they_stand_together(tmp_path: Path) -> None:
    """Each with the bounds of its steps."""
    write(tmp_path, ((3, 5, "/a"), (3, 9, "/b"), (4, 6, "/c")), 1)
    plays = read_plays(tmp_path / play_order.STEPS)

    assert [(s.index, s.due_ns, s.first, s.last) for s in plays.sessions] == [(0, 5, 0, 2), (1, 6, 2, 3)]
    assert plays.path == ["/a", "/b", "/c"]
