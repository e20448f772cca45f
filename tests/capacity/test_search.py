"""The search asks for the right trials, ends where it must, and says what it knows by then."""

import dataclasses
from typing import Any

import msgspec
import numpy as np
import pytest

from capacity.search import Goal, drive, search
from capacity.simulated import Simulated
from capacity.simulation import Queue
from rehearsal.model.capacity import Found, Purpose, Trial
from rehearsal.model.plan_capacity import Slo
from tests.capacity.told_trials import SET, Shop, at, steep

GOAL = Goal(slo_set=SET, start_per_s=20.0)


def found_by(shop: Shop, **changes: Any) -> Found:
    """Return what a search of a shop comes to."""
    return drive(search(dataclasses.replace(GOAL, **changes)), shop)


def test_the_course_of_a_search() -> None:
    """Doubling, bisection to 5 %, four longer looks at the crossing, a confirmation below it, and again."""
    shop = Shop(steep(100.0))
    found = found_by(shop)
    closer = [each.rate_per_s for each in shop.wanted if each.requests == 5000]

    assert shop.purposes == ["double"] * 4 + ["bisect"] * (4 + 4) + ["confirm", "again"]
    assert [each.rate_per_s for each in shop.wanted[:4]] == [20.0, 40.0, 80.0, 160.0]
    assert closer == pytest.approx([100.0] * 4 + [97.5], rel=2e-3)
    assert found.capacity.low == pytest.approx(97.5, rel=2e-3)
    assert found.capacity.value == pytest.approx(100.0, rel=2e-3)
    assert found.capacity.high == pytest.approx(100.0, rel=0.05)
    assert (found.why, found.broke) == ("", "shop")
    assert found.shoppers == pytest.approx(9.75, rel=2e-3)
    assert found.trials == tuple(range(1, 15))


def test_the_scene_is_part_of_what_is_wanted() -> None:
    """A search with something broken asks for every trial in that scene."""
    shop = Shop(steep(100.0))
    found = found_by(shop, scene="region a gone")

    assert {(each.scene, each.slo_set) for each in shop.wanted} == {("region a gone", SET)}
    assert found.scene == "region a gone"


def test_a_start_that_breaks_is_halved() -> None:
    """Until it holds; the search goes on from there."""
    shop = Shop(steep(100.0))
    found = found_by(shop, start_per_s=900.0)

    assert [each.rate_per_s for each in shop.wanted[:5]] == [900.0, 450.0, 225.0, 112.5, 56.25]
    assert found.capacity.value == pytest.approx(100.0, rel=2e-3)


@pytest.mark.parametrize(
    ("second", "rates"),
    [
        pytest.param(0.995, [20.0, 40.0, 40.0, 80.0, 160.0], id="by chance: it goes on above"),
        pytest.param(0.985, [20.0, 40.0, 40.0, 28.28], id="not by chance"),
    ],
)
def test_a_rate_that_may_have_broken_by_chance_is_tried_for_longer(second: float, rates: list[float]) -> None:
    """An interval around the target says neither; nothing above a rate that broke is ever tried again."""
    truth = steep(100.0)
    shop = Shop(lambda rate, number: {2: 0.9895, 3: second}.get(number, truth(rate, number)))
    found_by(shop)

    assert [each.rate_per_s for each in shop.wanted[: len(rates)]] == pytest.approx(rates, rel=1e-3)
    assert [each.requests for each in shop.wanted[1:3]] == [1000, 5000]


def test_a_rate_that_broke_beyond_doubt_is_not_tried_again() -> None:
    """A thousand requests are enough where the whole interval missed."""
    shop = Shop(lambda rate, number: 0.98 if number == 2 else steep(100.0)(rate, number))
    found_by(shop)

    assert [each.rate_per_s for each in shop.wanted[1:3]] == pytest.approx([40.0, 28.28], rel=1e-3)


def test_a_shop_that_carries_nothing() -> None:
    """After six halvings the search gives up, without a lower bound."""
    shop = Shop(lambda _rate, _number: 0.5)
    found = found_by(shop, most_s=1e9)

    assert len(shop.wanted) == 7
    assert found.capacity.low is None
    assert found.capacity.high == pytest.approx(20 / 64)
    assert found.why == "no rate was carried: even 0.3125/s broke it"


def test_a_generator_that_can_offer_no_more() -> None:
    """Nothing broke: the most it can offer is confirmed, and is a lower bound without an upper one."""
    shop = Shop(lambda _rate, _number: 1.0)
    found = found_by(shop, ceiling_per_s=50.0)

    assert [each.rate_per_s for each in shop.wanted] == [20.0, 40.0, 50.0, 50.0]
    assert shop.purposes[-1] == Purpose.CONFIRM
    assert (found.capacity.low, found.capacity.value, found.capacity.high) == (50.0, None, None)
    assert found.why == "nothing broke up to 50/s, the most that the generator offers"
    assert found.shoppers == pytest.approx(5.0)


