from pathlib import Path
from typing import Any

import httpx
import pytest

from chaos.faults.processes import Attack, Kill
from rehearsal.model.errors import RehearsalError
from rehearsal.model.faults import FaultKind

PAUSED, BOTS = FaultKind.REGION_PAUSED, FaultKind.BOTS
LISTED = {"regions": [{"name": "a", "healthy": True}]}


def silent(request: httpx.Request) -> httpx.Response:
    """Answer nothing."""
    raise httpx.ReadTimeout("slow", request=request)


def test_pause_is_proven_by_silence(shop: Any, drill: Any) -> None:
    """All of the region's processes stand still, and whoever connects waits in vain."""
    fault = drill(PAUSED)
    fault.inject()
    served = fault.prove_effect()
    shop.answer = silent
    paused = fault.prove_effect()
    shop.answer = lambda _: httpx.Response(200, json=LISTED)
    fault.heal()

    assert shop.processes.calls == [
        ("pause", "region_a"),
        ("pause", "sweeper_a"),
        ("resume", "region_a"),
        ("resume", "sweeper_a"),
    ]
    assert not served.proven
    assert paused.proven
    assert "a request to region_a was not answered" in paused.saw
    assert fault.prove_heal().proven


def test_a_region_that_does_not_wake_up(shop: Any, drill: Any) -> None:
    """A process that goes on and does not answer is not healed."""
    shop.answer = silent

    with pytest.raises(RehearsalError, match="region_a was brought back but does not answer"):
        drill(PAUSED).heal()


def test_worker_dies_and_comes_back(shop: Any, site: Any) -> None:
    """Another role has other processes, and no director leads shoppers to it."""
    kill, place = Kill("worker"), site(FaultKind.WORKER_KILLED)
    kill.inject(place)
    gone = kill.shows(place)
    kill.heal(place)

    assert gone.proven
    assert shop.processes.calls == [("kill", "worker"), ("restart", "worker")]
    assert kill.mended(place).saw == "worker is running; worker answers 200"


@pytest.mark.parametrize(
    ("answer", "waiting"),
    [
        pytest.param(httpx.Response(200, json={"unsent": 3}), 3, id="three wait"),
        pytest.param(httpx.Response(200, json={"unsent": 0}), 0, id="nobody ordered"),
        pytest.param(httpx.Response(200, json={}), 0, id="a shop without confirmations"),
        pytest.param(httpx.Response(503), 0, id="a region that does not tell"),
    ],
)
def test_a_missing_worker_is_felt_by_what_waits(
    shop: Any, site: Any, answer: httpx.Response, waiting: int
) -> None:
    """Shoppers notice nothing: the confirmations that nobody sends are the witness."""
    shop.answer = lambda _: answer

    assert Kill("worker").felt(site(FaultKind.WORKER_KILLED))[0] == waiting


def test_attack_runs_with_bounds_of_its_own(shop: Any, site: Any, tmp_path: Path) -> None:
    """It would end by itself, is the same for a seed, and is ended by the healing."""
    shop.logs = tmp_path
    attack, place = Attack("bots"), site(BOTS)
    attack.inject(place)
    attack.inject(place)
    working = attack.shows(place)
    attack.heal(place)
    attack.heal(place)

    assert shop.processes.calls == [("start", "attack_bots"), ("kill", "attack_bots")]
    assert shop.processes.argv[:4] == ("attack", "bots", "--seconds", "15")
    assert shop.processes.argv[4] == "--seed"
    assert working.proven
    assert attack.mended(place).saw == "attack_bots has ended"
    assert not attack.shows(place).proven


@pytest.mark.parametrize(
    ("log", "hit"),
    [
        pytest.param('{"met": {"201": 3}}\n{"met": {"201": 5, "sold_out": 4}}\n', 9, id="the last line"),
        pytest.param('{"met": {"201": 3}}\n{"met": {"20', 3, id="a line that was cut"),
        pytest.param("Traceback\n", 0, id="it failed"),
        pytest.param("", 0, id="it said nothing"),
    ],
)
def test_what_an_attack_met(shop: Any, site: Any, tmp_path: Path, log: str, hit: int) -> None:
    """An attack counts what it met; without a count nobody was attacked."""
    shop.logs = tmp_path
    (tmp_path / "attack_bots.log").write_text(log)

    assert Attack("bots").felt(site(BOTS))[0] == hit


def test_an_attack_that_never_wrote(shop: Any, site: Any, tmp_path: Path) -> None:
    """No log, no hits."""
    shop.logs = tmp_path

    assert Attack("bots").felt(site(BOTS)) == (0, "attack_bots sent no requests")


def test_an_attack_without_a_command(site: Any) -> None:
    """A kind that nobody can carry out is refused."""
    with pytest.raises(RehearsalError, match="no command for the attack token_replay"):
        Attack("token_replay").inject(site(FaultKind.TOKEN_REPLAY))
