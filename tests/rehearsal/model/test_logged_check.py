import pytest

from rehearsal.model.errors import PlanError
from rehearsal.model.plan import Plan
from rehearsal.model.plan_check import check_plan
from tests.rehearsal.model.plan_texts import BURST

LOGGED = f"""
name = "theirs"
[target]
shop = "url"
url = "http://127.0.0.1:8000"
[traffic]
log = "access.log"
normal_per_s = 4.0
multiplier = 5.0
{BURST}"""
RATE, SLO = "normal_per_s = 4.0", "[slo.burst]"
BREAKS = [
    ("no rate", RATE, "", "traffic.normal_per_s: is missing: how many sessions"),
    ("nothing to send", RATE, f"{RATE}\nlog_methods = []", "traffic.log_methods: needs at least 1 entry"),
    ("orders to send", RATE, f'{RATE}\nlog_methods = ["POST"]', "traffic.log_methods[0]: must be one of"),
    ("users", RATE, f"{RATE}\nusers = 3", "traffic.users: has no use without traffic.locustfile"),
    ("two loads", RATE, f'{RATE}\nlocustfile = "x.py"', "traffic.log: and traffic.locustfile both make"),
    (
        "the mock shop",
        'shop = "url"\nurl = "http://127.0.0.1:8000"',
        "",
        "target.shop: must be url with traffic.log",
    ),
    ("a mix", RATE, f"{RATE}\nmix = {{browse=1,cart=0,flash_sale=0}}", "traffic.mix: has no use"),
    ("think times", RATE, f"{RATE}\nthink_s = 1.0", "traffic.think_s: has no use beside traffic.log"),
    ("a phase's mix", "rate = 5.0", "rate = 5.0\nmix = {browse=1,cart=0,flash_sale=0}", "mix: has no use"),
    ("a behaviour", SLO, f"[behaviour]\n{SLO}", "behaviour: has no use beside traffic.log"),
    (
        "a waiting room",
        SLO,
        f"[waiting_room]\nshoppers = 1\ngather_s = 1.0\n{SLO}",
        "waiting_room: has no use",
    ),
    ("a sale", SLO, f'[sale]\nopens_with = "burst"\n{SLO}', "sale: has no use beside traffic.log"),
    ("a coupon", SLO, f"[coupon]\n{SLO}", "coupon: has no use beside traffic.log"),
    ("gift cards", SLO, f"[gift_cards]\n{SLO}", "gift_cards: has no use beside traffic.log"),
    ("test data", SLO, f'[data.users]\nfile = "users.csv"\n{SLO}', "data: has no use beside traffic.log"),
    (
        "a promise of payments",
        "goodput",
        "payment_success = 0.9\ngoodput",
        "payment_success: has no use beside traffic.log: visits only ask",
    ),
    ("lost orders", SLO, f"[stop]\norders_lost = 1\n{SLO}", "stop.orders_lost: has no use"),
    ("methods of no log", 'log = "access.log"', 'log_methods = ["GET"]', "has no use without traffic.log"),
]


def plan_of(text: str) -> Plan:
    """Return the plan a text describes."""
    return check_plan(text, source="theirs.toml", curves=())


def test_a_log_needs_no_sale_and_no_forecast() -> None:
    """Where to, how many sessions a second, and what shoppers are promised: more need not be said."""
    plan = plan_of(LOGGED)

    assert (plan.traffic.is_logged, plan.traffic.is_closed, plan.traffic.tells_steps) == (True, False, False)
    assert (plan.traffic.log_methods, plan.peak_per_s, plan.forecast) == (("GET",), 20.0, None)


def test_headroom_can_be_asked_of_a_log() -> None:
    """Visits of a log arrive by a schedule, so that they prove a rate."""
    forecast = plan_of(LOGGED.replace(SLO, f"[forecast]\npeak_per_s = 15.0\n{SLO}")).forecast

    assert forecast is not None
    assert forecast.peak_per_s == 15.0


@pytest.mark.parametrize(("what", "part", "broken", "told"), BREAKS, ids=[row[0] for row in BREAKS])
def test_what_is_missing_or_has_no_use_is_told(what: str, part: str, broken: str, told: str) -> None:
    """A key that would be ignored in silence is a mistake, like one that is missing."""
    assert part in LOGGED
    with pytest.raises(PlanError) as raised:
        plan_of(LOGGED.replace(part, broken, 1))

    assert any(told in str(mistake) for mistake in raised.value.mistakes), raised.value.mistakes
