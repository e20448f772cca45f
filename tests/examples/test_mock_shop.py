import re
import shlex
from pathlib import Path

import pytest

from capacity.queueing import slo_capacity_per_s
from mock_store.defects import BITES
from rehearsal.model.plan import PhaseKind, VisitKind
from rehearsal.pipeline.plans import check_target, load_plan
from scenarios.mock_storefront import MockStorefront
from scenarios.schedule import KINDS, build
from scenarios.storefront import load_adapter

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "examples" / "mock_shop"
README = (FOLDER / "README.md").read_text(encoding="utf-8")
PLAN = load_plan(FOLDER / "plan.toml")
#: Requests of a visit that keep a server busy: those of a shopper who buys.
BUYING = 5.0


def test_the_adapter_is_found_by_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Wherever the drill is started."""
    monkeypatch.chdir(tmp_path)
    check_target(PLAN)

    assert load_adapter(PLAN.target.adapter) is MockStorefront


def test_the_plan_has_what_the_readme_says() -> None:
    """Forty seconds, one fault at the peak, and the proof at 1.3 times the forecast."""
    (proof,) = (phase for phase in PLAN.phases if phase.kind is PhaseKind.PROOF)
    forecast = PLAN.forecast

    assert forecast is not None
    assert PLAN.duration_s == 40.0
    assert [fault.kind.value for fault in PLAN.faults] == ["payment_unreachable"]
    assert (proof.rate or 0) * PLAN.traffic.normal == forecast.headroom * forecast.peak_per_s


def test_more_shoppers_come_for_the_sale_than_there_are_units() -> None:
    """An audit of a sale that does not run out proves nothing about overselling."""
    buyers = sum(KINDS[kind] is VisitKind.FLASH_SALE for kind in build(PLAN).kind)

    assert buyers > 1.5 * PLAN.sale.stock


def test_one_region_carries_the_proof() -> None:
    """So that the drill ends in GO on a small machine, by the model's own account."""
    proof = PLAN.slo[PhaseKind.PROOF]
    store = PLAN.store
    one = slo_capacity_per_s(0.95, proof.p95_ms, servers=store.servers, service_ms=store.service_ms)
    asked_per_s = 1.3 * PLAN.peak_per_s * BUYING

    assert asked_per_s < 0.8 * one


def test_the_readme_names_commands_and_bugs_that_there_are() -> None:
    """Its plan is this one, and the planted bug is one of the mock shop's."""
    commands = re.findall(r"^\.venv/bin/rehearse (.+)$", README, re.MULTILINE)
    words = [shlex.split(command) for command in commands]

    assert [command[:2] for command in words] == [["drill", "examples/mock_shop/plan.toml"]] * 2
    assert words[1][2:] == ["--defect", "oversell_race"]
    assert "oversell_race" in BITES


@pytest.mark.parametrize("name", ["open", "queue", "flash_buy", "_asked", "pay", "query", "final_readings"])
def test_the_readme_shows_methods_that_there_are(name: str) -> None:
    """Each row of its table is a method of the adapter."""
    assert f"`{name}`" in README
    assert callable(getattr(MockStorefront, name))
