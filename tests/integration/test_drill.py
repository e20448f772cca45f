"""The command line as a person uses it: real Toxiproxy, real shop, real Locust, real signals."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import polars as pl
import psutil
import pytest

from chaos.lease_file import path_of, read_lease
from rehearsal import process
from rehearsal.model.errors import EXIT_OK
from rehearsal.pipeline.selftest.kill_cases import KILLS, plan_of
from rehearsal.process import wait_until

pytestmark = [pytest.mark.integration, pytest.mark.calm]

ROOT = Path(__file__).parents[2]
PLAN = ROOT / "tests" / "plans" / "short.toml"
#: Over so long the plan's waiting room lets its shoppers go.
HOLD_S = 1.0
FILES = {
    "plan.json",
    "schedule.json",
    "run.json",
    "history.parquet",
    "final.json",
    "findings.json",
    "verdict.json",
    "report.html",
    "evidence.dsse.json",
    "harness.pub.pem",
}


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory, toxiproxy_server: Path) -> dict[str, str]:
    """Return an environment with a home of its own, in which only Toxiproxy is known."""
    home = tmp_path_factory.mktemp("home")
    kept = {name: value for name, value in os.environ.items() if not name.startswith("XDG_")}
    return {**kept, "HOME": str(home), "TOXIPROXY_SERVER": str(toxiproxy_server)}


def start(environment: dict[str, str], *arguments: str) -> subprocess.Popen[str]:
    """Start `rehearse` and return the process, its outputs piped."""
    return subprocess.Popen(
        [sys.executable, "-m", "rehearsal.cli", *arguments],
        env=environment,
        cwd=ROOT,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def rehearse(environment: dict[str, str], *arguments: str) -> tuple[int, str, str]:
    """Run `rehearse` to its end; return exit code, output and errors."""
    running = start(environment, *arguments)
    out, errors = running.communicate(timeout=600)
    return running.returncode, out, errors


def findings_of(run: Path) -> dict[str, dict[str, object]]:
    """Return a run's findings that did not pass, by check."""
    findings = json.loads((run / "findings.json").read_text())
    return {finding["check"]: finding for finding in findings if finding["status"] != "PASS"}


def starved(run: Path) -> bool:
    """Tell whether the machine kept a run waiting in more than a tenth of its seconds, or made it INVALID."""
    findings = json.loads((run / "findings.json").read_text())
    share = next(finding["measured"] for finding in findings if finding["check"] == "generator.machine")
    return share > 0.1 or "INVALID" in {finding["status"] for finding in findings}


def nothing_runs(run_id: str) -> bool:
    """Tell whether no process bears the run's mark."""
    return process.marked(run_id) == []


