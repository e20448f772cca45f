"""`rehearse doctor --target`: what a person reads, what a program reads, and the exit code."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from rehearsal.cli.app import app, run
from rehearsal.cli.doctor_text import examined_text
from rehearsal.model.plan import VisitKind
from rehearsal.pipeline.doctor import Check
from rehearsal.pipeline.tryout import examine
from rehearsal.pipeline.tryout.child import Tried
from rehearsal.pipeline.tryout.examine import Examined
from rehearsal.pipeline.tryout.sight import dubious, well, wrong
from scenarios.tryout.told import Exchange, StepTold, VisitTold
from tests.conftest import SMALL
from tests.hostile.shop import HostileShop, serving
from tests.hostile.tried import ADAPTER, told_of

Doctor = Callable[..., int]


@pytest.fixture
def doctor(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Doctor:
    """Return a function that looks at a shop by a plan file; the walk is made in this process."""
    monkeypatch.setattr(examine, "try_out", lambda order: Tried(told=told_of(order)))

    def look(shop: HostileShop, *options: str, more: str = "") -> int:
        plan = tmp_path / "plan.toml"
        target = f'[target]\nshop = "url"\nurl = "{shop.url}"\nadapter = "{ADAPTER}"\n'
        whole = SMALL.partition("[[faults]]")[0] + SMALL[SMALL.index("[slo.normal]") :] + target + more
        plan.write_text(whole)
        argv = ["doctor", "--target", str(plan), *options]
        return run(lambda: app(argv, standalone_mode=False))

    return look


def test_a_person_reads_requests_sights_and_prices(
    doctor: Doctor, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each request with its step, status and reading; then what was seen; then what lacks."""
    with serving(HostileShop()) as shop:
        code = doctor(shop, "--no-burst")
    out, errors = capsys.readouterr()

    assert code == 0
    assert "cart:\n  route       POST /login " in out
    assert "ok (order_id=o1, sku=p1, qty=1, amount_cents=1500)" in out
    assert "ok    walk: cart: the visit went as its shopper wants." in out
    assert "the entries of the payment provider's own ledger: I4.no_double_charge, " in out
    assert "a shopper buys one unit for each of cart, flash_sale" in errors
    assert "--look buys nothing" in errors


def test_what_must_be_mended_is_exit_code_1(doctor: Doctor, capsys: pytest.CaptureFixture[str]) -> None:
    """The redirects of a step stand below it, each with where it leads."""
    with serving(HostileShop({"/orders": "led_to_login"})) as shop:
        code = doctor(shop, "--no-burst", "--quiet")
    out, errors = capsys.readouterr()

    assert code == 1
    assert "302" in out
    assert "→ /account/login?next=/" in out
    assert "fail session_expired" in out
    assert "WRONG walk: cart, step order: POST /orders finds the session ended" in out
    assert "Walking" not in errors


def test_who_only_looks_is_not_warned(doctor: Doctor, capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing is bought."""
    with serving(HostileShop()) as shop:
        code = doctor(shop, "--look", "--no-burst")

    assert (code, shop.orders) == (0, {})
    assert "buys one unit" not in capsys.readouterr().err


def test_a_program_reads_everything(doctor: Doctor, capsys: pytest.CaptureFixture[str]) -> None:
    """One JSON value and nothing else."""
    with serving(HostileShop({"/pay": "busy"})) as shop:
        code = doctor(shop, "--json")
    read = json.loads(capsys.readouterr().out)

    assert (code, read["ok"]) == (1, False)
    assert {line["type"] for line in read["walk"]} == {"step", "visit"}
    assert {sight["state"] for sight in read["sights"]} >= {"ok", "wrong"}
    assert read["missing"][0]["need"] == "stock"


def test_no_secret_is_shown(
    doctor: Doctor, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A shop that hands a secret back finds it masked, in text and in JSON."""
    monkeypatch.setenv("SHOP_SECRET", "o1-is-secret")
    more = '[secrets]\nshop = { env = "SHOP_SECRET" }\n'
    with serving(HostileShop()) as shop:
        shop.number = iter(("1-is-secret", "1-is-secret"))  # type: ignore[assignment]
        doctor(shop, "--json", "--no-burst", more=more)
        out = capsys.readouterr().out

    assert "is-secret" not in out
    assert '"order_id":"***"' in out


@pytest.mark.parametrize(
    ("argv", "words"),
    [
        pytest.param(["--look"], "go with --target", id="an option without a shop"),
        pytest.param(["--target", "nowhere.toml"], "There is no plan nowhere.toml", id="no plan"),
        pytest.param(
            ["--target", "tests/plans/short.toml"], "which a drill starts itself", id="the mock shop's plan"
        ),
    ],
)
def test_wrong_use_is_exit_code_2(argv: list[str], words: str, capsys: pytest.CaptureFixture[str]) -> None:
    """One sentence, and nothing is asked of anybody."""
    code = run(lambda: app(["doctor", *argv], standalone_mode=False))

    assert code == 2
    assert words in capsys.readouterr().err


def test_a_step_that_broke_stands_in_the_walk() -> None:
    """With the requests it had made; a step without a request says so."""
    one = Exchange(method="POST", url="http://x/graphql", operation="Buy", error="timeout", ms=5000.0)
    told = (
        StepTold(kind=VisitKind.CART, step="route", shopper="s", outcome="ok"),
        VisitTold(kind=VisitKind.CART, broke="KeyError: 'id'", exchanges=(one,)),
    )
    lines = examined_text(Examined(plan="p", url="u", tried=Tried(told=told)), None).splitlines()

    assert lines[0] == "cart:"
    assert lines[1].split() == ["route", "(no", "request)", "ok"]
    assert " ".join(lines[2].split()) == "POST /graphql (Buy) timeout 5000.0 ms the adapter broke"


def test_the_machine_is_looked_at_without_a_target(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """What a drill needs of it, and what mends it."""
    mended: list[object] = []
    checks = (Check(name="Disk", ok=True, sentence="fine."), Check(name="Cores", ok=False, sentence="few."))
    monkeypatch.setattr("rehearsal.cli.doctor.mend", lambda env, say: mended.append(say("Built.")))
    monkeypatch.setattr("rehearsal.cli.doctor.examine", lambda env: checks)
    code = run(lambda: app(["doctor", "--mend", "--quiet"], standalone_mode=False))
    out, errors = capsys.readouterr()

    assert (code, len(mended), out) == (1, 1, "MISS  Cores: few.\n")
    assert "Built." in errors


def test_sights_are_marked_and_folded() -> None:
    """In a narrow terminal the words stay clear of the marks."""
    sights = (well("clock", "it agrees."), dubious("hosts", "one more."), wrong("walk", "a b c d e f g h"))
    text = examined_text(Examined(plan="p", url="u", sights=sights), 24)

    assert text.splitlines()[:2] == ["ok    clock: it agrees.", "warn  hosts: one more."]
    assert text.splitlines()[2:] == ["WRONG walk: a b c d e f", "            g h"]
