"""One asking: how often and how long a shopper tries to get one answer. Pure but for her own chance."""

import math
from enum import Enum

from rehearsal.model.clock import NS_PER_MS, NS_PER_S, nanoseconds, seconds
from rehearsal.model.history import BUSY, GIVEN_UP, PENDING, Outcome, Step
from scenarios.behaviour import Temper
from scenarios.storefront import Answer

#: Steps that are pages: loading one again changes nothing at the shop.
PAGES = frozenset({Step.ROUTE, Step.PRODUCT, Step.QUERY, Step.LOGISTICS, Step.COUNTDOWN, Step.CART_VIEW})

#: Refusals that say: not now. Certainly without effect, so asking again later can do no harm.
NOT_NOW = frozenset({BUSY, "unavailable"})

#: A wait that ended this close to its limit has reached it.
_CLOSE_NS = NS_PER_MS


class Move(Enum):
    """What a shopper does about an answer: take it, as it is; ask again, in two ways; or go."""

    TAKE = "take"
    RETRY = "retry"
    REFUSED = "refused"
    REFRESH = "refresh"
    LEAVE = "leave"


class Tries:
    """The attempts of one asking that was due at `since_ns`; with a `deadline_ns`, over by then."""

    def __init__(self, temper: Temper, step: Step, since_ns: int, deadline_ns: float = math.inf) -> None:
        """Begin with the first attempt, which feeds the retry budget."""
        self._temper = temper
        self.step = step
        self._since_ns = since_ns
        self._deadline_ns = deadline_ns
        self._retries = 0
        self._reloads = 0
        self.backoff_s = 0.0
        if temper.budget is not None:
            temper.budget.deposit()

    @property
    def attempt(self) -> int:
        """Return the number of the attempt under way, from 0."""
        return self._retries + self._reloads

    def limit_s(self, now_ns: int) -> float | None:
        """Return how long an attempt sent now is waited for; None if for ever."""
        ends_ns = min(self._leaves_ns, self._deadline_ns)
        if self._may_reload:
            ends_ns = min(ends_ns, now_ns + nanoseconds(self._temper.behaviour.refresh_after_s or 0.0))
        return None if math.isinf(ends_ns) else max(seconds(ends_ns - now_ns), seconds(_CLOSE_NS))

    def after(self, answer: Answer) -> Move:
        """Decide on an answer; `backoff_s` is the wait before a retry."""
        done_ns = answer.reply.done_ns
        if not is_retried(answer) or done_ns > self._deadline_ns - _CLOSE_NS:
            return Move.TAKE
        if done_ns > self._leaves_ns - _CLOSE_NS:
            return Move.LEAVE
        if answer.error == GIVEN_UP and self._may_reload:
            self._reloads += 1
            return Move.REFRESH
        return self._retry(done_ns, retry_after_s(answer))

    def _retry(self, done_ns: int, at_least_s: float) -> Move:
        if self._retries + 1 >= self._temper.behaviour.attempts:
            return Move.TAKE
        longest_s = self._temper.behaviour.max_backoff_s
        backoff_s = max(self._temper.backoff_s(self._retries + 1), min(at_least_s, longest_s))
        again_ns = done_ns + nanoseconds(backoff_s)
        if again_ns >= self._deadline_ns:
            return Move.TAKE
        if again_ns >= self._leaves_ns:
            return Move.LEAVE
        if self._temper.budget is not None and not self._temper.budget.withdraw():
            return Move.REFUSED
        self.backoff_s = backoff_s
        self._retries += 1
        return Move.RETRY

    @property
    def _leaves_ns(self) -> float:
        return self._since_ns + self._temper.patience_s * NS_PER_S

    @property
    def _may_reload(self) -> bool:
        rules = self._temper.behaviour
        return self.step in PAGES and rules.refresh_after_s is not None and self._reloads < rules.refreshes


def is_retried(answer: Answer) -> bool:
    """Tell whether a shopper tries again: nothing is known, the request never left, or it came too soon."""
    if answer.outcome is Outcome.INFO:
        return answer.error != PENDING
    return answer.outcome is Outcome.FAIL and (answer.reply.status == 0 or answer.error in NOT_NOW)


def retry_after_s(answer: Answer) -> float:
    """Return how long the shop asks to wait before trying again, 0 if it does not say (RFC 9110, 10.2.3).

    Only seconds are understood, not a date.
    """
    said = answer.reply.headers.get("retry-after", "") if answer.error in NOT_NOW else ""
    return float(said) if said.isdecimal() and said.isascii() else 0.0


def better(one: Answer, other: Answer) -> Answer:
    """Return the answer a shopper who asked twice at once goes by: the one that holds the better news.

    Of two that leave her in doubt, pending comes first: the shop has it in hand, so she must not pay anew.
    """
    return min(one, other, key=_news)


def _news(answer: Answer) -> int:
    if answer.outcome is Outcome.OK:
        return 0
    if answer.outcome is Outcome.INFO:
        return 1 if answer.error == PENDING else 2
    return 3
