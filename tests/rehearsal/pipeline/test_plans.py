from collections.abc import Callable
from pathlib import Path

import pytest

from rehearsal.model.errors import PlanError, RehearsalError, TargetRefused
from rehearsal.model.hosts import is_loopback
from rehearsal.model.plan import Plan
from rehearsal.pipeline.plans import check_target, load_plan


def test_the_shipped_plan_is_whole_and_asks_for_its_headroom() -> None:
    """scenarios/plans/flash_sale.toml holds 1.3 × its forecast in its proof phase."""
    plan = load_plan(Path("scenarios/plans/flash_sale.toml"))
    proof = next(phase for phase in plan.phases if phase.kind == "proof")

    assert plan.forecast is not None
    offered_per_s = (proof.rate or 0) * (plan.traffic.normal_per_s or 0)
    assert offered_per_s >= plan.forecast.headroom * plan.forecast.peak_per_s
    assert plan.duration_s <= 240


def test_a_seed_from_outside_replaces_the_plans(tmp_path: Path, plan_text: str) -> None:
    """--seed wins; without it the plan's own seed stands."""
    path = tmp_path / "p.toml"
    path.write_text(plan_text)

    assert (load_plan(path).seed, load_plan(path, seed=99).seed) == (7, 99)


def test_plans_that_cannot_be_read_are_named(tmp_path: Path) -> None:
    """A missing file, a folder, bytes that are no text, and a wrong plan."""
    (tmp_path / "latin.toml").write_bytes(b'name = "\xff"')
    (tmp_path / "wrong.toml").write_text("seed = 1")
    (tmp_path / "endless.toml").write_text("#" * 1_000_001)

    with pytest.raises(RehearsalError, match="There is no plan"):
        load_plan(tmp_path / "none.toml")
    with pytest.raises(RehearsalError, match="cannot be read"):
        load_plan(tmp_path)
    with pytest.raises(RehearsalError, match="cannot be read"):
        load_plan(tmp_path / "latin.toml")
    with pytest.raises(RehearsalError, match="longer than 1,000,000 letters"):
        load_plan(tmp_path / "endless.toml")
    with pytest.raises(PlanError, match=r"wrong\.toml has"):
        load_plan(tmp_path / "wrong.toml")


@pytest.mark.parametrize(
    ("host", "ours"),
    [
        ("localhost", True),
        ("127.0.0.1", True),
        ("127.8.9.1", True),
        ("::1", True),
        ("10.0.0.1", False),
        ("0.0.0.0", False),
        ("shop.example", False),
        ("localhost.example", False),
    ],
)
def test_only_loopback_is_ours(host: str, ours: bool) -> None:
    """Names are not looked up: a name that resolves to loopback today may not tomorrow."""
    assert is_loopback(host) is ours


@pytest.mark.parametrize(
    ("target", "says"),
    [
        pytest.param('url = "http://10.0.0.1:80"', "10.0.0.1 is not this machine", id="another machine"),
        pytest.param('url = "http://shop.example"', "allow = ", id="a name, with the mend"),
        pytest.param('url = "shop.example"', "is no http address", id="no scheme"),
        pytest.param('url = "ftp://localhost"', "is no http address", id="another scheme"),
        pytest.param('url = "http://[::1"', "Invalid IPv6 URL", id="half an IPv6 address"),
        pytest.param('url = "http://localhost:99999"', "out of range", id="a port that is none"),
        pytest.param('url = "http://localhost/ x"', "letters that no address has", id="a blank inside"),
        pytest.param('url = "http://localhost/\\r\\nX: y"', "letters that", id="a header smuggled in"),
        pytest.param(
            'url = "http://localhost"\nadmin_url = "http://10.0.0.9"',
            "10.0.0.9",
            id="readings from elsewhere",
        ),
    ],
)
def test_a_stranger_is_refused(
    make_plan: Callable[..., Plan], plan_text: str, target: str, says: str
) -> None:
    """Load goes to this machine unless the plan names the host."""
    with pytest.raises(TargetRefused, match=says):
        check_target(make_plan(_elsewhere(plan_text, target)))


@pytest.mark.parametrize(
    "target",
    [
        'url = "http://shop.example"\nallow = ["shop.example"]',
        'url = "https://shop.example"\nallow = ["shop.example"]',
        'url = "http://[::1]:8"',
    ],
)
def test_a_named_host_is_allowed(make_plan: Callable[..., Plan], plan_text: str, target: str) -> None:
    """`target.allow` names hosts; loopback needs no naming."""
    check_target(make_plan(_elsewhere(plan_text, target)))


@pytest.mark.parametrize("text", [None, "no certificate"], ids=["no file", "no certificate in it"])
def test_authorities_that_cannot_be_loaded_are_told_before_anything_starts(
    make_plan: Callable[..., Plan], plan_text: str, tmp_path: Path, text: str | None
) -> None:
    """A wrong `target.ca_file` is a sentence about the plan, not a drill of refused certificates."""
    file = tmp_path / "ca.pem"
    if text is not None:
        file.write_text(text)

    with pytest.raises(RehearsalError, match=r"target\.ca_file: .*ca\.pem holds no authorities"):
        check_target(make_plan(_elsewhere(plan_text, f'url = "https://localhost"\nca_file = "{file}"')))


@pytest.mark.parametrize("adapter", ["no.such:Thing", "os:path", "...:x"])
def test_an_adapter_that_cannot_be_loaded_is_told_before_anything_starts(
    make_plan: Callable[..., Plan], plan_text: str, adapter: str
) -> None:
    """A wrong `target.adapter` is a sentence about the plan, not a load that dies once everything stands."""
    named = plan_text.replace("[traffic]", f'[target]\nadapter = "{adapter}"\n[traffic]')

    with pytest.raises(RehearsalError, match="The adapter"):
        check_target(make_plan(named))


READ_BY = [
    ("a log", 'log = "access.log"\nnormal_per_s = 4.0', "", "scenarios.storefront:Storefront"),
    ("a locustfile", 'locustfile = "theirs.py"\nusers = 4', "", "scenarios.storefront:Storefront"),
    ("a log, and readings", 'log = "a.log"\nnormal_per_s = 4.0', 'adapter = "mine:Shop"', "mine:Shop"),
]


@pytest.mark.parametrize(("what", "load", "adapter", "expected"), READ_BY, ids=[row[0] for row in READ_BY])
def test_a_shop_without_an_adapter_is_asked_nothing(
    tmp_path: Path, what: str, load: str, adapter: str, expected: str
) -> None:
    """The mock shop's adapter would only meet pages that are not there, and call the shop unreadable."""
    path = tmp_path / "plan.toml"
    path.write_text(f"""
name = "theirs"
[target]
shop = "url"
url = "http://127.0.0.1:8000"
{adapter}
[traffic]
{load}
multiplier = 5.0
[[phases]]
name = "warm"
kind = "warmup"
duration_s = 4.0
rate = 1.0
[slo]
""")

    assert load_plan(path).target.adapter == expected, what


def _elsewhere(text: str, target: str) -> str:
    without_faults = text.split("[[faults]]")[0] + "[slo.normal]" + text.split("[slo.normal]")[1]
    return without_faults.replace("[traffic]", f'[target]\nshop = "url"\n{target}\n[traffic]')
