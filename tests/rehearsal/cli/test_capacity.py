"""The verb `rehearse capacity`, without a search."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from rehearsal.cli import capacity as verb
from rehearsal.cli.app import app, run
from rehearsal.model.capacity import Band, CapacityRecord, Found
from rehearsal.model.plan import Plan
from rehearsal.model.plan_capacity import Capacity
from rehearsal.model.verdict import Verdict
from rehearsal.pipeline.crew import Setup
from rehearsal.pipeline.run import Outcome
from rehearsal.rundir import folder
from rehearsal.rundir.record import VerdictRecord
from tests.rehearsal.model.search_texts import SEARCH
from tests.reports.run_factory import record_of

FORECAST = "[forecast]\npeak_per_s = 60.0\n"
FOUND = Found(slo_set="strict", capacity=Band(low=90.0, value=96.0, high=101.0))


@pytest.fixture
def searched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Plan]:
    """Let every search find the same at once; return the plans that were searched by."""
    plans: list[Plan] = []

    def run_capacity(plan: Plan, *, setup: Setup, **_: Any) -> Outcome:
        (tmp_path / "workers").write_text(str(setup.crew.workers))
        plans.append(plan)
        verdict = VerdictRecord(schema=1, run_id="x", verdict=Verdict.NO_GO, counts={}, deciding=())
        folder.write_json(tmp_path / folder.VERDICT, verdict)
        folder.write_json(tmp_path / folder.RUN, record_of())
        folder.write_json(tmp_path / folder.PLAN, plan.model_dump(mode="json"))
        folder.write_json(tmp_path / folder.FINDINGS, ())
        folder.write_json(tmp_path / folder.CAPACITY, CapacityRecord(found=(FOUND,)))
        return Outcome(run=tmp_path, verdict=Verdict.NO_GO)

    monkeypatch.setattr(verb, "run_capacity", run_capacity)
    return plans


@pytest.fixture
def told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str, str]]:
    """Return a function that calls the verb and returns its exit code, output and complaints."""

    def call(*options: str, text: str = SEARCH) -> tuple[int, str, str]:
        plan = tmp_path / "plan.toml"
        plan.write_text(text)
        code = run(lambda: app(["capacity", str(plan), *options], standalone_mode=False))
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return call


def table(plan: Plan) -> Capacity:
    """Return what is searched for."""
    assert plan.capacity is not None
    return plan.capacity


def test_json_is_what_was_found_and_nothing_else(
    searched: list[Plan], told: Callable[..., tuple[int, str, str]]
) -> None:
    """The exit code is the verdict's."""
    code, out, err = told("--json")
    found = msgspec.json.decode(out)["found"]

    assert (code, err, len(searched)) == (1, "", 1)
    assert [(each["slo_set"], each["low_per_s"], each["factor"]) for each in found] == [("strict", 90.0, 1.5)]


def test_json_tells_both_chances_of_a_forecast_with_a_past(
    searched: list[Plan], told: Callable[..., tuple[int, str, str]]
) -> None:
    """90 to 101 a second for 65 forecast: the headroom is rarer than that there is no overload."""
    text = SEARCH.replace("peak_per_s = 60.0", "multipliers = [5.2, 6.1, 7.4, 5.8, 8.3]")
    code, out, _ = told("--json", text=text)
    found = msgspec.json.decode(out)

    assert (code, found["chances_are_bounds"]) == (1, False)
    assert 0.01 < found["overload_chance"] < 0.1 < found["headroom_chance"] < 1 - found["overload_chance"]


def test_quiet_is_the_verdict(
    searched: list[Plan], told: Callable[..., tuple[int, str, str]], tmp_path: Path
) -> None:
    """One word; seed and load processes are those asked for."""
    assert told("--quiet", "--seed", "9", "--workers", "3")[:2] == (1, "NO_GO\n")
    assert (searched[0].seed, (tmp_path / "workers").read_text()) == (9, "3")


@pytest.mark.parametrize(
    ("options", "sets", "scenes"),
    [
        pytest.param((), ["strict", "loose"], 1, id="as the plan has it"),
        pytest.param(("--slo", "loose"), ["loose"], 1, id="one SLO set"),
        pytest.param(("--no-scenes",), ["strict", "loose"], 0, id="nothing gone"),
        pytest.param(("--proof-only",), ["strict", "loose"], 0, id="the proof and nothing else"),
    ],
)
def test_what_is_searched_for(
    searched: list[Plan],
    told: Callable[..., tuple[int, str, str]],
    options: tuple[str, ...],
    sets: list[str],
    scenes: int,
) -> None:
    """A search can be made smaller than the plan's."""
    code, out, _ = told(*options)

    assert (code, "NO GO" in out, "90.0 to 101.0 visits/s" in out) == (1, True, True)
    assert (list(table(searched[0]).slo), len(table(searched[0]).surviving)) == (sets, scenes)
    assert table(searched[0]).search is ("--proof-only" not in options)


@pytest.mark.parametrize(
    ("options", "text", "says"),
    [
        pytest.param(("--slo", "x"), SEARCH, "no SLO set 'x'; there are strict, loose", id="no such SLO set"),
        pytest.param(
            ("--proof-only",), SEARCH.replace(FORECAST, ""), "there is nothing to prove", id="no forecast"
        ),
        pytest.param((), SEARCH.replace("p99_ms = 200", "p99_ms = 20"), "is below p95_ms", id="a wrong plan"),
    ],
)
def test_refusals(
    searched: list[Plan],
    told: Callable[..., tuple[int, str, str]],
    options: tuple[str, ...],
    text: str,
    says: str,
) -> None:
    """Bad usage ends with 2 and a sentence, and nothing is sent."""
    code, out, err = told(*options, text=text)

    assert (code, out, searched) == (2, "", [])
    assert says in err


def test_a_drill_s_plan_is_searched_too(
    searched: list[Plan], told: Callable[..., tuple[int, str, str]], plan_text: str
) -> None:
    """Its proof's promise is enough; phases and faults are left out, and the defaults count."""
    proof = "[slo.proof]\np95_ms = 300.0\np99_ms = 600.0\ngoodput = 0.99\npayment_success = 0.98\n"
    code, _, err = told("--quiet", text=plan_text + proof)

    assert (code, len(searched[0].phases), searched[0].faults) == (1, 2, ())
    assert table(searched[0]) == Capacity()
    assert "sale.stock is 150, and trials may bring more than 750 buyers" in err