@pytest.fixture(scope="module")
def finished(environment: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Rehearse the short plan on the correct shop once, for all tests that look at a finished run.

    A run that this machine starved says nothing of the shop: it is run again, twice at most.
    """
    out = tmp_path_factory.mktemp("runs")
    for _ in range(3):
        code, said, errors = rehearse(environment, "drill", str(PLAN), "--out", str(out), "--json")
        run = (out / "latest").resolve()
        if code == EXIT_OK or not starved(run):
            break
    assert (code, json.loads(said)["verdict"]) == (0, "GO"), (findings_of(run), errors)
    return run


def test_the_correct_shop_is_go_and_every_file_is_there(finished: Path) -> None:
    """The whole flow on real parts ends in GO, and nothing is left running."""
    assert {path.name for path in finished.iterdir()} >= FILES
    assert json.loads((finished / "verdict.json").read_text())["verdict"] == "GO"
    assert nothing_runs(finished.name)


def test_both_drills_are_in_the_history_proven_and_healed(finished: Path) -> None:
    """Each fault has its five steps in the history, each of them ok."""
    faults = pl.read_parquet(finished / "history.parquet").filter(pl.col("kind") == "fault")
    steps = faults.with_columns(pl.col("note").str.split(":").list.first())

    expected = [
        (fault, step, "ok")
        for fault in ("payment_unreachable", "answer_lost_after_capture", "region_killed")
        for step in ("inject", "effect", "felt", "heal", "healed")
    ]
    assert steps.select("f", "note", "outcome").rows() == expected


def test_every_request_has_its_three_times_and_a_checked_outcome(finished: Path) -> None:
    """Due, sent and done are ordered for every op; outcomes are ok, fail or info and nothing else."""
    ops = pl.read_parquet(finished / "history.parquet").filter(pl.col("kind") == "op")

    assert ops.filter(
        (pl.col("due_ns") > pl.col("sent_ns")) | (pl.col("sent_ns") > pl.col("done_ns"))
    ).is_empty()
    assert set(ops["outcome"]) == {"ok", "fail", "info"}
    assert ops.filter((pl.col("outcome") != "ok") & (pl.col("error") == "")).is_empty()


def test_t_zero_is_released_on_the_stated_curve(finished: Path) -> None:
    """Twenty shoppers, sent on the curve's own times but for what the machine kept them waiting."""
    findings = json.loads((finished / "findings.json").read_text())
    [release] = [finding for finding in findings if finding["check"] == "generator.release"]
    told = release["evidence"]

    assert (release["status"], told["released"], told["not_as_stated"]) == ("PASS", 20, 0)
    assert told["sent_ms"]["p95"] <= told["stated_ms"]["p95"] + release["limit"]
    assert told["ks_distance"] <= 0.2 + told["late_ms_max"] / 1000 / HOLD_S


def test_who_pressed_pay_twice_sent_two_requests_under_one_intent(finished: Path) -> None:
    """Every double click has two rows of one moment, and no order has two captures."""
    history = pl.read_parquet(finished / "history.parquet")
    pays = history.filter((pl.col("f") == "pay") & (pl.col("attempt") == 0) & (pl.col("channel") == "card"))
    twice = pays.filter(pl.col("note").str.contains("double_click").any().over("intent"))
    pairs = twice.group_by("intent").agg(pl.len(), pl.col("due_ns").n_unique().alias("moments"))
    charges = json.loads((finished / "final.json").read_text())["charges"]
    captured = [charge["order_id"] for charge in charges if charge["kind"] == "capture"]

    assert pairs.height > 0
    assert set(pairs.select("len", "moments").rows()) == {(2, 1)}
    assert set(twice["order_id"]) & set(captured)
    assert all(captured.count(order_id) <= 1 for order_id in set(twice["order_id"]))


def test_evidence_holds_until_a_byte_changes(finished: Path, environment: dict[str, str]) -> None:
    """`rehearse verify` accepts the run; with one byte flipped in any signed file it names that file."""
    code, said, _ = rehearse(environment, "verify", str(finished))
    assert (code, "The evidence holds." in said) == (0, True)

    for name in ("plan.json", "history.parquet", "findings.json", "report.html"):
        path = finished / name
        whole = path.read_bytes()
        path.write_bytes(bytes([whole[0] ^ 1]) + whole[1:])
        code, said, _ = rehearse(environment, "verify", str(finished))
        path.write_bytes(whole)

        assert (code, "does not hold" in said) == (1, True)
        assert any("FAIL" in line and name in line for line in said.splitlines())


def test_the_report_is_drawn_again_byte_for_byte(finished: Path, environment: dict[str, str]) -> None:
    """`rehearse report` on the same files gives the same bytes, so the signature still holds."""
    before = (finished / "report.html").read_bytes()
    code, said, _ = rehearse(environment, "report", str(finished))

    assert (code, Path(said.strip())) == (0, finished / "report.html")
    assert (finished / "report.html").read_bytes() == before


def in_the_fault_phase(out: Path) -> bool:
    """Tell whether the run under `out` has proven its first fault's effect."""
    log = out / "latest" / "history.conductor.ndjson"
    return log.exists() and b"effect: " in log.read_bytes()


@pytest.fixture
def brief(tmp_path: Path) -> Path:
    """Return a plan that breaks something in its second second."""
    plan = tmp_path / "brief.toml"
    plan.write_text(plan_of(KILLS[0]))
    return plan


def test_a_drill_stopped_in_the_fault_phase_heals_and_says_so(
    environment: dict[str, str], brief: Path, tmp_path: Path
) -> None:
    """Exit code 5, the fault healed in the history, no process and no lease left, the run marked INVALID."""
    running = start(environment, "drill", str(brief), "--out", str(tmp_path))
    assert wait_until(lambda: in_the_fault_phase(tmp_path), timeout_s=300)
    running.send_signal(signal.SIGINT)
    _, errors = running.communicate(timeout=300)
    run = (tmp_path / "latest").resolve()

    assert (running.returncode, "Stopped by" in errors) == (5, True)
    assert "Traceback" not in errors
    assert b'"note":"heal: mended"' in (run / "history.conductor.ndjson").read_bytes()
    assert json.loads((run / "verdict.json").read_text())["verdict"] == "INVALID"
    assert nothing_runs(run.name)
    assert not list(Path(environment["HOME"]).glob(".local/state/rehearsal/leases/*.json"))


def test_heal_cleans_up_after_a_harness_killed_in_the_fault_phase(
    environment: dict[str, str], brief: Path, tmp_path: Path
) -> None:
    """With its supervisor killed too the shop lives on; `rehearse heal` ends it and completes the run."""
    running = start(environment, "drill", str(brief), "--out", str(tmp_path))
    assert wait_until(lambda: in_the_fault_phase(tmp_path), timeout_s=300)
    run = (tmp_path / "latest").resolve()
    leases = Path(environment["HOME"]) / ".local" / "state" / "rehearsal" / "leases"
    supervisor = read_lease(path_of(leases, run.name)).supervisor
    assert supervisor is not None
    os.kill(supervisor.pid, signal.SIGKILL)
    running.kill()
    running.communicate(timeout=60)
    left_behind = {word for stray in process.marked(run.name) for word in _command_of(stray)}
    code, said, errors = rehearse(environment, "heal")

    assert {"locust", "mock_store"} <= left_behind
    assert (code, run.name in said, errors) == (0, True, "")
    assert nothing_runs(run.name)
    assert rehearse(environment, "heal")[1].strip() == "Nothing to heal."
    assert "at the step" in json.loads((run / "run.json").read_text())["stopped"]
    assert json.loads((run / "verdict.json").read_text())["verdict"] == "INVALID"


def _command_of(stray: psutil.Process) -> list[str]:
    try:
        return stray.cmdline()
    except psutil.NoSuchProcess:
        return []
