"""A replay played for real: Locust in a process of its own, a shop on loopback that remembers who asked."""

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import numpy as np
import polars as pl
import psutil
import pytest

from rehearsal.cli.app import app, run
from rehearsal.model.errors import BrokenOff
from rehearsal.pipeline import replay_play
from rehearsal.pipeline.halt import Halt
from rehearsal.pipeline.replay_play import Cut, Played, Target, cut, play
from scenarios.replay import schedule_file
from scenarios.replay.play_order import PlayProgress
from scenarios.replay.steps import Steps

pytestmark = pytest.mark.integration

S = 1_000_000_000
SHOPPED: list[tuple[str, str, str]] = []


class Shop(BaseHTTPRequestHandler):
    """Answers every GET, and remembers path, shopper and mark."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """Answer."""
        SHOPPED.append((self.path, self.headers["X-Shopper"], self.headers["X-Rehearsal"]))
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@pytest.fixture
def shop_url() -> Iterator[str]:
    """Return the address of a shop that remembers in SHOPPED."""
    SHOPPED.clear()
    server = ThreadingHTTPServer(("127.0.0.1", 0), Shop)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()
    thread.join(5)


def part_of(target: Target, *, sessions: int, gap_s: float) -> Cut:
    """Return a schedule of sessions of two steps half a second apart, each with a cart of its own."""
    starts = np.arange(sessions, dtype=np.int64) * round(gap_s * S)
    at_ns = np.column_stack([starts, starts + S // 2]).ravel()
    rows = np.tile(np.arange(2, dtype=np.int64), sessions)
    steps = Steps(np.full(sessions, 2, np.int64), at_ns, rows, rows, ("GET /", "GET /carts/{cart}"))
    asked = pl.DataFrame(
        {"method": ["GET"] * 2, "send": ["/", "/carts/{buyer}"], "label": ["GET /", "GET /carts/{cart}"]}
    )
    return cut(steps, schedule_file.table_of(steps, asked, seed=1), target)


def test_what_is_planned_is_sent_by_fresh_buyers(tmp_path: Path, shop_url: str) -> None:
    """Both ledgers balance to the request; every session has a buyer and a cart of its own; all is marked."""
    target = Target(url=shop_url)
    heard: list[PlayProgress] = []
    played = _play(tmp_path, target, heard, halt=Halt(), part=part_of(target, sessions=100, gap_s=0.02))

    assert played.planned == 100 == played.started + sum(played.dropped.values())
    assert played.requests_sent == len(SHOPPED) == played.statuses["200"]
    assert played.requests_planned == 200 == played.requests_sent + played.requests_unsent
    assert {buyer for path, buyer, _ in SHOPPED} == {path[7:] for path, _, _ in SHOPPED if path != "/"}
    assert {mark for _, _, mark in SHOPPED} == {"replay"}
    assert played.fidelity is not None
    assert heard[-1].requests <= 200


def test_a_stop_ends_it_with_what_was_measured(tmp_path: Path, shop_url: str) -> None:
    """Of an hour's schedule the rest is dropped as aborted, and the ledger still balances."""
    target = Target(url=shop_url, limit_s=3600)
    halt = Halt()
    heard: list[PlayProgress] = []
    part = part_of(target, sessions=1000, gap_s=1.0)
    played = _play(tmp_path, target, heard, halt=halt, part=part, stop_at=1)

    assert played.stopped
    assert played.started + played.dropped["aborted"] == 1000
    assert played.requests_sent == len(SHOPPED)
    assert 1 <= played.started < 500


def test_a_load_process_that_dies_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its log is named; no number is made of nothing."""
    broken = tmp_path / "broken.py"
    broken.write_text("raise SystemExit(3)\n")
    monkeypatch.setattr(replay_play, "LOCUSTFILE", broken)
    target = Target(url="http://127.0.0.1:9")

    with pytest.raises(BrokenOff, match=r"ended early; .*locust\.log"):
        _play(tmp_path, target, [], halt=Halt(), part=part_of(target, sessions=1, gap_s=1))


def test_the_load_process_ends_with_its_watcher(tmp_path: Path, shop_url: str) -> None:
    """Whatever is raised meanwhile, no load goes on behind anybody's back."""
    target = Target(url=shop_url, limit_s=3600)
    part = part_of(target, sessions=1000, gap_s=1.0)

    def fail(_: PlayProgress) -> None:
        raise RuntimeError("the display broke")

    with pytest.raises(RuntimeError, match="the display broke"):
        play(tmp_path, part, target, halt=Halt(), watch=fail, resolution_ns=1)
    order = str(tmp_path / replay_play.FOLDER)
    running = [process.info["cmdline"] or [] for process in psutil.process_iter(["cmdline"])]
    assert not [cmdline for cmdline in running if order in cmdline]


def test_a_log_is_played_from_the_command_line(
    tmp_path: Path, shop_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """From the access log to the ledger of what was sent; the machine may be too busy, the words stay."""
    path = tmp_path / "access.log"
    path.write_text(
        "".join(f'{{"ts": {1_700_000_000 + i / 4}, "ip": "{i}", "path": "/p/{i}"}}\n' for i in range(3000))
    )
    arguments = ["replay", str(path), "--out", str(tmp_path / "out"), "--url", shop_url, "--limit-s", "2"]
    code = run(lambda: app([*arguments, "--multiplier", "5"], standalone_mode=False))
    said = capsys.readouterr()

    assert code in {0, 1, 4}
    assert "response time (from due)" in said.out
    assert "What was sent against what was planned" in said.out
    assert f"sent {len(SHOPPED)}" in said.out
    assert "of 2 s" in said.err


def _play(
    out: Path, target: Target, heard: list[PlayProgress], *, halt: Halt, part: Cut, stop_at: int = 10**9
) -> Played:
    def watch(progress: PlayProgress) -> None:
        heard.append(progress)
        if progress.requests >= stop_at:
            halt.set("Ctrl-C")

    return play(out, part, target, halt=halt, watch=watch, resolution_ns=1_000_000)
