"""One trial, from the wish to what came of it."""

from collections.abc import Callable
from math import inf
from pathlib import Path

import pytest

from rehearsal.model.capacity import Purpose, Wanted
from rehearsal.model.clock import NS_PER_S
from rehearsal.model.errors import RehearsalError, Stopped
from rehearsal.model.history import Kind, Row
from rehearsal.model.plan import Mix, Plan
from rehearsal.model.plan_capacity import Slo
from rehearsal.model.verdict import Status
from rehearsal.pipeline.capacity.growing import Change, Growing, resting
from rehearsal.pipeline.capacity.measuring import REST_S, STEADY_S, Bench, Measuring
from rehearsal.rundir import folder
from rehearsal.rundir.history_file import HistoryLog
from scenarios.schedule import build
from tests.rehearsal.pipeline.capacity.shop import ORIGIN_NS, PER_VISIT, Shop

SETS = {"strict": Slo(p95_ms=100.0, p99_ms=200.0, goodput=0.9)}
WANTED = Wanted(purpose=Purpose.DOUBLE, rate_per_s=100.0, requests=1000)


@pytest.fixture
def shop(make_plan: Callable[[], Plan], tmp_path: Path) -> Shop:
    """Return a shop whose planned phases are about to begin."""
    plan = resting(make_plan())
    return Shop(tmp_path, Growing(tmp_path, plan, build(plan)))


def measuring(shop: Shop, most_s: float = inf) -> Measuring:
    """Return what measures on it, its planned phases being over."""
    bench = Bench(
        run=shop.run,
        growing=shop.growing,
        load=shop,  # type: ignore[arg-type]
        clock=shop.clock,
        origin_ns=ORIGIN_NS,
        halt=shop.halt(),
        look=shop.look,
        sets=SETS,
        used=lambda window: {"cpu": window.duration_s},
        most_s=most_s,
    )
    shop.clock.at_ns = ORIGIN_NS + shop.growing.timeline.end_ns
    shop.look()
    begun = Measuring(bench)
    begun.settle()
    return begun


def test_a_trial_offers_its_rate_until_enough_requests_have_come(shop: Shop) -> None:
    """How many requests a visit makes is told by the phases before; warm-up comes on top."""
    trial = measuring(shop).measure(WANTED)

    assert trial.number == 1
    assert trial.offered_per_s == pytest.approx(100.0, abs=0.5)
    assert trial.end_s - trial.steady_s == pytest.approx(WANTED.requests / PER_VISIT / 100.0, abs=0.05)
    assert trial.requests == pytest.approx(WANTED.requests, rel=0.1)
    assert trial.holds("strict")
    assert trial.invalid == ""
    assert trial.used == {"cpu": pytest.approx(trial.end_s - trial.start_s)}


def test_a_quick_trial_lasts_long_enough_for_a_queue_to_build_up(shop: Shop) -> None:
    """A thousand visits a second would be over before anybody waits."""
    few = Wanted(purpose=Purpose.DOUBLE, rate_per_s=1000.0, requests=100)
    trial = measuring(shop).measure(few)

    assert trial.end_s - trial.steady_s == pytest.approx(STEADY_S, abs=0.05)


def test_a_trial_beyond_what_the_shop_carries_breaks(shop: Shop) -> None:
    """And names what broke."""
    shop.most_per_s = 99.0
    trial = measuring(shop).measure(WANTED)

    assert not trial.holds("strict")
    assert (trial.broke, trial.goodput_per_s) == ("product in region a", 0.0)


def test_trials_follow_on_one_another(shop: Shop) -> None:
    """Each is of its own rows, and rests before it."""
    begun = measuring(shop)
    first, second = begun.measure(WANTED), begun.measure(WANTED)

    assert (first.number, second.number) == (1, 2)
    assert second.start_s >= first.end_s + 1.0
    assert second.requests == pytest.approx(first.requests, rel=0.1)


def test_load_that_did_not_come_makes_a_trial_invalid(shop: Shop) -> None:
    """At less than its rate it says nothing of its rate, whether it held or not."""
    shop.drops = lambda index: index % 50 == 0
    trial = measuring(shop).measure(WANTED)

    assert "visits were not sent" in trial.invalid
    assert "enlarge traffic.pool" in trial.invalid


@pytest.mark.parametrize(
    ("most_per_s", "invalid"), [(1e9, False), (99.0, True)], ids=["it held all the same", "it missed"]
)
def test_a_starved_machine_excuses_a_miss_only(shop: Shop, most_per_s: float, invalid: bool) -> None:
    """What held on a starved machine would hold on another; what missed may have missed because of it."""
    shop.most_per_s = most_per_s
    begun = measuring(shop)
    log = HistoryLog(shop.run / folder.CONDUCTOR_LOG)
    for second in range(200):
        log.append(Row(kind=Kind.HEALTH, f="cpu", sent_ns=second * NS_PER_S + 1, value=0.999))
    log.close()

    assert begun.measure(WANTED).invalid.startswith("this machine starved in seconds") is invalid