def test_a_ceiling_that_does_not_hold_for_long() -> None:
    """A confirmation that breaks there leaves what cleared below."""
    found = found_by(Shop(lambda _rate, number: 0.9 if number == 4 else 1.0), ceiling_per_s=50.0)

    assert (found.capacity.low, found.capacity.high) == (40.0, 50.0)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        pytest.param({"most_requests": 4000}, "the budget of 4000 requests was spent", id="requests"),
        pytest.param({"most_s": 60.0}, "the budget of 60 s was spent", id="seconds"),
    ],
)
def test_a_budget_ends_the_search(change: dict[str, Any], why: str) -> None:
    """With the bounds known by then; warm-up counts."""
    shop = Shop(steep(100.0))
    found = found_by(shop, **change)
    cost = sum(each.requests + 2 * each.rate_per_s for each in shop.wanted)
    seconds = sum(1 + each.requests / (2 * each.rate_per_s) for each in shop.wanted)

    assert found.why == why
    assert found.capacity.low is not None
    assert found.capacity.low <= 100.0
    assert cost <= change.get("most_requests", cost)
    assert seconds <= change.get("most_s", seconds)


def test_a_trial_that_cannot_be_believed_is_repeated_once() -> None:
    """And no more is said of it if the second can."""
    shop = Shop(steep(100.0), lambda _rate, number: "requests sent late" if number == 3 else "")
    found = found_by(shop)

    assert [each.rate_per_s for each in shop.wanted[:5]] == [20.0, 40.0, 80.0, 80.0, 160.0]
    assert found.why == ""
    assert 3 not in found.trials


def test_a_generator_that_is_the_limit_ends_the_search() -> None:
    """Between what held and what it could not offer rates are tried; the best of them is confirmed."""
    shop = Shop(steep(100.0), lambda rate, _number: "requests sent late" if rate > 50 else "")
    found = found_by(shop)
    between = [each.rate_per_s for each in shop.wanted[4:]]

    assert [each.rate_per_s for each in shop.wanted[:4]] == [20.0, 40.0, 80.0, 80.0]
    assert between == pytest.approx([56.57, 56.57, 47.57, 51.87, 51.87, 49.67, 49.67], abs=0.01)
    assert found.capacity.low == pytest.approx(49.67, abs=0.01)
    assert found.capacity.high is None
    assert found.why == "the generator, not the shop, was the limit: requests sent late"


def test_no_more_than_two_rates_are_tried_between_in_vain() -> None:
    """A generator that is out of breath says so for a while: what held before is confirmed."""
    shop = Shop(steep(100.0), lambda _rate, number: "requests sent late" if 3 <= number < 9 else "")
    found = found_by(shop)

    assert [round(each.rate_per_s, 1) for each in shop.wanted] == [20, 40, 80, 80, 56.6, 56.6, 47.6, 47.6, 40]
    assert shop.purposes[-1] == Purpose.CONFIRM
    assert (found.capacity.low, found.capacity.high) == (40.0, None)
    assert found.why == "the generator, not the shop, was the limit: requests sent late"


def test_a_rate_that_breaks_below_one_that_cannot_be_believed_is_a_bound() -> None:
    """Doubled to more than the generator can offer, the search finds the shop's limit below all the same."""
    shop = Shop(steep(100.0), lambda rate, _number: "requests sent late" if rate > 150 else "")
    found = found_by(shop)

    assert [round(each.rate_per_s, 1) for each in shop.wanted[3:7]] == [160, 160, 113.1, 95.1]
    assert found.capacity.low == pytest.approx(97.5, rel=2e-3)
    assert found.why == ""
    assert found.capacity.high == pytest.approx(100.0, rel=0.05)


def test_a_rate_between_that_cannot_be_believed_leaves_those_below() -> None:
    """A busy minute in the midst of halving: the gap goes on from what held, and its upper end is known."""
    shop = Shop(steep(100.0), lambda _rate, number: "requests sent late" if number in {5, 6} else "")
    found = found_by(shop)

    assert [round(each.rate_per_s, 1) for each in shop.wanted[3:9]] == [160, 113.1, 113.1, 95.1, 103.7, 99.3]
    assert found.capacity.low == pytest.approx(97.5, rel=5e-3)
    assert found.why == ""


