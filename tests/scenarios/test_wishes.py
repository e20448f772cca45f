"""Wishes are drawn from seed and visit, in the shares the plan says, and change nothing else."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rehearsal.model import plan
from rehearsal.pipeline.plans import load_plan
from scenarios.behaviour import Behaviour
from scenarios.wishes import PLAIN, Offers, offers_of, wishes_of

PLANS = Path(__file__).parents[2] / "scenarios" / "plans"
SHARES = st.floats(0, 1)
MANY = range(4000)


@given(seed=st.integers(0, 2**63), index=st.integers(0, 10**6))
def test_who_is_offered_nothing_wishes_nothing(seed: int, index: int) -> None:
    """A plan without coupons, gift cards, cancellations and repetitions has plain shoppers."""
    assert wishes_of(Offers(tokens=True), Behaviour(), seed, index) is PLAIN


@given(index=st.integers(0, 10**6), coupon=SHARES, gift=SHARES)
def test_one_share_does_not_change_another(index: int, coupon: float, gift: float) -> None:
    """More coupons leave the holders of gift cards who they are, and which card they hold."""
    some = Offers(coupon="save", coupon_share=coupon, gift_cards=9, gift_share=gift)
    more = Offers(coupon="save", coupon_share=1.0, gift_cards=9, gift_share=gift)

    assert wishes_of(some, Behaviour(cancel=0.5), 7, index).gift_card == (
        wishes_of(more, Behaviour(cancel=0.5, send_again=0.5), 7, index).gift_card
    )


def test_wishes_come_in_the_shares_the_plan_says() -> None:
    """Of 4,000 shoppers a tenth of each, within four standard errors; all cards are held by somebody."""
    offers = Offers(coupon="save", coupon_share=0.1, gift_cards=5, gift_share=0.1)
    rules = Behaviour(cancel=0.1, send_again=0.1, come_again=0.1)
    all_of_them = [wishes_of(offers, rules, 3, index) for index in MANY]
    held = {wishes.gift_card for wishes in all_of_them if wishes.gift_card}

    assert {"gift-0", "gift-1", "gift-2", "gift-3", "gift-4"} == held
    for name in ("coupon", "gift_card", "cancels", "sends_again", "comes_again"):
        assert sum(bool(getattr(wishes, name)) for wishes in all_of_them) == pytest.approx(400, abs=76)


def test_wishes_depend_on_seed_and_visit_alone() -> None:
    """Drawn again they are the same; of 100 visits some differ with the seed."""
    offers, rules = Offers(coupon="save", coupon_share=0.5), Behaviour(cancel=0.5)
    one, same, other = ([wishes_of(offers, rules, seed, index) for index in range(100)] for seed in (1, 1, 2))

    assert one == same
    assert one != other


def test_the_load_process_is_told_what_the_plan_says() -> None:
    """Code and share of the coupon, number and share of the cards, and whether numbers are drawn."""
    simple = load_plan(PLANS / "retry_storm.toml")
    rich = simple.model_copy(
        update={
            "coupon": plan.Coupon(code="ten", share=0.4),
            "gift_cards": plan.GiftCards(cards=3, share=0.1),
            "sale": simple.sale.model_copy(update={"tokens": True}),
        }
    )

    assert offers_of(simple) == Offers()
    assert offers_of(rich) == Offers(
        coupon="ten", coupon_share=0.4, gift_cards=3, gift_share=0.1, tokens=True
    )
