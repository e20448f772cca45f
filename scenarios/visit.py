"""One shopper's visit: steps with think time between, retries under one intent, a row an attempt."""

import math
from collections.abc import Callable, Sequence
from random import Random
from typing import NamedTuple, Protocol, TypeVar

import msgspec

from rehearsal.model.clock import nanoseconds
from rehearsal.model.history import BUSY, REFUSALS, Doing, Kind, Outcome, Row, Step
from scenarios.behaviour import USUAL, Behaviour, Temper
from scenarios.closing import Closing
from scenarios.schedule import Arrival
from scenarios.storefront import Answer, Storefront
from scenarios.tries import Move, Tries, better
from scenarios.wishes import PLAIN, Offers, Wishes

T = TypeVar("T")

Record = Callable[[Row, Answer], None]

_WORDS = {Move.REFUSED: Doing.RETRY_REFUSED, Move.LEAVE: Doing.ABANDONED}


class Abandoned(Exception):
    """The shopper lost patience and left, or the run is over; what she asked for may still come about."""


class Pace(Protocol):
    """Time for a visit; the generator's is gevent's, a test's stands still."""

    def now_ns(self) -> int:
        """Return the instant, in nanoseconds since the run's origin."""

    def wait_until_ns(self, instant_ns: int) -> None:
        """Return at `instant_ns`, letting other visits run meanwhile."""

    def together(self, calls: Sequence[Callable[[], T]]) -> list[T]:
        """Make the calls at the same moment, and return what they return once all have ended."""


class Basis(msgspec.Struct, frozen=True, kw_only=True):
    """What a visit buys, how long its shopper thinks (mean, seconds), waits, and takes trouble.

    A shopper in the waiting room asks for the countdown every `poll_s`, give or take `poll_jitter` of it.
    """

    sale_sku: str
    limit_per_shopper: int
    think_s: float
    poll_s: float = 1.0
    poll_jitter: float = 0.2
    behaviour: Behaviour = USUAL
    offers: Offers = Offers()


