import json
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest

from chaos.faults.modes import Channel, Mode
from rehearsal.model.errors import RehearsalError, Unreachable
from rehearsal.model.faults import FaultKind

KIND = FaultKind.PAYMENT_ERRORS
ERRORS = Mode("provider", "errors", {"share": 0.3})


@dataclass
class Processes:
    """Processes of the shop with their fault modes; those in `dead` are silent, others take what comes."""

    modes: dict[str, dict[str, Any]] = field(default_factory=dict)
    hits: dict[str, int] = field(default_factory=dict)
    dead: set[str] = field(default_factory=set)
    posts: list[tuple[str, Any]] = field(default_factory=list)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        """Answer as a process does."""
        host, name = request.url.host, request.url.path.rpartition("/")[2]
        if host in self.dead:
            raise httpx.ConnectError("dead", request=request)
        on = self.modes.setdefault(host, {})
        if request.method == "PUT":
            on[name] = json.loads(request.content)
        elif request.method == "DELETE":
            on.pop(name, None)
        elif request.method == "POST":
            self.posts.append((host, json.loads(request.content)))
        return httpx.Response(200, json={"modes": on, "hits": self.hits})


def test_mode_is_set_read_back_and_taken_away(shop: Any, site: Any) -> None:
    """A mode is on when its process says so, with the parameters that were asked for."""
    shop.answer = processes = Processes()
    place = site(KIND)
    before = ERRORS.shows(place)
    ERRORS.inject(place)
    set_to = dict(processes.modes["provider"])
    during = ERRORS.shows(place)
    ERRORS.heal(place)
    ERRORS.heal(place)

    assert [before.proven, during.proven, ERRORS.mended(place).proven] == [False, True, True]
    assert set_to == {"errors": {"share": 0.3}}
    assert during.saw == "provider has errors on"


def test_mode_of_all_regions(shop: Any, site: Any) -> None:
    """What strikes the database strikes every region."""
    shop.answer = processes = Processes()
    Mode("regions", "database_slow", {"ms": 9}).inject(site(FaultKind.DATABASE_SLOW))

    assert set(processes.modes) == {"region-a", "region-b"}


def test_one_of_two_is_no_proof(shop: Any, site: Any) -> None:
    """A region that is spared makes another fault."""
    shop.answer = Processes(modes={"region-a": {"disk_full": {}}})

    assert not Mode("regions", "disk_full", {}).shows(site(FaultKind.DISK_FULL)).proven


def test_hits_of_canaries_are_no_shoppers(shop: Any, site: Any) -> None:
    """Whoever we sent ourselves felt nothing."""
    shop.answer = Processes(hits={"errors": 5})
    place = site(KIND)
    place.own["errors"] = 2

    assert ERRORS.felt(place) == (3, "errors hit 3 requests of provider")

    place.own["errors"] = 5

    assert ERRORS.felt(place) == (0, "errors hit no requests of provider")


def test_a_mode_that_only_helps_is_no_witness(shop: Any, site: Any) -> None:
    """Errors that make somebody ask again say nothing of the keys that were forgotten."""
    shop.answer = Processes(hits={"errors": 5})

    assert Mode("provider", "errors", {"share": 0.3}, witness=False).felt(site(KIND)) == (0, "")


def test_a_mode_that_the_process_does_not_know(shop: Any, site: Any) -> None:
    """A refusal is told with the process's own words."""
    shop.answer = lambda _: httpx.Response(404, json={"error": "unknown_mode", "known": ["declines"]})

    with pytest.raises(RehearsalError, match="declines"):
        ERRORS.inject(site(KIND))


def test_a_dead_process(shop: Any, site: Any) -> None:
    """It cannot be set right, proves nothing and felt nothing."""
    shop.answer = Processes(dead={"provider"})
    place = site(KIND)

    with pytest.raises(Unreachable):
        ERRORS.heal(place)
    assert not ERRORS.shows(place).proven
    assert not ERRORS.mended(place).proven
    assert ERRORS.felt(place)[0] == 0


def test_skew_is_the_seed_s(shop: Any, drill: Any) -> None:
    """Whether a clock is ahead or behind follows from the run's seed."""
    shop.answer = processes = Processes()
    found = []
    for _ in range(3):
        drill(FaultKind.CLOCK_SKEWED).inject()
        found.append(processes.modes["region-a"]["clock_offset"]["s"])

    assert len(set(found)) == 1
    assert abs(found[0]) == 5.0


def test_channel_leads_over_and_back(shop: Any, site: Any) -> None:
    """Every region pays through the second provider, and is led back."""
    shop.answer = processes = Processes()
    place = site(FaultKind.PAYMENT_FAILOVER)
    Channel().inject(place)
    Channel().heal(place)

    second, first = {"provider": "second"}, {"provider": "first"}
    assert processes.posts == [(f"region-{name}", body) for body in (second, first) for name in "ab"]
    assert Channel().shows(place).proven
    assert Channel().mended(place).proven


def test_channel_without_a_second_provider(shop: Any, site: Any) -> None:
    """Leading payments to a dead provider is no way out."""
    shop.answer = Processes(dead={"provider2"})

    assert not Channel().shows(site(FaultKind.PAYMENT_FAILOVER)).proven
