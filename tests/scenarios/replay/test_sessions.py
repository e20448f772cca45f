from collections.abc import Callable
from typing import Any

import polars as pl
import pytest

from scenarios.replay import log, sessions
from scenarios.replay.log import Wanted
from scenarios.replay.paths import OTHER, Mapping, Rule
from scenarios.replay.sessions import Sessions, sessionise

Read = Callable[..., Sessions]
NO_RULES = Mapping()


@pytest.fixture
def read(logs: Any, as_json: Any, make_hit: Any) -> Read:
    """Return a function that cuts hits, (seconds, visitor, path) each, into sessions."""

    def cut(*hits: tuple[float, int, str], mapping: Mapping = NO_RULES, gap_s: float = 1800.0) -> Sessions:
        lines = [as_json(make_hit(*hit)) for hit in hits]
        return sessionise(log.read([logs.write(lines)], Wanted()).requests, mapping, gap_s)

    return cut


def test_a_visitor_silent_too_long_comes_anew(read: Read) -> None:
    """The gap itself still belongs to the session, a millisecond more does not."""
    found = read((0, 1, "/a"), (1800, 1, "/b"), (3600.001, 1, "/c"))

    assert found.steps.length.tolist() == [2, 1]
    assert read((0, 1, "/a"), (2, 1, "/b"), gap_s=1).steps.length.tolist() == [1, 1]


def test_sessions_come_in_the_order_of_their_starts(read: Read) -> None:
    """Whoever is named first in the log."""
    found = read((5, 2, "/late"), (0, 1, "/early"), (9, 1, "/early2"), (7, 2, "/late2"))
    asked = found.asked["target"][found.steps.row].to_list()

    assert asked == ["/early", "/early2", "/late", "/late2"]
    assert (found.steps.think_s).tolist() == [9, 2]


def test_steps_know_their_template_and_request(read: Read) -> None:
    """Labels come most frequent first; a step's row is what it asked for."""
    rule = Rule(pattern="^/p/", template="/p", step="product")
    found = read((0, 1, "/"), (1, 1, "/p/x"), (2, 2, "/p/y"), mapping=Mapping(path=(rule,)))
    steps = found.steps

    assert steps.labels == ("GET /p", "GET /")
    assert steps.template.tolist() == [1, 0, 0]
    assert found.asked["step"][steps.row].to_list() == ["", "product", "product"]


def test_purchases_without_a_cart_are_sessions_like_others(read: Read) -> None:
    """A log that begins in the middle of a visit is a normal log."""
    found = read((0, 1, "/orders/7/pay"), (3, 1, "/orders/7"))

    assert found.steps.length.tolist() == [2]


def test_rare_paths_are_folded_into_one(read: Read, monkeypatch: pytest.MonkeyPatch) -> None:
    """A log of random paths stays a model, and says how much was folded."""
    monkeypatch.setattr(sessions, "MOST_TEMPLATES", 2)
    found = read((0, 1, "/a"), (1, 1, "/a"), (2, 1, "/b"), (3, 1, "/c"))

    assert found.steps.labels == ("GET /a", OTHER)
    assert (found.folded, found.steps.template.tolist()) == (2, [0, 0, 1, 1])
    assert read((0, 1, "/a"), (1, 1, "/b")).folded == 0


def test_every_request_is_in_one_session(read: Read, shop: Any) -> None:
    """The known shop's sessions come back one by one."""
    hits = shop.hits()[:400]
    found = read(*[(round(hit.at_s, 3), hit.visitor, hit.path) for hit in hits])

    assert found.steps.sessions == len({hit.visitor for hit in hits})
    assert len(found.steps.at_ns) == len(hits)
    assert sorted(found.asked["target"][found.steps.row]) == sorted(pl.Series([hit.path for hit in hits]))
