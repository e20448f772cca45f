"""One shopper's visit: steps with think time between, retries under one intent, a row an attempt."""

from collections.abc import Callable
from random import Random
from typing import Protocol

import msgspec

from rehearsal.model.clock import nanoseconds
from rehearsal.model.history import PENDING, REFUSALS, Kind, Outcome, Row, Step
from scenarios.schedule import Arrival
from scenarios.storefront import Answer, Storefront

#: Attempts of one intent, the first included, and the wait before the second; it doubles from there.
ATTEMPTS = 4
BACKOFF_S = 0.25

Record = Callable[[Row, Answer], None]


class Pace(Protocol):
    """Time for a visit; the generator's is gevent's, a test's stands still."""

    def now_ns(self) -> int:
        """Return the instant, in nanoseconds since the run's origin."""

    def wait_until_ns(self, instant_ns: int) -> None:
        """Return at `instant_ns`, letting other visits run meanwhile."""


class Basis(msgspec.Struct, frozen=True, kw_only=True):
    """What a visit buys and how long its shopper thinks (mean, seconds)."""

    sale_sku: str
    limit_per_shopper: int
    think_s: float


class Visit:
    """A shopper in a shop. Paths call `step`; everything they learn comes back as an Answer."""

    def __init__(
        self,
        arrival: Arrival,
        shop: Storefront,
        *,
        pace: Pace,
        record: Record,
        random: Random,
        basis: Basis,
    ) -> None:
        """Take the arrival, the shopper's storefront, and time, history and randomness as arguments."""
        self.arrival = arrival
        self.shop = shop
        self.random = random
        self.basis = basis
        self._pace = pace
        self._record = record
        self._due_ns = arrival.due_ns
        self._region = ""

    @property
    def intent(self) -> str:
        """Return the name of what this shopper came to buy; unique in a run, equal for equal seeds."""
        return f"buy:{self.shop.shopper}"

    def think(self) -> None:
        """Let the next step be due after an exponential think time."""
        if self.basis.think_s > 0:
            self._due_ns += nanoseconds(self.random.expovariate(1 / self.basis.think_s))

    def pick(self) -> str:
        """Return a product of the catalogue."""
        return self.random.choice(self.shop.catalogue)

    def open(self) -> bool:
        """Begin the visit; tell whether the shop let the shopper in."""
        answer = self._retried(Step.ROUTE, self.shop.open, "", reopen=False)
        return answer is None or answer.outcome is Outcome.OK

    def step(self, step: Step, call: Callable[[], Answer | None], intent: str = "") -> Answer:
        """Make attempts under one intent until the shop answers in its own words or they are used up."""
        answer = self._retried(step, call, intent, reopen=True)
        if answer is None:
            raise TypeError(f"{type(self.shop).__name__} returned no Answer for {step}")
        return answer

    def once(
        self, step: Step, call: Callable[[], Answer | None], intent: str = "", attempt: int = 0
    ) -> Answer | None:
        """Make one attempt when it is due, and write its row."""
        due_ns = self._due_ns
        self._pace.wait_until_ns(due_ns)
        answer = call()
        if answer is None:
            return None
        self._due_ns = answer.reply.done_ns
        self._region = answer.region or self._region
        self._record(_row(self, step, answer, intent=intent, attempt=attempt, due_ns=due_ns), answer)
        return answer

    def wait(self, delay_s: float) -> None:
        """Let the next step be due `delay_s` later."""
        self._due_ns += nanoseconds(delay_s)

    def _retried(
        self, step: Step, call: Callable[[], Answer | None], intent: str, *, reopen: bool
    ) -> Answer | None:
        answer = self.once(step, call, intent)
        for attempt in range(1, ATTEMPTS):
            if answer is None or not is_retried(answer):
                break
            self.wait(BACKOFF_S * 2 ** (attempt - 1) * self.random.uniform(0.5, 1.5))
            if reopen:
                self.once(Step.ROUTE, self.shop.open, "", attempt)
            answer = self.once(step, call, intent, attempt)
        return answer


def is_retried(answer: Answer) -> bool:
    """Tell whether a shopper tries again: nothing is known, or the request never left."""
    if answer.outcome is Outcome.INFO:
        return answer.error != PENDING
    return answer.outcome is Outcome.FAIL and answer.reply.status == 0


def is_good(answer: Answer) -> bool:
    """Tell whether a shopper got an answer that a correct shop gives: ok, or a business refusal."""
    return answer.outcome is Outcome.OK or answer.error in REFUSALS


def _row(visit: Visit, step: Step, answer: Answer, *, intent: str, attempt: int, due_ns: int) -> Row:
    return Row(
        kind=Kind.OP,
        f=step,
        visit=visit.arrival.index,
        intent=intent,
        attempt=attempt,
        shopper=visit.shop.shopper,
        region=answer.region,
        due_ns=due_ns,
        sent_ns=answer.reply.sent_ns,
        done_ns=answer.reply.done_ns,
        outcome=answer.outcome,
        error=answer.error,
        status=answer.reply.status,
        sku=answer.sku,
        qty=answer.qty,
        amount_cents=answer.amount_cents,
        order_id=answer.order_id,
        payment_id=answer.payment_id,
        channel=answer.channel,
    )
