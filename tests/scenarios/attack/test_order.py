"""An attack's bounds: this machine, so fast, so long; and its command line."""

import io
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rehearsal.model.errors import RehearsalError, TargetRefused
from rehearsal.model.faults import FaultKind
from rehearsal.model.plan import Mix
from rehearsal.pipeline.plans import load_plan
from scenarios.attack import MOST_PER_S, USUAL_RATE_PER_S, command, commands_of
from scenarios.attack.__main__ import main
from scenarios.attack.counts import Counts, Met
from scenarios.attack.order import Attack, parse
from scenarios.attack.pacing import instants_s
from scenarios.attack.run import KINDS

PLANS = Path(__file__).parents[3] / "scenarios" / "plans"
HERE = "http://127.0.0.1:18080"


def test_every_kind_is_one_that_a_plan_can_name() -> None:
    """The faults of the model, the usual rates and what is carried out agree."""
    assert set(KINDS) == set(USUAL_RATE_PER_S)
    assert set(KINDS) <= {kind.value for kind in FaultKind}


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_a_command_is_read_as_it_was_meant(kind: str) -> None:
    """What the conductor asks for is what the process does; options may be appended."""
    argv = command(kind, url=HERE, sku="tv", rate_per_s=12.5, seconds=9, seed=7, tokens=True)
    order = parse(list(argv[3:]))

    assert order == Attack(kind=kind, url=HERE, sku="tv", rate_per_s=12.5, seconds=9.0, seed=7, tokens=True)
    assert parse([*argv[3:], "--seconds", "3"]).seconds == 3.0
    assert parse(list(command(kind, url=HERE)[3:])).rate_per_s == USUAL_RATE_PER_S[kind]


def test_an_unknown_kind_has_no_command() -> None:
    """A misspelt attack is told at once."""
    with pytest.raises(KeyError, match="botz"):
        command("botz", url=HERE)


def test_twenty_bots_for_each_buyer() -> None:
    """As many as the plan's peak has buyers, times twenty; with numbers if the sale asks for them."""
    plan = load_plan(PLANS / "retry_storm.toml")
    buyers_per_s = plan.peak_per_s * plan.traffic.mix.flash_sale if plan.traffic.mix else 0.0
    orders = {kind: parse(list(argv[3:])) for kind, argv in commands_of(plan, HERE).items()}

    assert set(orders) == set(KINDS)
    assert orders["bots"].rate_per_s == pytest.approx(20 * buyers_per_s)
    assert {order.tokens for order in orders.values()} == {plan.sale.tokens}
    assert {order.sku for order in orders.values()} == {plan.sale.sku}


def test_no_attack_is_beyond_its_bounds_and_none_is_of_nobody() -> None:
    """A plan of many buyers is attacked as fast as may be; a plan without buyers by no bots."""
    plan = load_plan(PLANS / "retry_storm.toml")
    crowd, nobody = (
        plan.model_copy(
            update={"traffic": plan.traffic.model_copy(update={"normal_per_s": rate, "mix": mix})}
        )
        for rate, mix in ((1000.0, plan.traffic.mix), (1.0, Mix(browse=1.0, cart=0.0, flash_sale=0.0)))
    )

    assert parse(list(commands_of(crowd, HERE)["bots"][3:])).rate_per_s == MOST_PER_S
    assert "bots" not in commands_of(nobody, HERE)


@pytest.mark.parametrize(
    "url",
    [
        "http://shop.example",
        "https://127.0.0.1",
        "http://192.0.2.1:80",
        "127.0.0.1:80",
        "http://[::1",
        "http://:80",
    ],
)
def test_only_this_machine_is_attacked(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    """By its own name, over plain http; anything else is refused with exit code 2."""
    with pytest.raises(TargetRefused):
        parse(["bots", "--url", url])
    assert main(["bots", "--url", url]) == 2
    assert capsys.readouterr().err.endswith(".\n")


@pytest.mark.parametrize(
    ("option", "value"),
    [("--rate", "0"), ("--rate", "1001"), ("--rate", "nan"), ("--seconds", "-1"), ("--seconds", "601")],
)
def test_bounds(option: str, value: str) -> None:
    """A rate and a time above 0, neither beyond what the harness allows itself."""
    with pytest.raises(RehearsalError, match=option):
        parse(["bots", "--url", HERE, option, value])


@given(seed=st.integers(0, 2**32), rate=st.floats(0.5, 200), seconds=st.floats(0.1, 20))
def test_strikes_come_in_order_within_the_time(seed: int, rate: float, seconds: float) -> None:
    """The same for the same seed, none before the beginning or after the end."""
    order = Attack(kind="bots", url=HERE, rate_per_s=rate, seconds=seconds, seed=seed)
    at_s = list(instants_s(order))

    assert at_s == sorted(instants_s(order))
    assert all(0 < instant < seconds for instant in at_s)


def test_strikes_come_at_the_rate() -> None:
    """Of 4,000 expected, within four standard deviations."""
    order = Attack(kind="bots", url=HERE, rate_per_s=40.0, seconds=100.0)

    assert len(list(instants_s(order))) == pytest.approx(4000, abs=4 * 4000**0.5)


def test_counts_are_lines_of_json() -> None:
    """Whoever reads the log gets each whole, and in one order."""
    counts, out = Counts(), io.StringIO()
    counts.add("buy 409 sold_out")
    counts.add("buy 201")
    counts.write(out, "bots", 1.23456, done=True)

    assert msgspec.json.decode(out.getvalue(), type=Met) == Met(
        kind="bots", at_s=1.235, met={"buy 201": 1, "buy 409 sold_out": 1}, open=0, done=True
    )
    assert out.getvalue().endswith("}\n")
