"""From gathering to T-0: polls, holding, and a buy that is due when the curve says."""

from collections import Counter
from collections.abc import Callable
from itertools import pairwise
from random import Random

import msgspec
import pytest

from rehearsal.model.clock import NS_PER_S
from rehearsal.model.history import Row
from rehearsal.model.plan import Plan, VisitKind, WaitingRoom
from rehearsal.model.release import releases_ns
from rehearsal.model.timeline import timeline_of
from scenarios import gathering
from scenarios.behaviour import Temper
from scenarios.mock_storefront import MockStorefront
from scenarios.schedule import KINDS, Arrival, Schedule, build, stripe
from scenarios.shopper import basis_of
from scenarios.storefront import Answer, Endpoints, Storefront
from scenarios.visit import Basis, Visit
from scenarios.waiting_room import waiting_room

from .conftest import SLOW, FakeShop, Shopped

RELEASE_NS = 6 * NS_PER_S


@pytest.fixture
def crowded(make_plan: Callable[..., Plan]) -> Plan:
    """Return the small plan with thirty shoppers who gather before T-0, at 10 s."""
    room = WaitingRoom(shoppers=30, gather_s=5.0, hold_s=2.0)
    return make_plan().model_copy(update={"waiting_room": room})


@pytest.fixture
def waiting(fake_shop: FakeShop) -> Shopped:
    """Return a visit of the waiting room, due at once and let go after 6 s, not yet let in."""
    rows: list[Row] = []
    visit = Visit(
        Arrival(0, 0, VisitKind.WAITING_ROOM, RELEASE_NS),
        MockStorefront(fake_shop, "s1-0", Endpoints(url="http://director")),
        pace=fake_shop.pace,
        record=lambda row, _answer: rows.append(row),
        temper=Temper(random=Random(4)),
        basis=Basis(sale_sku="flash", limit_per_shopper=1, think_s=0.1, poll_s=1.0, poll_jitter=0.2),
    )
    fake_shop.script["/products/flash"] = [(200, {"sku": "flash", "opens_in_ms": 1})]
    return Shopped(visit, rows)


def test_a_shopper_watches_the_countdown_and_buys_when_let_go(waiting: Shopped) -> None:
    """Polls about a second apart, none in the last half second, and the buy due at its release."""
    assert waiting.visit.open()
    assert waiting_room(waiting.visit)

    steps = [row.f for row in waiting.rows]
    assert steps[:2] == ["route", "product"]
    assert set(steps[2:-3]) == {"countdown"}
    assert steps[-3:] == ["flash_buy", "pay", "logistics"]
    polls = [row for row in waiting.rows if row.f == "countdown"]
    gaps_s = [(later.due_ns - row.done_ns) / NS_PER_S for row, later in pairwise(polls)]
    assert all(0.8 <= gap <= 1.2 for gap in gaps_s)
    assert len(set(gaps_s)) > 1
    assert polls[-1].due_ns <= RELEASE_NS - NS_PER_S // 2
    buy = waiting.rows[steps.index("flash_buy")]
    assert buy.due_ns == buy.sent_ns == RELEASE_NS


def test_a_poll_nobody_answers_does_not_hold_the_buy_up(waiting: Shopped, fake_shop: FakeShop) -> None:
    """The shopper turns from the countdown when she is let go: the buy is sent on time."""
    waiting.visit.open()
    fake_shop.script["/products/flash"] = [(200, {"sku": "flash"}), (SLOW, 60)]
    waiting_room(waiting.visit)
    poll, buy = (next(row for row in waiting.rows if row.f == step) for step in ("countdown", "flash_buy"))

    assert (poll.error, poll.done_ns) == ("given_up", RELEASE_NS)
    assert buy.due_ns == buy.sent_ns == RELEASE_NS


def test_a_poll_that_fails_near_the_end_is_not_tried_again(waiting: Shopped, fake_shop: FakeShop) -> None:
    """A retry that would come after the release is left out."""
    waiting.visit.open()
    fake_shop.script["/products/flash"] = [(200, {"sku": "flash"}), (500, {})]
    waiting_room(waiting.visit)
    polls = [row for row in waiting.rows if row.f == "countdown"]

    assert max(row.sent_ns for row in polls) < RELEASE_NS
    assert next(row for row in waiting.rows if row.f == "flash_buy").sent_ns == RELEASE_NS


def test_a_shop_that_lets_nobody_in_before_t_zero(waiting: Shopped, fake_shop: FakeShop) -> None:
    """The visit ends at its release at the latest, without a buy."""
    fake_shop.script["/route"] = [(SLOW, 60)]

    assert not waiting.visit.open()
    assert waiting.rows[-1].done_ns == RELEASE_NS


