"""The command: what it refuses, what it runs, where it writes. No benchmark is run here."""

import shutil
import signal
import time
from pathlib import Path

import pytest

from benchmarks import __main__ as command
from benchmarks import machine, memory, rig
from benchmarks.closed_loop import Round
from benchmarks.memory import growth
from benchmarks.settings import FULL, QUICK, Bench


@pytest.fixture(autouse=True)
def quiet(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Replace the benchmarks, and leave the signal handlers of the test run alone."""
    rounds = {name: [Round(failed="a test")] for name in ("ours", "k6")}
    monkeypatch.setattr(
        command, "SECTIONS", {"closed_loop": lambda _: rounds, "memory": lambda _: _stopped()}
    )
    monkeypatch.setattr(command, "RESULTS", tmp_path / "results")
    monkeypatch.setattr(command, "versions", dict)
    monkeypatch.setattr(signal, "signal", lambda *_: None)
    monkeypatch.setattr(shutil, "which", lambda _: "/bin/taskset")


def _stopped() -> None:
    raise KeyboardInterrupt


def test_an_unknown_benchmark_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    """A misspelt name runs nothing and lists the names there are."""
    code = command.main(["--only", "closed_lop"])

    assert code == command.EXIT_USAGE
    assert "there is no benchmark closed_lop; choose from closed_loop" in capsys.readouterr().err


def test_without_taskset_nothing_runs(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Without pinned cores the figures would mean nothing."""
    monkeypatch.setattr(shutil, "which", lambda _: None)

    assert command.main(["--quick"]) == command.EXIT_USAGE
    assert "install util-linux" in capsys.readouterr().err


def test_a_part_does_not_overwrite_the_whole(tmp_path: Path) -> None:
    """A run of some benchmarks is written beside the last run of all."""
    code = command.main(["--quick", "--only", "closed_loop"])

    assert code == 0
    assert sorted(path.name for path in (tmp_path / "results").iterdir()) == ["partial.json", "partial.md"]


def test_out_is_obeyed(tmp_path: Path) -> None:
    """--out names the file, whatever was run."""
    command.main(["--only", "closed_loop", "--out", str(tmp_path / "mine.json")])

    assert (tmp_path / "mine.json").is_file()


def test_ctrl_c_ends_everything_and_writes_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A run that was stopped leaves no half document."""
    code = command.main(["--quick"])

    assert code == command.EXIT_STOPPED
    assert not (tmp_path / "results").exists()
    assert "stopped; nothing was written" in capsys.readouterr().err


def test_the_quick_form_spends_only_what_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    """Late in the quick form the search gets little time; the full form always gets its own."""
    seen: list[float] = []
    spy = {"closed_loop": lambda bench: seen.append(bench.settings.clean_budget_s)}
    monkeypatch.setattr(command, "SECTIONS", spy)
    monkeypatch.setattr(time, "monotonic", iter([0.0, 190.0, 191.0, 0.0, 190.0, 191.0]).__next__)
    command.measure(QUICK, ["closed_loop"])
    command.measure(FULL, ["closed_loop"])

    assert seen == [13.0, FULL.clean_budget_s]


def test_the_quick_form_fits_into_four_minutes() -> None:
    """Even if every part takes what it plans, with start and end of every process, it is done in time."""
    rounds_s = QUICK.closed_rounds * 6 * (QUICK.closed_warm_s + QUICK.closed_window_s + 2.0)
    freeze_s = QUICK.freeze_seconds + 20.0
    memory_s = 18.0 + QUICK.memory_seconds

    assert rounds_s + freeze_s + memory_s + QUICK.clean_budget_s < 240.0


def test_growth_leaves_the_start_out() -> None:
    """Memory that rises at first and then by 2 MB a minute grows by 2 MB a minute."""
    rising = [(float(at), 50.0 + 10.0 * at) for at in range(10)]
    later = [(float(at), 150.0 + at / 30.0) for at in range(10, 70)]

    found = growth([*rising, *later], 10.0, 1000.0)

    assert (found.mb_per_min, found.mb_per_million_requests) == (2.0, 33.33)


def test_growth_needs_samples() -> None:
    """A run that ended before it settled has no slope, and says so."""
    assert growth([(1.0, 50.0)], 10.0, 1000.0).failed == "too few samples for a slope"


def test_users_need_two_sizes() -> None:
    """Memory for each 1,000 users is the difference of two sizes, so that the rest of a tool is not in it."""
    few, many = memory.__dict__["_SIZES"]

    assert many - few == 1000


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        pytest.param("k6 v2.1.0 (go1.26.8, linux/amd64)", "2.1.0", id="k6"),
        pytest.param("wrk debian/4.1.0-3+b2 [epoll]", "4.1.0-3", id="wrk"),
        pytest.param("", None, id="nothing"),
    ],
)
def test_versions_are_read(line: str, expected: str | None) -> None:
    """The first number with a dot is the version."""
    assert machine.number(line) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("processor : 0\nmodel name\t: AMD EPYC\n", "AMD EPYC", id="the usual"),
        pytest.param("processor: 0\nModel\t: Some Board\n", "Some Board", id="a small board"),
    ],
)
def test_the_processor_is_named(text: str, expected: str) -> None:
    """/proc/cpuinfo calls the name differently on different machines."""
    assert machine.processor(text) == expected


def test_settings_are_the_same_size_for_all() -> None:
    """Both forms compare the tools at the same concurrency."""
    bench = Bench(settings=QUICK, folder=Path(), say=print)

    assert bench.settings.closed_users == FULL.closed_users == 64
    assert FULL.closed_rounds >= 5


@pytest.mark.parametrize(
    ("stderr", "expected"),
    [
        pytest.param(
            "Traceback:\nKeyError: 'x'\nName | # reqs\n-----|----\n\n", "KeyError: 'x'", id="a table"
        ),
        pytest.param("", "it said nothing", id="nothing"),
    ],
)
def test_last_words(stderr: str, expected: str) -> None:
    """The last line that says something, not the end of a table of zeros."""
    assert rig.last_words(stderr) == expected
