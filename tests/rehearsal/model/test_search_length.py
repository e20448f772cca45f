"""A search lasts as long as it takes: a plan does not say how long its phase is."""

from typing import Any

import pytest

from rehearsal.model.search_length import with_search

SEARCH = {"name": "search", "kind": "capacity"}
BURST = {"name": "burst", "kind": "burst"}


@pytest.mark.parametrize(
    ("tables", "lasts_s"),
    [
        pytest.param({}, 1800.0, id="no table"),
        pytest.param({"capacity": {}}, 1800.0, id="a table that leaves it out"),
        pytest.param({"capacity": {"most_s": 90.0}}, 90.0, id="a table that says it"),
        pytest.param({"capacity": 3}, 1800.0, id="what is no table"),
    ],
)
def test_a_search_may_take_most_s(tables: dict[str, Any], lasts_s: float) -> None:
    """Its phase gets the length that one search may have; other phases stay as they are."""
    raw = with_search({"phases": [BURST, SEARCH], **tables})

    assert raw["phases"] == [BURST, {**SEARCH, "duration_s": lasts_s}]


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param({"phases": [{**SEARCH, "duration_s": 9.0}]}, id="a length that is there"),
        pytest.param({"phases": [BURST]}, id="another kind"),
        pytest.param({"phases": [3]}, id="a phase that is no table"),
        pytest.param({"phases": 3}, id="phases that are no list"),
        pytest.param({}, id="no phases"),
        pytest.param(3, id="no plan"),
    ],
)
def test_what_needs_no_length_stays_as_it_came(raw: Any) -> None:
    """The model says what is wrong with it."""
    assert with_search(raw) == raw
