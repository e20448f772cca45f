import re

import pytest

from rehearsal.model.errors import PlanError
from rehearsal.model.plan import Plan
from rehearsal.model.plan_check import check_plan
from tests.rehearsal.model.plan_texts import BURST

CLOSED = f"""
name = "theirs"
[traffic]
locustfile = "theirs.py"
users = 20
multiplier = 5.0
{BURST}"""
BREAKS = [
    ("how many users", "users = 20\n", "", "traffic.users: is missing: how many users"),
    ("nobody", "users = 20", "users = 0", "traffic.users: must be at least 1"),
    ("more users than fit", "users = 20", "users = 20000", "traffic.users: comes to 100,000 users at once"),
    ("a rate of visits", "users = 20", "users = 20\nnormal_per_s = 2.0", "traffic.normal_per_s: has no use"),
    ("a pool", "users = 20", "users = 20\npool = 10", "traffic.pool: has no use beside traffic.locustfile"),
    (
        "a mix",
        "rate = 5.0",
        "rate = 5.0\nmix = {browse=1,cart=0,flash_sale=0}",
        "[0].mix: has no use",
    ),
    ("a behaviour", "[slo.burst]", "[behaviour]\n[slo.burst]", "behaviour: has no use"),
    (
        "a waiting room",
        "[slo.burst]",
        "[waiting_room]\nshoppers = 1\ngather_s = 1.0\n[slo.burst]",
        "waiting_room: has no use",
    ),
    ("a share of payments", "goodput", "payment_success = 0.9\ngoodput", "slo.burst.payment_success: has no"),
    (
        "a sale that never opens",
        "[slo.burst]",
        "[sale]\nstock = 3\n[slo.burst]",
        "opens_with: is missing",
    ),
    (
        "a sale in no phase",
        "[slo.burst]",
        '[sale]\nopens_with = "x"\n[slo.burst]',
        "sale.opens_with: names no phase",
    ),
    (
        "visits of our own without the rest",
        'locustfile = "theirs.py"\nusers = 20\n',
        "",
        "traffic.normal_per_s: is missing",
    ),
    (
        "our own and no forecast",
        'locustfile = "theirs.py"\nusers = 20\n',
        "",
        "forecast: is missing; only a plan with traffic.locustfile",
    ),
    (
        "our own and no promise of payments",
        'locustfile = "theirs.py"\nusers = 20\n',
        "",
        "slo.burst.payment_success: is missing",
    ),
    (
        "users of nobody",
        'locustfile = "theirs.py"\n',
        "",
        "users: has no use without traffic.locustfile",
    ),
]


def plan_of(text: str) -> Plan:
    """Return the plan a text describes."""
    return check_plan(text, source="theirs.toml", curves=())


def test_a_strangers_file_needs_no_sale_and_no_forecast() -> None:
    """What a plan of visits must say, a plan of somebody else's users may leave out."""
    plan = plan_of(CLOSED)

    assert (plan.traffic.is_closed, plan.traffic.normal, plan.peak_per_s) == (True, 20.0, 100.0)
    assert (plan.forecast, plan.has_sale) == (None, False)


@pytest.mark.parametrize(("what", "part", "broken", "told"), BREAKS, ids=[row[0] for row in BREAKS])
def test_what_is_missing_or_has_no_use_is_told(what: str, part: str, broken: str, told: str) -> None:
    """A key that would be ignored in silence is a mistake, like one that is missing."""
    assert part in CLOSED
    with pytest.raises(PlanError) as raised:
        plan_of(CLOSED.replace(part, broken, 1))

    assert any(told in str(mistake) for mistake in raised.value.mistakes), raised.value.mistakes


def test_a_plan_of_a_file_survives_its_own_json() -> None:
    """plan.json is read again by the judge and by workers."""
    plan = plan_of(CLOSED)

    assert plan == Plan.model_validate_json(plan.model_dump_json())


@pytest.mark.parametrize(
    ("target", "mistakes"),
    [
        pytest.param("", 3, id="the mock shop takes payments"),
        pytest.param(
            '[target]\nshop = "url"\nurl = "http://127.0.0.1:1"\n', 0, id="another may have none here"
        ),
    ],
)
def test_who_must_promise_payments(plan_text: str, target: str, mistakes: int) -> None:
    """A promise for every kind of phase, unless nobody can be paid in the shop that is rehearsed."""
    before, _, after = plan_text.partition("[[faults]]")
    text = before + after[after.index("[slo.normal]") :]
    told = ""
    try:
        plan_of(re.sub(r"payment_success = .*\n", "", text).replace("[traffic]", f"{target}[traffic]"))
    except PlanError as error:
        told = str(error)

    assert told.count("payment_success: is missing") == mistakes
