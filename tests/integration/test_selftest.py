"""The selftest on real drills, as short as can be judged: a planted bug and the correct shop side by side."""

import sys
from pathlib import Path

import pytest

from rehearsal.model.clock import SystemClock
from rehearsal.pipeline.halt import Halt
from rehearsal.pipeline.selftest import trial
from rehearsal.pipeline.selftest.case import Case, CaseKind, Result, Standing
from rehearsal.pipeline.selftest.drills import Drill, plan_text
from rehearsal.pipeline.selftest.ledger import Ledger
from rehearsal.pipeline.selftest.peculiar import CALM
from rehearsal.pipeline.selftest.runner import Runner
from rehearsal.pipeline.selftest.trial import Trial
from rehearsal.process import wait_until

pytestmark = [pytest.mark.integration, pytest.mark.calm]

SHORT = Drill(
    name=CALM,
    changes={
        "phases": {
            "before": {"duration_s": 0.8},
            "sale": {"duration_s": 1.5},
            "after": {"duration_s": 0.2},
            "end": {"duration_s": 0.3},
        },
        "waiting_room": {"shoppers": 6, "gather_s": 0.4, "hold_s": 0.2},
        "behaviour": {"double_click": 0.6, "cancel": 0.0},
        "store": {"reservation_s": 0.5},
        # A small machine that does much else meanwhile must not decide what this test says.
        "limits": {"send_lag_p99_ms": 2000.0, "release_ms": 2000.0, "stall_ms": 5000.0, "starved_share": 1.0},
    },
)
CLEAN = Case(name="no_fault-5", kind=CaseKind.CLEAN, seed=5, text=plan_text(SHORT, 5), fault=CALM)
PLANTED = Case(
    name="double_click_charges",
    kind=CaseKind.DEFECT,
    seed=5,
    text=CLEAN.text,
    fault=CALM,
    defect="double_click_charges",
    expected=("invariant.I4",),
)


class Nobody:
    """Watches nothing."""

    def began(self, case: Case, attempt: int) -> None:
        """Ignore it."""

    def over(self, result: Result, *, again: bool) -> None:
        """Ignore it."""


@pytest.fixture(autouse=True)
def own_home(tmp_path: Path, toxiproxy_server: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let drills keep leases and keys in a home of their own, in which only Toxiproxy is known."""
    for name in ("XDG_STATE_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("TOXIPROXY_SERVER", str(toxiproxy_server))


def test_a_planted_bug_is_caught_and_the_correct_shop_left_in_peace(tmp_path: Path) -> None:
    """Both drills run at once in one selftest, and good cases leave nothing but their line."""
    ledger = Ledger(tmp_path / "out", "v")
    Runner(
        out=tmp_path / "out",
        jobs=2,
        ledger=ledger,
        start=Trial,
        clock=SystemClock(),
        halt=Halt(),
        watch=Nobody(),
    ).run([PLANTED, CLEAN])
    results = [ledger.last_of(PLANTED), ledger.last_of(CLEAN)]

    assert [one and (one.standing, one.note) for one in results] == [
        (Standing.CAUGHT, ""),
        (Standing.CLEAN, ""),
    ]
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["cases.ndjson"]


def test_a_drill_that_is_stopped_heals_and_leaves_no_verdict(tmp_path: Path) -> None:
    """A drill is a process of its own; asked to stop it ends by itself, and what it left is broken."""
    drilling = Trial(CLEAN, tmp_path / "room")
    assert wait_until((tmp_path / "room" / "latest").exists, timeout_s=120)
    drilling.stop()

    assert drilling.wait()
    assert drilling.ended()
    assert drilling.seen().broken.startswith("exit code 5: rehearse: Stopped by Ctrl-C")
    drilling.clear()
    assert not drilling.room.exists()


def test_a_drill_that_does_not_end_when_asked_is_killed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody waits for it longer than healing takes; `rehearse heal` does the rest."""
    deaf = "import pathlib, signal, time; signal.signal(signal.SIGINT, signal.SIG_IGN); "
    deaf += f"pathlib.Path({str(tmp_path / 'deaf')!r}).touch(); time.sleep(60)"
    monkeypatch.setattr(trial, "drill_command", lambda *_: [sys.executable, "-c", deaf])
    monkeypatch.setattr(trial, "_HEALING_S", 0.2)
    drilling = Trial(CLEAN, tmp_path / "room")
    assert wait_until((tmp_path / "deaf").exists, timeout_s=60)
    drilling.stop()

    assert not drilling.wait()
    assert drilling.seen().broken == "exit code -9: it said nothing"
    drilling.stop()
