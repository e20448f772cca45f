"""What `rehearse links` says; that its listeners pass on, break and heal is seen in tests/integration."""

import json
import os
from pathlib import Path

import pytest
from typer.testing import CliRunner

from chaos.lease_file import this_process
from rehearsal.cli import links as subject
from rehearsal.cli.app import app, run
from rehearsal.model.plan_shop import Link, Probe
from rehearsal.pipeline.link_server import Running, Served, announced

LINKS = """[target]
shop = "url"
url = "http://127.0.0.1:8000"
[[links]]
name = "psp"
upstream = "127.0.0.1:2"
listen = "127.0.0.1:19443"
role = "payment"
setting = "PROVIDER_URL=http://127.0.0.1:19443"
[[links]]
name = "mail"
upstream = "127.0.0.1:3"
listen = "127.0.0.1:19444"
[traffic]"""


@pytest.fixture
def plan(tmp_path: Path, plan_text: str, homes: Path) -> Path:
    """Return a plan with links, in a home of its own."""
    del homes
    path = tmp_path / "plan.toml"
    path.write_text(plan_text.replace("[traffic]", LINKS))
    return path


def running() -> Running:
    """Return a server that has the plan's links."""
    links = tuple(
        Served(name=name, listen=f"127.0.0.1:1944{n}", upstream=f"127.0.0.1:{n - 1}")
        for n, name in ((3, "psp"), (4, "mail"))
    )
    server = this_process("toxiproxy")
    return Running(plan="small", version="2.12.0", server=server, url="http://127.0.0.1:18", links=links)


def told(*argv: str) -> str:
    """Return what `rehearse links` prints."""
    result = CliRunner().invoke(app, ["links", *argv])
    assert result.exit_code == 0, result.output
    return result.stdout


def test_where_the_shop_is_to_be_pointed(plan: Path) -> None:
    """Each link with its setting, and a word for one that names none."""
    assert told("show", str(plan)).splitlines() == [
        "psp (payment): 127.0.0.1:19443 leads to 127.0.0.1:2",
        "  point there: PROVIDER_URL=http://127.0.0.1:19443",
        "mail (other): 127.0.0.1:19444 leads to 127.0.0.1:3",
        "  point there: in the shop's settings, put this address in the place of the other",
        f"To listen there: rehearse links up {plan}",
    ]


def test_the_edge_is_where_shoppers_begin(plan: Path) -> None:
    """No setting of the shop's leads there."""
    plan.write_text(plan.read_text().replace('name = "mail"', 'name = "mail"\nrole = "edge"'))

    assert (
        "  point there: target.url of the plan, where shoppers begin" in told("show", str(plan)).splitlines()
    )


def test_links_that_are_up(plan: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """They are said to be, and are not put up twice."""
    with announced(running(), os.environ):
        page, told_json = told("show", str(plan)), json.loads(told("show", str(plan), "--json"))
        code = run(lambda: app(["links", "up", str(plan)], standalone_mode=False))

    assert page.splitlines()[-1] == "They are up (Toxiproxy at http://127.0.0.1:18)."
    assert (told_json["up"], [link["name"] for link in told_json["links"]]) == (True, ["psp", "mail"])
    assert (code, "These links are up already" in capsys.readouterr().err) == (2, True)


def test_a_plan_without_links(
    tmp_path: Path, plan_text: str, homes: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """It is told what a link needs."""
    del homes
    path = tmp_path / "plan.toml"
    path.write_text(plan_text)
    code = run(lambda: app(["links", "show", str(path)], standalone_mode=False))

    assert (code, "has no [[links]]" in capsys.readouterr().err) == (2, True)


@pytest.mark.parametrize("probe", [Probe.HTTP, Probe.POSTGRES])
def test_an_upstream_that_is_not_there(probe: Probe) -> None:
    """It is named with the mend; the links stay up, for it may yet come."""
    link = Link(name="db", upstream="127.0.0.1:3", listen="127.0.0.1:1", probe=probe)
    words = subject.found_behind(link)

    assert words.startswith(f"MISS: the {probe} probe of db was refused")
    assert words.endswith("Start what is to be at 127.0.0.1:3, or correct upstream or probe.")
