import json

import pytest
from typer.testing import CliRunner

from rehearsal.cli.app import app, run
from rehearsal.model.faults import FaultKind
from rehearsal.model.link_check import ROLE_OF


def told(*argv: str) -> str:
    """Return what `rehearse faults` prints."""
    result = CliRunner().invoke(app, ["faults", *argv])
    assert result.exit_code == 0, result.output
    return result.stdout


def test_the_catalogue_is_listed_a_line_each() -> None:
    """Every fault that a plan can name has a code, its name and a sentence."""
    lines = told().splitlines()

    assert set(FaultKind) == {line.split()[1] for line in lines}
    assert len(FaultKind) == len(lines)
    assert all(line.endswith(".") for line in lines)
    assert lines[0].startswith("P1   payment_unreachable ")


def test_the_catalogue_as_json() -> None:
    """What a person reads a program can read too, all kinds of it."""
    rows = json.loads(told("--json"))

    assert {row["kind"] for row in rows} == set(FaultKind)
    assert all(row["mechanism"] and row["reset"] and row["steady"] and row["recovery"] for row in rows)


@pytest.mark.parametrize("name", ["region_cutover", "R9", "r9"])
def test_all_of_one(name: str) -> None:
    """Mechanism, check, recovery, reset and promise of one fault, by name or code."""
    page = told(name)

    assert "R9  region_cutover: shoppers moved between regions" in page
    assert "fault mode write_ban of region share=0.25" in page
    assert "switch write_ban off" in page
    assert "promise       browse: works; cart, flash sale, checkout, payment: degraded" in page
    assert "`region` in the plan" in page


@pytest.mark.parametrize("kind", list(FaultKind))
def test_every_fault_has_a_page(kind: FaultKind) -> None:
    """No fault is without words for what it does and how it is undone."""
    page = told(kind)

    assert all(f"\n  {part}" in page for part in ("effect", "mechanism", "steady state", "recovery", "reset"))


@pytest.mark.parametrize(
    ("name", "advice"),
    [
        pytest.param("paymnt_slow", "did you mean payment_slow", id="misspelt"),
        pytest.param("partition", "did you mean region_partitioned", id="a part of a name"),
        pytest.param("xyzzy", "rehearse faults lists them all", id="nothing like it"),
    ],
)
def test_an_unknown_fault(capsys: pytest.CaptureFixture[str], name: str, advice: str) -> None:
    """A name that is none is answered with those that are near."""
    assert run(lambda: app(["faults", name], standalone_mode=False)) == 2
    assert advice in capsys.readouterr().err


def test_what_links_are_enough_for() -> None:
    """`--links` lists what a plan for another shop can name; a page says how it is done."""
    listed = {line.split()[1] for line in told("--links").splitlines()}

    assert listed == {kind.value for kind in ROLE_OF} | {FaultKind.TOXIC.value}
    assert "on links      close every link of the role database" in told("database_down")
    assert "on links      not enough for it" in told("callback_lost")
