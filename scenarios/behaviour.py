"""How a shopper, and the app in her hand, take waiting and failure: drawn from the seed, one for each visit.

What is drawn (how patient she is, whether she clicks twice) does not depend on timing. Whether a retry budget
has anything left does: the budget is one for each load process, as it is one for each client in the field.
"""

import math
from dataclasses import dataclass
from random import Random

import msgspec

from rehearsal.model import plan

#: Tokens a retry budget holds at most, and at first: that many retries a calm client may make at once.
RESERVE = 10.0

#: Ten tenths of a token, added up, are not quite one.
_ROUNDING = 1e-9

#: Spread of a lognormal patience: the standard deviation of its logarithm.
_SIGMA = 0.5


class Behaviour(msgspec.Struct, frozen=True, kw_only=True):
    """A plan's `[behaviour]`, as the load process is told it; see `rehearsal.model.plan.Behaviour`."""

    attempts: int = 4
    backoff_s: float = 0.25
    max_backoff_s: float = 10.0
    jitter: float = 0.5
    retry_budget: float | None = None
    double_click: float = 0.0
    refresh_after_s: float | None = None
    refreshes: int = 0
    patience_s: float | None = None
    patience: str = "lognormal"
    cancel: float = 0.0
    send_again: float = 0.0
    come_again: float = 0.0


#: What shoppers do where a plan says nothing of it.
USUAL = Behaviour()


class RetryBudget:
    """A token bucket: each first attempt puts in `share` of a token, each retry takes one out.

    So retries never exceed `RESERVE` + share × first attempts, and a long calm saves up no more than
    `RESERVE` for a storm. As Finagle's RetryBudget and gRPC's retry throttling (A6) do it, but without
    a clock.
    """

    def __init__(self, share: float) -> None:
        """Begin full. `share` is in tokens for each first attempt."""
        self._share = share
        self._tokens = RESERVE

    def deposit(self) -> None:
        """Count a first attempt."""
        self._tokens = min(RESERVE, self._tokens + self._share)

    def withdraw(self) -> bool:
        """Take a token for a retry; False if there is none, and then it must not be made."""
        if self._tokens < 1 - _ROUNDING:
            return False
        self._tokens -= 1
        return True


@dataclass(frozen=True, slots=True, kw_only=True)
class Temper:
    """One shopper's nature, her source of chance, and the budget she shares with others (None: no limit)."""

    random: Random
    behaviour: Behaviour = USUAL
    patience_s: float = math.inf
    clicks_twice: bool = False
    budget: RetryBudget | None = None

    def backoff_s(self, retry: int) -> float:
        """Return the wait before the n-th retry, from 1."""
        rules = self.behaviour
        longest_s = min(rules.backoff_s * 2.0 ** (retry - 1), rules.max_backoff_s)
        return longest_s * self.random.uniform(1 - rules.jitter, 1 + rules.jitter)


def temper_of(behaviour: Behaviour, seed: int, index: int, budget: RetryBudget | None = None) -> Temper:
    """Return the temper of visit `index`: the same for the same seed, whoever runs it."""
    nature = _random(f"{seed}/temper/{index}")
    return Temper(
        random=_random(f"{seed}/visit/{index}"),
        behaviour=behaviour,
        clicks_twice=nature.random() < behaviour.double_click,
        patience_s=_patience_s(behaviour, nature),
        budget=budget,
    )


def behaviour_of(table: plan.Behaviour) -> Behaviour:
    """Return a plan's table as the load process is told it."""
    return msgspec.convert(table.model_dump(), Behaviour)


def budget_of(behaviour: Behaviour) -> RetryBudget | None:
    """Return the retry budget of a load process, None if the plan sets none."""
    return None if behaviour.retry_budget is None else RetryBudget(behaviour.retry_budget)


def _patience_s(behaviour: Behaviour, nature: Random) -> float:
    """Draw a patience: exponential as in Palm's queue (Erlang-A), or lognormal, where few leave at once."""
    mean_s = behaviour.patience_s
    if mean_s is None:
        return math.inf
    if behaviour.patience == "exponential":
        return nature.expovariate(1 / mean_s)
    return nature.lognormvariate(math.log(mean_s) - _SIGMA**2 / 2, _SIGMA)


def _random(seed: str) -> Random:
    return Random(seed)  # noqa: S311 - repeatability, not secrecy
