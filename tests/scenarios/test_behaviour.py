"""Tempers are drawn from the seed; a retry budget is never exceeded."""

import math
from random import Random
from statistics import fmean

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rehearsal.model import plan
from scenarios.behaviour import RESERVE, Behaviour, RetryBudget, Temper, behaviour_of, budget_of, temper_of


@given(share=st.floats(0, 2), asked=st.lists(st.booleans(), max_size=400))
def test_retries_never_exceed_the_budget(share: float, asked: list[bool]) -> None:
    """Retries allowed ≤ reserve + share × first attempts, in whatever order both come."""
    budget, first, retries = RetryBudget(share), 0, 0
    for is_retry in asked:
        if is_retry:
            retries += budget.withdraw()
        else:
            first += 1
            budget.deposit()

        assert retries <= RESERVE + share * first + 1e-6


def test_a_budget_refuses_when_it_is_empty_and_fills_with_first_attempts() -> None:
    """The reserve is spent first; at a tenth of a token each, ten first attempts pay for one retry."""
    budget = RetryBudget(0.1)

    assert [budget.withdraw() for _ in range(11)] == [True] * 10 + [False]
    for _ in range(10):
        budget.deposit()
    assert [budget.withdraw(), budget.withdraw()] == [True, False]


def test_a_calm_hour_saves_up_no_more_than_the_reserve() -> None:
    """A thousand first attempts do not pay for a storm of a thousand retries."""
    budget = RetryBudget(1.0)
    for _ in range(1000):
        budget.deposit()

    assert sum(budget.withdraw() for _ in range(1000)) == RESERVE


def test_only_a_plan_that_sets_a_budget_has_one() -> None:
    """A budget of 0 allows the reserve and no more; no budget allows all."""
    assert budget_of(Behaviour()) is None
    assert budget_of(Behaviour(retry_budget=0.0)) is not None


def test_a_temper_depends_on_seed_and_visit_alone() -> None:
    """Drawn again it is the same; another visit's or seed's is another."""
    rules = Behaviour(patience_s=5.0, double_click=0.5)
    tempers = [temper_of(rules, seed, index).patience_s for seed, index in ((1, 1), (1, 1), (1, 2), (2, 1))]

    assert tempers[0] == tempers[1]
    assert len(set(tempers)) == 3


def test_behaviour_does_not_change_what_a_shopper_wants() -> None:
    """Patience and double clicks have a chance of their own: paths and think times stay as they were."""
    calm, hasty = (
        temper_of(rules, 1, 7) for rules in (Behaviour(), Behaviour(patience_s=1.0, double_click=1.0))
    )

    assert calm.random.random() == hasty.random.random()
    assert (calm.clicks_twice, hasty.clicks_twice) == (False, True)
    assert math.isinf(calm.patience_s)


@pytest.mark.parametrize("patience", ["exponential", "lognormal"])
def test_patience_has_the_mean_the_plan_says(patience: str) -> None:
    """Over 4,000 shoppers the mean of either law is 8 s within 5 % (its standard error is at most 1.6 %)."""
    rules = Behaviour(patience_s=8.0, patience=patience)

    assert fmean(temper_of(rules, 3, index).patience_s for index in range(4000)) == pytest.approx(
        8.0, rel=0.05
    )


def test_double_clicks_come_in_the_share_the_plan_says() -> None:
    """Of 4,000 shoppers a tenth, within four standard errors."""
    rules = Behaviour(double_click=0.1)

    assert sum(temper_of(rules, 3, index).clicks_twice for index in range(4000)) == pytest.approx(400, abs=76)


@given(st.integers(1, 19), st.floats(0, 1), st.integers())
def test_backoff_doubles_up_to_its_longest_give_or_take_the_jitter(
    retry: int, jitter: float, seed: int
) -> None:
    """0.25, 0.5, 1, 2, 2 …, each within its share."""
    temper = Temper(random=Random(seed), behaviour=Behaviour(max_backoff_s=2.0, jitter=jitter))
    middle_s = min(0.25 * 2 ** (retry - 1), 2.0)

    assert middle_s * (1 - jitter) - 1e-12 <= temper.backoff_s(retry) <= middle_s * (1 + jitter) + 1e-12


def test_the_load_process_is_told_what_the_plan_says() -> None:
    """Every key of the table is carried over, and both sides mean the same by saying nothing."""
    table = plan.Behaviour(
        attempts=2, retry_budget=0.2, refresh_after_s=1.0, refreshes=3, patience="exponential", cancel=0.1
    )

    assert behaviour_of(plan.Behaviour()) == Behaviour()
    assert behaviour_of(table) == Behaviour(
        attempts=2, retry_budget=0.2, refresh_after_s=1.0, refreshes=3, patience="exponential", cancel=0.1
    )