class Visit:
    """A shopper in a shop. Paths call `step`; everything they learn comes back as an Answer."""

    def __init__(  # noqa: PLR0913 - each says another thing of one visit
        self,
        arrival: Arrival,
        shop: Storefront,
        *,
        pace: Pace,
        record: Record,
        temper: Temper,
        basis: Basis,
        wishes: Wishes = PLAIN,
        lines: int = 1,
        closing: Closing | None = None,
    ) -> None:
        """Take the arrival, the shopper's storefront, and time, history and temper as arguments.

        `lines` is how many different products she puts into a cart; at the `closing` she is to have left.
        """
        self.arrival = arrival
        self.shop = shop
        self.temper = temper
        self.basis = basis
        self.wishes = wishes
        self.lines = lines
        self._closing = closing or Closing()
        self._pace = pace
        self._record = record
        self._due_ns = arrival.due_ns
        self._deadline_ns: float = arrival.release_ns or math.inf
        self._attempts = 0

    @property
    def random(self) -> Random:
        """Return this shopper's own source of chance."""
        return self.temper.random

    @property
    def due_ns(self) -> int:
        """Return when the next step is due."""
        return self._due_ns

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

    def pick_more(self, first: str, count: int) -> list[str]:
        """Return so many products that differ from the first and each other, or all that there are."""
        others = [sku for sku in dict.fromkeys(self.shop.catalogue) if sku != first]
        return self.random.sample(others, min(count, len(others)))

    def open(self) -> bool:
        """Begin the visit; tell whether the shop let the shopper in."""
        answer = self._asked(Step.ROUTE, self.shop.open, "", reopen=False)
        return answer is None or answer.outcome is Outcome.OK

    def step(
        self, step: Step, call: Callable[[], Answer | None], intent: str = "", *, twice: bool = False
    ) -> Answer:
        """Ask under one intent until the shop answers in its own words or all attempts are used up.

        `twice` sends the first attempt two times at the same moment. Abandoned if the shopper leaves.
        """
        answer = self.ask(step, call, intent, twice=twice)
        if answer is None:
            raise self._no_answer(step, None)
        return answer

    def ask(
        self, step: Step, call: Callable[[], Answer | None], intent: str = "", *, twice: bool = False
    ) -> Answer | None:
        """Ask as `step` does for what a shop may lack; None, and no row, if it does."""
        return self._asked(step, call, intent, reopen=True, twice=twice)

    def again(self, step: Step, call: Callable[[], Answer | None], intent: str, doing: Doing) -> None:
        """Send a request of the last step once more, or another under its key; nothing follows from it."""
        self._attempts += 1
        which = _Which(step, intent, self._attempts, self._due_ns)
        answer, _ = self._sent(call, Tries(self.temper, step, self._due_ns), twice=False)
        if answer is not None:
            self._record(_row(self, which, answer, doing), answer)

    def wait(self, delay_s: float) -> None:
        """Let the next step be due `delay_s` later."""
        self._due_ns += nanoseconds(delay_s)

    def hold(self) -> None:
        """Let the next step be due when the waiting room lets this shopper go; till then all else is over."""
        self._due_ns = self.arrival.release_ns
        self._deadline_ns = math.inf

    def _asked(
        self,
        step: Step,
        call: Callable[[], Answer | None],
        intent: str,
        *,
        reopen: bool,
        twice: bool = False,
    ) -> Answer | None:
        tries = Tries(self.temper, step, self._due_ns, self._deadline_ns)
        why = ""
        while True:
            self._attempts = tries.attempt
            which = _Which(step, intent, tries.attempt, self._due_ns)
            answer, second = self._sent(call, tries, twice=twice and not which.attempt)
            if answer is None:
                return None
            move = tries.after(answer)
            self._record(_row(self, which, answer, f"{why} {_WORDS.get(move, '')}".strip()), answer)
            if second is not None:
                self._record(_row(self, which, second, Doing.DOUBLE_CLICK), second)
            if move is Move.LEAVE:
                raise Abandoned
            if move in {Move.TAKE, Move.REFUSED}:
                return answer
            why = Doing.REFRESH if move is Move.REFRESH else ""
            if move is Move.RETRY:
                self._back_off(tries, reopen=reopen)

    def _sent(
        self, call: Callable[[], Answer | None], tries: Tries, *, twice: bool
    ) -> tuple[Answer | None, Answer | None]:
        """Send an attempt when it is due, or two; return the answer that counts and the other one.

        Abandoned if that is not before the closing.
        """
        if self._closing.is_over(self._due_ns):
            raise Abandoned
        self._pace.wait_until_ns(self._due_ns)
        now_ns = self._pace.now_ns()
        if self._closing.is_over(now_ns):
            raise Abandoned
        self.shop.http.give_up_s = self._closing.limit_s(tries.limit_s(now_ns), now_ns)
        self.shop.begin_step()
        if not twice:
            answer, other = call(), None
        else:
            answer, other = self._pace.together((call, call))
        for one in (answer, other):
            if isinstance(one, Answer):
                self._due_ns = max(self._due_ns, one.reply.done_ns)
            elif one is not None:
                raise self._no_answer(tries.step, one)
        if answer is not None and other is not None and better(answer, other) is other:
            answer, other = other, answer
        return answer, other

    def _no_answer(self, step: Step, returned: object) -> TypeError:
        said = f"{type(self.shop).__name__} returned {returned!r:.60}"
        return TypeError(f"{said} and no Answer for {step}; let it return self.told(page, ...)")

    def _back_off(self, tries: Tries, *, reopen: bool) -> None:
        self.wait(tries.backoff_s)
        if not reopen:
            return
        which = _Which(Step.ROUTE, "", tries.attempt, self._due_ns)
        answer, _ = self._sent(self.shop.open, tries, twice=False)
        if answer is not None:
            self._record(_row(self, which, answer, ""), answer)


def is_good(answer: Answer, note: str = "") -> bool:
    """Tell whether a shopper got an answer that a correct shop gives: ok, or a business refusal.

    To what was sent otherwise (`note`) under a key already used, any refusal in the shop's own words is one.
    """
    if answer.outcome is Outcome.OK or answer.error in REFUSALS:
        return True
    said_no = answer.outcome is Outcome.FAIL and answer.reply.status > 0 and answer.error != BUSY
    return said_no and Doing.SENT_OTHERWISE in note


class _Which(NamedTuple):
    """Which attempt a row is about."""

    step: Step
    intent: str
    attempt: int
    due_ns: int


def _row(visit: Visit, which: _Which, answer: Answer, note: str) -> Row:
    return Row(
        kind=Kind.OP,
        f=which.step,
        visit=visit.arrival.index,
        intent=which.intent,
        attempt=which.attempt,
        shopper=visit.shop.shopper,
        region=answer.region,
        due_ns=which.due_ns,
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
        note=note,
    )