def test_what_breaks_before_the_machine_starves_is_the_shop_s(shop: Shop) -> None:
    """A trial above what the shop carries counts on a busy machine too: without what that may have added."""
    shop.most_per_s = 99.0
    begun = measuring(shop)
    busy_s = (shop.clock.at_ns - ORIGIN_NS) // NS_PER_S + 6
    log = HistoryLog(shop.run / folder.CONDUCTOR_LOG)
    log.append(Row(kind=Kind.HEALTH, f="cpu", sent_ns=busy_s * NS_PER_S + 1, value=0.999))
    log.close()
    trial = begun.measure(WANTED)

    assert (trial.status("strict"), trial.invalid) == (Status.FAIL, "")
    assert trial.excused.startswith(f"this machine starved in second {busy_s} (processor")
    assert 0 < (trial.met[0].share.value or 0) < 0.9


def weigh(shop: Shop, label: str, seconds: range) -> None:
    """Write down that a process of the shop's was there in these seconds."""
    log = HistoryLog(shop.run / folder.CONDUCTOR_LOG)
    for second in seconds:
        log.append(Row(kind=Kind.HEALTH, f=f"rss_mb/{label}", sent_ns=second * NS_PER_S, value=70.0))
    log.close()


def test_what_is_left_of_a_shop_is_not_the_shop(shop: Shop) -> None:
    """A region that ends in the midst of a trial leaves another, and that is measured."""
    begun = measuring(shop)
    now_s = (shop.clock.at_ns - ORIGIN_NS) // NS_PER_S
    weigh(shop, "region_a", range(now_s, now_s + 4))
    weigh(shop, "region_b", range(now_s, now_s + 60))

    with pytest.raises(RehearsalError, match=r"^region_a ended by itself at 100/s, and what is left"):
        begun.measure(WANTED)


def test_what_is_left_of_the_load_is_not_the_load(shop: Shop) -> None:
    """A load process that dies takes its part of every trial with it: nothing more is measured."""
    begun = measuring(shop)
    shop.alive = 1

    with pytest.raises(RehearsalError, match=r"^1 of 2 load processes died"):
        begun.measure(WANTED)


def test_a_scene_s_shop_is_what_stands_when_it_begins(shop: Shop) -> None:
    """With region a gone the other is all there is; one that ends then is missed."""
    begun = measuring(shop)
    now_s = (shop.clock.at_ns - ORIGIN_NS) // NS_PER_S
    weigh(shop, "region_a", range(now_s, now_s + 8))
    weigh(shop, "region_b", range(now_s, now_s + 60))
    begun.measure(WANTED)
    gone = Wanted(purpose=Purpose.DOUBLE, rate_per_s=100.0, requests=1000, scene="region a gone")

    assert begun.measure(gone).invalid == ""


def test_no_trial_is_longer_than_a_search_may_take(shop: Shop) -> None:
    """A tiny forecast's proof would take hours; what came of it by then is judged."""
    begun = measuring(shop, most_s=5.0)
    trial = begun.measure(Wanted(purpose=Purpose.PROOF, rate_per_s=2.0, requests=10_000))

    assert trial.end_s - trial.steady_s == pytest.approx(5.0, abs=0.6)


def test_a_change_is_made_to_the_visits(shop: Shop) -> None:
    """Until it is taken back."""
    begun = measuring(shop)
    begun.change = Change(mix=Mix(browse=0.0, cart=1.0, flash_sale=0.0))
    begun.measure(WANTED)

    assert shop.growing.plan.phases[-2].mix == begun.change.mix


def test_a_shop_that_does_not_come_to_rest_ends_the_search(shop: Shop) -> None:
    """The next trial would begin with the last one's visits."""
    begun = measuring(shop)
    shop.stuck = 7

    with pytest.raises(RehearsalError, match=r"7 visits had not ended 60 s after a trial"):
        begun.measure(WANTED)
    assert shop.clock.at_ns >= ORIGIN_NS + (shop.growing.timeline.windows[-1].start_ns) + REST_S * NS_PER_S


def test_a_stop_comes_through(shop: Shop) -> None:
    """Ctrl-C in the midst of a trial is not waited out."""
    begun = measuring(shop)
    shop.stop_at_ns = shop.clock.at_ns

    with pytest.raises(Stopped):
        begun.measure(WANTED)


def test_visits_under_way_are_those_that_the_load_counts(shop: Shop) -> None:
    """An independent witness of Little's law: the rows say how many came and how long each was."""
    trial = measuring(shop).measure(WANTED)

    assert trial.in_flight == 0.0
    assert trial.visit_s == pytest.approx(0.02)