def test_a_closer_look_that_cannot_be_believed_leaves_the_confirmation() -> None:
    """It lies below, and is what counts."""
    shop = Shop(steep(100.0), lambda _rate, number: "requests sent late" if number in {9, 10} else "")
    found = found_by(shop)

    assert shop.purposes[8:] == ["bisect", "bisect", "confirm", "again"]
    assert found.capacity.low == pytest.approx(97.5, rel=5e-3)
    assert found.why == ""


def test_a_budget_that_ends_between_still_names_the_limit() -> None:
    """Where even the confirmation cannot be paid for."""
    shop = Shop(steep(100.0), lambda rate, _number: "requests sent late" if rate > 50 else "")
    found = found_by(shop, most_requests=14_000)

    assert [round(each.rate_per_s) for each in shop.wanted] == [20, 40, 80, 80]
    assert (found.capacity.low, found.capacity.high) == (40.0, None)
    assert found.why == "the generator, not the shop, was the limit: requests sent late"


def test_a_start_that_cannot_be_offered_is_halved() -> None:
    """Far above what the shop carries all users are busy waiting, and nothing is said of it."""
    shop = Shop(steep(100.0), lambda rate, _number: "no free user" if rate > 300 else "")
    found = found_by(shop, start_per_s=1600.0)

    assert [each.rate_per_s for each in shop.wanted[:8]] == [1600, 1600, 800, 800, 400, 400, 200, 100]
    assert found.capacity.value == pytest.approx(100.0, rel=0.02)


@pytest.mark.parametrize(("most_s", "trials", "last_per_s"), [(1e9, 14, 20 / 64), (100.0, 3, 10.0)])
def test_a_generator_that_can_offer_nothing_is_the_limit(
    most_s: float, trials: int, last_per_s: float
) -> None:
    """At none of the rates that a start may be halved to, or that the budget has time for."""
    shop = Shop(steep(100.0), lambda _rate, _number: "requests sent late")
    found = found_by(shop, most_s=most_s)

    assert (len(shop.wanted), shop.wanted[-1].rate_per_s) == (trials, last_per_s)
    assert found.why == "the generator, not the shop, was the limit: requests sent late"


def test_a_shop_that_has_changed_contradicts_itself() -> None:
    """Measured again it breaks: less is confirmed, and the words say so."""
    steady = steep(100.0)
    shop = Shop(lambda rate, number: steady(rate, number) if number < 14 else steady(1.05 * rate, number))
    found = found_by(shop, most_requests=90000)

    assert shop.purposes[12:] == ["confirm", "again", "confirm", "again"]
    assert "measured again, 97.5/s did not hold" in found.why
    assert found.capacity.low is not None
    assert found.capacity.low < 95.5


def test_a_confirmation_that_breaks_steps_down() -> None:
    """To `back_off` of it, or less if the crossing has moved."""
    steady = steep(100.0)
    shop = Shop(lambda rate, number: 0.98 if number == 13 else steady(rate, number))
    found = found_by(shop)
    confirmed = [each.rate_per_s for each in shop.wanted if each.purpose is Purpose.CONFIRM]

    assert len(confirmed) == 2
    assert confirmed[1] <= 0.975 * confirmed[0]
    assert (found.capacity.low or 0) <= confirmed[1]


def test_known_trials_need_not_be_made_again() -> None:
    """Another set's trials give the bracket; what says nothing of this set does not."""
    shop = Shop(steep(100.0))
    silent = msgspec.structs.replace(at(85.0, 0.5), met=())
    bad = dataclasses.replace(GOAL, known=(at(80.0, 0.9997), at(110.0, 0.954), at(90.0, 0.998), silent))
    found = drive(search(bad), shop)

    assert shop.purposes[:3] == ["bisect"] * 3
    assert min(each.rate_per_s for each in shop.wanted) > 90
    assert found.capacity.value == pytest.approx(100.0, rel=2e-3)


def test_simulated_searches_stay_below_the_truth() -> None:
    """Twenty on an M/M/8 of 6.933 erlangs: none 5 % too high, at most three above, 45,000 requests each."""
    sets = {SET: Slo(p95_ms=6000.0, p99_ms=6000.0, goodput=0.0)}
    low, requests = [], []
    for seed in range(20):
        measure = Simulated(Queue(8), sets, 30.0).measuring(np.random.default_rng(seed))
        trials: list[Trial] = []

        def kept(wanted: Any, measure: Any = measure, trials: Any = trials) -> Any:
            trials.append(measure(wanted))
            return trials[-1]

        found = drive(search(dataclasses.replace(GOAL, start_per_s=1.4, most_s=1e9)), kept)
        low.append((found.capacity.low or 0) / 6.933123)
        requests.append(sum(trial.visits for trial in trials))

    assert max(low) < 1.05
    assert sum(each > 1 for each in low) <= 3
    assert np.median(low) > 0.93
    assert max(requests) <= 45000
