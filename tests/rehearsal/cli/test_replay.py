import io
import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console

from rehearsal.cli import replay as replay_cli
from rehearsal.cli import replay_play, replay_words
from rehearsal.cli.app import app, run
from rehearsal.cli.replay_play import exit_code
from rehearsal.pipeline.replay_play import Clocks, Played
from scenarios.replay.fidelity import Fidelity
from scenarios.replay.log import Facts
from scenarios.replay.play_order import PlayProgress
from scenarios.replay.traffic import Spread, Traffic

NOON = int(datetime(2026, 11, 10, 12, tzinfo=UTC).timestamp())
Rehearse = Callable[..., tuple[int, str, str]]
NOTHING = Clocks(p50=None, p95=None, p99=None, p999=None, max=None)
FAITHFUL = Fidelity(score=1.0, is_faithful=True, parts=())


def combined(at_s: float, visitor: int, path: str) -> str:
    """Return a line as nginx writes it."""
    at = datetime.fromtimestamp(NOON + int(at_s), UTC)
    client = f"10.0.{visitor >> 8}.{visitor & 255}"
    return f'{client} - - [{at:%d/%b/%Y:%H:%M:%S +0000}] "GET {path} HTTP/1.1" 200 1 "-" "Mozilla"'


@pytest.fixture
def access_log(tmp_path: Path) -> Path:
    """Return a log of twenty minutes with a session a second, and some lines that are none."""
    rng = np.random.default_rng(2)
    hits = [
        (start + extra, visitor, path)
        for visitor, start in enumerate(np.sort(rng.uniform(0, 1200, 1200)))
        for extra, path in ((0.0, "/"), (float(rng.lognormal(1.5, 0.5)), f"/p/{visitor}"))
    ]
    path = tmp_path / "access.log"
    path.write_text("\n".join(["junk \x1b[2J", *(combined(*hit) for hit in sorted(hits)), "cut [at"]))
    return path


@pytest.fixture
def rehearse(capsys: pytest.CaptureFixture[str]) -> Rehearse:
    """Return a function that runs the command as the script does: exit code, output and errors."""

    def command(*arguments: str) -> tuple[int, str, str]:
        code = run(lambda: app(["replay", *arguments], standalone_mode=False))
        said = capsys.readouterr()
        return code, said.out, said.err

    return command


def test_a_replay_tells_what_it_read_learned_and_made(
    rehearse: Rehearse, access_log: Path, tmp_path: Path
) -> None:
    """Rejected lines, assumptions, normal volume, the score with each part, and the files."""
    code, said, _ = rehearse(str(access_log), "--out", str(tmp_path / "out"))

    assert code == 0
    for words in (
        "2,402 lines (combined), kept 2,400 requests",
        "rejected  1: not in the common or combined log format",
        "line 1: junk \\x1b[2J",
        "rejected  1: cut at the end of the file",
        "burstiness at 100 ms cannot be known",
        "GET /p/{n}",
        "normal    1",
        "the median of 18 intervals of 60 s",
        "8 × the sessions: 9,600 sessions",
        "Kolmogorov-Smirnov",
        "faithful: every limit is kept",
        "rehearse drill",
    ):
        assert words in said
    assert "\x1b" not in said
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        "curve.csv",
        "fidelity.json",
        "plan.toml",
        "replay.svg",
        "sessions.parquet",
        "traffic.json",
    ]


def test_a_faster_clock_is_exit_code_1(rehearse: Rehearse, access_log: Path, tmp_path: Path) -> None:
    """It is offered to be compared with, and fails where it is wrong."""
    code, said, _ = rehearse(str(access_log), "--out", str(tmp_path / "out"), "--speed-up", "5")

    assert code == 1
    assert "think times" in said
    assert "FAIL" in said
    assert "not faithful: arrival curve, think times, session length, time beyond the limit" in said


def test_quiet_prints_the_score_only(rehearse: Rehearse, access_log: Path, tmp_path: Path) -> None:
    """For scripts."""
    code, said, _ = rehearse(str(access_log), "--out", str(tmp_path / "out"), "--quiet", "--multiplier", "1")

    assert (code, said) == (0, "1.000\n")