def test_too_early_is_a_good_answer(waiting: Shopped, fake_shop: FakeShop) -> None:
    """A shop whose clock is late says not_open: a refusal, no error, and no retry."""
    fake_shop.script["/flash-sale/flash/buy"] = [(403, {"error": "not_open", "opens_in_ms": 3})]
    waiting.visit.open()

    assert waiting_room(waiting.visit)
    assert waiting.rows[-1].error == "not_open"


def test_a_shop_without_countdown_shows_its_product_page() -> None:
    """An adapter need not know of countdowns."""

    class Plain(Storefront):
        """A shop with pages."""

        def view(self, sku: str) -> Answer:
            """Say which page."""
            raise LookupError(sku)

    with pytest.raises(LookupError, match="flash"):
        Plain(None, "s", None).countdown("flash")  # type: ignore[arg-type]


def test_a_countdown_must_say_how_long(waiting: Shopped, fake_shop: FakeShop) -> None:
    """A page without the time to go, or with nonsense for it, is info."""
    answers = [{"sku": "flash"}, {"sku": "flash", "opens_in_ms": "soon"}, {"sku": "flash", "opens_in_ms": -1}]
    fake_shop.script["/products/flash"] = [(200, body) for body in answers]
    waiting.visit.open()

    assert [waiting.visit.shop.countdown("flash").error for _ in answers] == ["bad_body"] * 3


def test_those_who_gather_come_within_their_window_and_each_is_let_go_once(crowded: Plan) -> None:
    """Thirty between 3 and 8 s; the instants of the curve, each given to one of them, in another order."""
    crowd = gathering.of(crowded)
    came, released = zip(*crowd, strict=True)

    assert list(came) == sorted(came)
    assert 3 * NS_PER_S <= came[0] <= came[-1] <= 8 * NS_PER_S
    assert sorted(released) == list(releases_ns(crowded))
    assert list(released) != sorted(released)


def test_the_schedule_holds_those_who_wait(crowded: Plan, make_plan: Callable[..., Plan]) -> None:
    """They are planned in the phase they come in, merged in due order, and part of the hash."""
    schedule, without = build(crowded), build(make_plan())

    assert msgspec.json.decode(msgspec.json.encode(schedule, order="sorted"), type=Schedule) == schedule
    assert Counter(KINDS[kind] for kind in schedule.kind)[VisitKind.WAITING_ROOM] == 30
    assert schedule.planned == {**without.planned, "normal": without.planned["normal"] + 30}
    assert list(schedule.due_ns) == sorted(schedule.due_ns)
    assert without.released == ()
    assert schedule.sha256 != without.sha256
    later = crowded.model_copy(update={"waiting_room": WaitingRoom(shoppers=30, gather_s=5.0, release_s=1.1)})
    assert build(later).sha256 != schedule.sha256


def test_the_ledger_is_by_the_phase_each_came_in(crowded: Plan) -> None:
    """Counted again from the schedule, every phase has as many as are planned in it."""
    schedule, timeline = build(crowded), timeline_of(crowded)

    assert Counter(timeline.phase_at(due).name for due in schedule.due_ns) == schedule.planned


@pytest.mark.parametrize("workers", [1, 2, 7])
def test_any_number_of_workers_releases_the_same_shoppers(crowded: Plan, workers: int) -> None:
    """Without a word between them: each knows its own from the schedule."""
    schedule = build(crowded)
    visits = [visit for worker in range(workers) for visit in stripe(schedule, worker, workers)]
    released = {visit.index: visit.release_ns for visit in visits if visit.kind is VisitKind.WAITING_ROOM}

    assert released == dict(schedule.released)
    assert sorted(released.values()) == list(releases_ns(crowded))
    assert all(visit.release_ns == 0 for visit in visits if visit.kind is not VisitKind.WAITING_ROOM)


def test_a_visit_is_told_what_the_plan_says(crowded: Plan, make_plan: Callable[..., Plan]) -> None:
    """How often to ask is carried over; without a waiting room nobody asks."""
    room = WaitingRoom(shoppers=1, gather_s=1.0, poll_s=3.0, poll_jitter=0.0)
    basis = basis_of(crowded.model_copy(update={"waiting_room": room}))

    assert (basis.poll_s, basis.poll_jitter, basis.sale_sku) == (3.0, 0.0, "flash")
    assert basis_of(make_plan()).behaviour.attempts == 4
