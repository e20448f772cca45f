"""Clocks, hosts and rate limits, told from the answers alone."""

from collections.abc import Callable
from typing import Any

import pytest

from rehearsal.model.plan import Plan, WaitingRoom
from rehearsal.pipeline.tryout.sight import State
from rehearsal.pipeline.tryout.surroundings import clock_seen, hosts_seen, rates_seen
from scenarios.tryout.told import Exchange

NOON = "Sun, 22 Nov 2026 12:00:00 GMT"
NOON_S = 1_795_348_800.0
Make = Callable[..., Plan]


def asked(**facts: Any) -> Exchange:
    """Return a request to the shop."""
    return Exchange(**{"method": "GET", "url": "http://127.0.0.1/x", "status": 200, **facts})


@pytest.mark.parametrize(
    ("late_s", "ms", "state", "words"),
    [
        pytest.param(0.9, 10, State.OK, "agrees", id="within its second"),
        pytest.param(2.5, 2000, State.OK, "agrees", id="said at the begin of a slow answer"),
        pytest.param(10, 10, State.WARN, "10 s behind", id="ten seconds behind"),
        pytest.param(-10, 10, State.WARN, "10 s ahead", id="ten seconds ahead"),
        pytest.param(90, 10, State.WRONG, "90 s behind", id="a minute and a half"),
    ],
)
def test_the_clock(late_s: float, ms: float, state: State, words: str) -> None:
    """The shop's Date is of whole seconds; of all answers the one counts that shows least."""
    true = asked(date=NOON, at_s=NOON_S + late_s, ms=ms)
    worse = asked(date=NOON, at_s=NOON_S + 3 * late_s, ms=ms)
    (sight,) = clock_seen([worse, asked(date="never"), true])

    assert sight.state is state
    assert words in sight.sentence


def test_a_shop_without_a_clock() -> None:
    """Nothing can be said, and that is said."""
    assert [sight.state for sight in clock_seen([asked()])] == [State.WARN]


def test_hosts_that_are_not_allowed_are_named_with_their_page() -> None:
    """Redirects, forms and the adapter's own addresses; links that are only shown do not count."""
    walked = [
        asked(location="http://pay.example/now", url="http://127.0.0.1/pay"),
        asked(leads=("id.example", "shop.example")),
        asked(url="http://cdn.example/a", error="not_allowed", status=0),
    ]
    found = hosts_seen(walked, ("shop.example",))

    assert [sight.state for sight in found] == [State.WARN] * 3
    assert found[0].sentence.startswith("/pay leads to pay.example, which is not allowed")
    assert 'allow = ["id.example"]' in found[1].sentence
    assert "cdn.example" in found[2].sentence


def test_hosts_that_are_allowed_are_well() -> None:
    """Its own host, this machine, and what the plan names."""
    (sight,) = hosts_seen(
        [asked(location="http://shop.example/"), asked(location="/here")], ("shop.example",)
    )
    (alone,) = hosts_seen([asked()], ())

    assert (sight.state, "shop.example" in sight.sentence) == (State.OK, True)
    assert (alone.state, "its own host alone" in alone.sentence) == (State.OK, True)


REFUSED = asked(status=429, limits={"retry-after": "7"})


@pytest.mark.parametrize(
    ("burst", "state", "words"),
    [
        pytest.param([asked()] * 20, State.OK, "20 quick requests were all answered", id="no limit"),
        pytest.param(
            [asked()] * 12 + [REFUSED],
            State.WRONG,
            "request 13 of a burst was refused with 429 and Retry-After 7",
            id="refused in the burst",
        ),
        pytest.param([asked(status=503)] * 3, State.WRONG, "request 1 of a burst", id="refused at once"),
        pytest.param(
            [asked(limits={"ratelimit-policy": '"default";q=100;w=60'})] * 20,
            State.WARN,
            "100 requests in 60 s",
            id="a policy below the peak",
        ),
        pytest.param(
            [asked(limits={"ratelimit-limit": "100, 100;w=60"})] * 20,
            State.WARN,
            "100 requests in 60 s",
            id="its older spelling",
        ),
        pytest.param(
            [asked(limits={"ratelimit-policy": "60000;w=60"})] * 20,
            State.OK,
            "60000 requests in 60 s",
            id="a policy above it",
        ),
        pytest.param(
            [asked(limits={"x-ratelimit-remaining": "99"})] * 20,
            State.OK,
            "x-ratelimit-remaining name no window",
            id="headers without a window",
        ),
        pytest.param(
            [asked(limits={"ratelimit-policy": "5;w=0"})] * 2, State.OK, "name no window", id="no time at all"
        ),
        pytest.param([], State.WARN, "no burst was made", id="no burst"),
    ],
)
def test_rate_limits(make_plan: Make, burst: list[Exchange], state: State, words: str) -> None:
    """The plan's peak (10 visits/s of four requests each) beside what the shop allows one address."""
    (sight,) = rates_seen(burst, [asked()] * 12, make_plan())

    assert sight.state is state
    assert words in sight.sentence
    assert "40 requests/s" in sight.sentence or not burst


def test_a_strangers_user_is_taken_for_one_request(make_plan: Make) -> None:
    """Nobody walked, so it is not known how many a visit makes."""
    plan = make_plan()
    closed = plan.traffic.model_copy(update={"locustfile": "theirs.py", "mix": None, "users": 3})
    (sight,) = rates_seen([asked()] * 20, [], plan.model_copy(update={"traffic": closed}))

    assert sight.state is State.OK
    assert "15 requests/s" in sight.sentence


def test_a_waiting_room_lets_many_go_at_once(make_plan: Make) -> None:
    """A hundred shoppers in a second press the button together, whatever the visits' own peak."""
    plan = make_plan().model_copy(update={"waiting_room": WaitingRoom(shoppers=100, gather_s=1.0)})
    (sight,) = rates_seen([asked()] * 20, [asked()] * 4, plan)

    assert "100 requests/s" in sight.sentence