def test_the_mix_alone_can_be_had(rehearse: Rehearse, access_log: Path, tmp_path: Path) -> None:
    """From any log; only the model is written."""
    code, said, _ = rehearse(str(access_log), "--out", str(tmp_path / "out"), "--mix-only")

    assert code == 0
    assert "traffic.json" in said
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["traffic.json"]


def test_times_without_zone_are_said(rehearse: Rehearse, tmp_path: Path) -> None:
    """And so are folded paths, and requests out of order."""
    lines = [
        json.dumps({"time": f"2026-11-10 12:00:{50 - i:02d}", "ip": "1", "path": f"/{'ab' * i}"})
        for i in range(50)
    ]
    path = tmp_path / "log"
    path.write_text("\n".join(lines * 10) + "\n")
    code, said, _ = rehearse(
        str(path), "--mix-only", "--timezone", "Asia/Shanghai", "--out", str(tmp_path / "out")
    )

    assert code == 0
    assert "500 times name no zone: taken in Asia/Shanghai" in said
    assert "came after later ones" in said


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["none.log"], "There is no log none.log."),
        (["/dev/zero"], "is a device or a pipe"),
        (["."], "is a folder"),
        (["LOG", "--format", "clf"], "is no format"),
        (["LOG", "--timezone", "Mars"], "is no time zone"),
        (["LOG", "--field", "time"], "is no field"),
        (["LOG", "--map", "none.toml"], "none.toml"),
        (["LOG", "--from", "2030-01-01"], "Only 0 sessions"),
        (["LOG", "--gap", "0"], "Invalid value"),
        (["LOG", "--multiplier", "0"], "Invalid value"),
        (["LOG", "--url", "http://shop.example"], "--allow shop.example"),
        (["LOG", "--url", "ftp://127.0.0.1"], "is no http address"),
        (["LOG", "--url", "http://127.0.0.1:9", "--limit-s", "1"], "Nobody answers"),
        ([], "Missing argument"),
    ],
)
def test_bad_input_is_one_sentence_and_code_2(
    rehearse: Rehearse, access_log: Path, tmp_path: Path, arguments: list[str], says: str
) -> None:
    """No traceback, whatever is wrong."""
    arguments = [str(access_log) if item == "LOG" else item for item in arguments]
    code, _, said = rehearse(*arguments, "--out", str(tmp_path / "out"))

    assert code == 2
    assert says in said


def test_a_log_that_is_a_comb_is_refused(rehearse: Rehearse, tmp_path: Path) -> None:
    """What was read is told, then why no peak follows from it."""
    path = tmp_path / "comb.log"
    path.write_text(
        "\n".join(
            combined(hour * 3600 + 300 + i, hour * 20 + i, "/a") for hour in range(50) for i in range(20)
        )
        + "\n"
    )
    code, said, refused = rehearse(str(path), "--out", str(tmp_path / "out"))

    assert code == 2
    assert "1,000 lines" in said
    assert "in minute :05" in refused
    assert "--mix-only" in refused
    assert not (tmp_path / "out").exists()


def test_help_has_examples(rehearse: Rehearse) -> None:
    """The verb explains itself."""
    code, said, _ = rehearse("--help")

    assert code == 0
    assert "Examples" in said
    assert "rehearse replay access.log --multiplier 8" in " ".join(said.split())


