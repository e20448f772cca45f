"""What a search for capacity is warned about, and allowed."""

import pytest

from rehearsal.model.plan_check import check_plan, warnings_of
from tests.rehearsal.model.search_texts import SEARCH

STOP = "[stop]\n{}\n\n[capacity]"
FORECAST = "[forecast]\npeak_per_s = 60.0\n"
PHASE = '[[phases]]\nname = "search"\nkind = "capacity"\n'
DATA = "[data.users]\n{}\n\n[capacity]"


def said(old: str, new: str) -> tuple[str, ...]:
    """Return what the plan is warned about with one thing changed."""
    assert old in SEARCH
    return warnings_of(check_plan(SEARCH.replace(old, new, 1), source="p.toml", curves=()))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param("", "", id="the plan as it is"),
        pytest.param(f"{PHASE}\n[capacity]\n", "[capacity]\nmost_s = 1.0\n", id="nothing of it in a drill"),
        pytest.param("slo.strict", "confirm_requests = 15000\nslo.strict", id="three confirmations just fit"),
        pytest.param("stock = 100000", "stock = 750", id="units for every buyer"),
        pytest.param("[capacity]", STOP.format("orders_lost = 3"), id="a stop that no trial meets"),
        pytest.param("[capacity]", DATA.format('generate = { mail = "u{n}" }'), id="rows without end"),
    ],
)
def test_what_is_usual_is_not_spoken_of(old: str, new: str) -> None:
    """No warning."""
    assert said(old, new) == ()


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        pytest.param(
            FORECAST,
            "",
            "There is no [forecast]: capacity is searched for, and no headroom",
            id="no forecast",
        ),
        pytest.param(
            "slo.strict",
            "confirm_requests = 15001\nslo.strict",
            "most_requests is 45,000, less than 3 times confirm_requests (45,003)",
            id="few confirmations",
        ),
        pytest.param(
            "slo.strict",
            "search = false\nslo.strict",
            "capacity.search is false: only 'strict' is proven, the first SLO set",
            id="a set that nobody proves",
        ),
        pytest.param(
            "slo.strict",
            "most_s = 10.0\nslo.strict",
            "capacity.most_s is 10, and 10,000 requests to confirm take 11 s at 78 visits/s even of 12",
            id="too little time",
        ),
        pytest.param(
            "stock = 100000",
            "stock = 749",
            "sale.stock is 749, and trials may bring more than 750",
            id="sold out",
        ),
        pytest.param(
            "[capacity]", STOP.format("error_share = 0.5"), "[stop] has no say while", id="a share of errors"
        ),
        pytest.param("[capacity]", STOP.format("p99_ms = 9000.0"), "[stop] has no say while", id="a p99"),
        pytest.param(
            "[capacity]",
            DATA.format('file = "users.csv"'),
            "data.users is a file, and trials take a row for each visit, 455,000 at most",
            id="rows of a file",
        ),
    ],
)
def test_what_is_hardly_meant(old: str, new: str, says: str) -> None:
    """One sentence, and the plan is rehearsed all the same."""
    words = said(old, new)

    assert len(words) == 1
    assert says in words[0]
