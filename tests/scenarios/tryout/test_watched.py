"""A client under the doctor's eyes does what it always does."""

from typing import Any

import pytest

from scenarios.client import Client
from scenarios.tryout.watched import Watched, operation_of
from tests.conftest import StillClock


@pytest.mark.parametrize(
    ("json", "name"),
    [
        pytest.param({"query": "mutation Buy { buy }", "operationName": "Pay"}, "Pay", id="named apart"),
        pytest.param({"query": "mutation Buy { buy }"}, "Buy", id="named in the query"),
        pytest.param({"query": "{ products }"}, "", id="without a name"),
        pytest.param({"query": "shoes", "page": 1}, "", id="a search"),
        pytest.param({"query": 7}, "", id="a number"),
        pytest.param(["query"], "", id="a list"),
        pytest.param(None, "", id="no body"),
    ],
)
def test_an_operation_is_named(json: Any, name: str) -> None:
    """Of those that share one address, each is told by its name."""
    assert operation_of(json) == name


def test_whatever_the_client_offers_is_there() -> None:
    """Its cookies, and how long it waits."""
    client = Client(StillClock(), 0)
    watched = Watched(client)
    watched.give_up_s = 3.0

    assert watched.cookies is client.cookies
    assert (client.give_up_s, watched.give_up_s) == (3.0, 3.0)