def test_a_terminal_sees_how_it_goes(
    rehearse: Rehearse, access_log: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Lines read while the log is read, requests sent while it is played."""
    screen = io.StringIO()

    def console(**_: object) -> Console:
        return Console(file=screen, force_terminal=True, width=100)

    monkeypatch.setattr(replay_cli, "Console", console)
    monkeypatch.setattr(replay_play, "Console", console)
    monkeypatch.setattr(replay_cli, "_show", replay_cli._silent)
    rehearse(str(access_log), "--out", str(tmp_path / "out"), "--mix-only")
    with replay_play._showing(60.0) as watch:
        watch(PlayProgress(state="running", at_s=3.0, requests=12))

    assert "Reading the log" in screen.getvalue()
    assert "3.0 of 60 s  12 requests" in screen.getvalue()


def test_without_a_terminal_a_line_now_and_then(capsys: pytest.CaptureFixture[str]) -> None:
    """Not one each quarter second."""
    with replay_play._showing(60.0) as watch:
        for at_s in (0.0, 1.0, 4.9, 5.1):
            watch(PlayProgress(state="running", at_s=at_s, requests=round(at_s), started=3, in_flight=2))
    lines = capsys.readouterr().err.splitlines()

    assert [line[:14] for line in lines] == ["  0.0 of 60 s ", "  5.1 of 60 s "]
    assert "2 under way, 3 started, 0 dropped" in lines[0]


def test_folded_paths_are_said(capsys: pytest.CaptureFixture[str]) -> None:
    """And that a mapping names them; the paths beyond the first are summed up."""
    traffic = Traffic(
        schema=1,
        log=Facts(
            formats=("json",),
            lines=1,
            kept=1,
            rejected={},
            left_out={},
            zoneless=0,
            out_of_order=0,
            resolution_ns=1,
        ),
        sessions=1,
        steps=1,
        span_s=1.0,
        gap_s=1.0,
        mix={f"GET /{number}": 0.1 for number in range(10)},
        transitions=(),
        length_steps=Spread(count=1, mean=1.0, quantiles=(1.0,) * 21),
    )
    Console(width=160).print(replay_words.traffic_words(traffic, 7), soft_wrap=True)
    said = capsys.readouterr().out

    assert "20.0 %  2 more" in said
    assert "7 requests for rare paths count as one; a mapping (--map) names them" in said


def played(**change: object) -> Played:
    """Return a faithful play with a change."""
    facts: dict[str, object] = {
        "planned": 2,
        "started": 2,
        "dropped": {},
        "requests_planned": 3,
        "requests_sent": 3,
        "requests_unsent": 0,
        "left_out": 0,
        "statuses": {"200": 3},
        "errors": {},
        "wall_s": 1.0,
        "response_ms": NOTHING,
        "service_ms": NOTHING,
        "send_lag_ms": NOTHING,
        "stopped": False,
        "fidelity": FAITHFUL,
    }
    return Played(**{**facts, **change})  # type: ignore[arg-type]


LATE = Clocks(p50=1, p95=2, p99=51, p999=60, max=70)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        pytest.param({}, 0, id="faithful"),
        pytest.param({"fidelity": Fidelity(score=0.1, is_faithful=False, parts=())}, 1, id="not faithful"),
        pytest.param({"fidelity": None}, 1, id="nothing to compare"),
        pytest.param({"statuses": {}, "errors": {"reset": 3}}, 1, id="nothing answered"),
        pytest.param({"dropped": {"pool_exhausted": 1}}, 4, id="the pool was too small"),
        pytest.param({"send_lag_ms": LATE}, 4, id="sends came late"),
        pytest.param({"stopped": True, "dropped": {"aborted": 1}}, 5, id="stopped"),
    ],
)
def test_the_exit_code_of_a_play(change: dict[str, object], expected: int) -> None:
    """A generator that was the limit is no verdict on anything."""
    assert exit_code(played(**change)) == expected


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({}, "planned 2 = started 2 + dropped none"),
        ({"dropped": {"aborted": 5, "pool_exhausted": 7}}, "dropped 7 pool_exhausted, 5 aborted"),
        ({"statuses": {str(code): 1 for code in range(200, 209)}}, "and 3 more kinds"),
        ({"send_lag_ms": LATE}, "INVALID   the generator was the limit"),
        ({"stopped": True}, "stopped   before its end"),
        ({"fidelity": None}, "requests  planned 3 = sent 3 + unsent 0"),
    ],
)
def test_what_was_measured_is_told(
    capsys: pytest.CaptureFixture[str], change: dict[str, object], says: str
) -> None:
    """Ledgers, answers, clocks and what is wrong."""
    Console(width=160).print(replay_play.played_words(played(**change)), soft_wrap=True)

    assert says in capsys.readouterr().out
