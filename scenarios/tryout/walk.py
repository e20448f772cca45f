"""Walking one visit: the paths that shoppers take in a drill, without haste, chance, retries or pauses."""

from collections.abc import Callable, Sequence
from pathlib import Path
from random import Random
from typing import Any, TypeVar

import msgspec

from rehearsal.model.clock import NS_PER_S
from rehearsal.model.errors import RehearsalError
from rehearsal.model.history import Row, Step
from rehearsal.model.plan import VisitKind
from scenarios.behaviour import Behaviour, Temper
from scenarios.blame import frame_of
from scenarios.schedule import Arrival, shopper_name
from scenarios.shopper import PATHS, Shopping
from scenarios.storefront import Answer
from scenarios.tryout.told import Began, StepTold, Told, VisitTold
from scenarios.tryout.watched import Watched
from scenarios.visit import Basis, Pace, Visit
from scenarios.wishes import Wishes

T = TypeVar("T")
Tell = Callable[[Told], object]

#: A shopper of the waiting room is let go so long after she came, and looks at the countdown so often.
_RELEASED_NS = NS_PER_S
_POLL_S = 0.25
_FACTS = ("order_id", "payment_id", "sku", "qty", "amount_cents", "channel", "region")


class First(Random):
    """Chooses the first of everything: the first product, one unit, the shorter way."""

    def choice(self, seq: Sequence[T]) -> T:  # type: ignore[override]
        """Return the first; RehearsalError if there is none to choose from."""
        if not seq:
            raise RehearsalError("The adapter's `catalogue` is empty; name the SKUs that shoppers may buy.")
        return seq[0]


class Walked(Visit):
    """A visit that says before each step that it begins."""

    tell: Tell

    def open(self) -> bool:
        """Begin as a visit does."""
        self.tell(Began(kind=self.arrival.kind, step=Step.ROUTE))
        return super().open()

    def ask(
        self, step: Step, call: Callable[[], Answer | None], intent: str = "", *, twice: bool = False
    ) -> Answer | None:
        """Ask as a visit does."""
        self.tell(Began(kind=self.arrival.kind, step=step))
        return super().ask(step, call, intent, twice=twice)


def calm(basis: Basis) -> Basis:
    """Return what a plan says of visits as the doctor walks them: one unit, one attempt, no thinking."""
    rules = Behaviour(attempts=1, cancel=basis.behaviour.cancel)
    return msgspec.structs.replace(
        basis, limit_per_shopper=1, think_s=0.0, poll_s=_POLL_S, poll_jitter=0.0, behaviour=rules
    )


def walk(arrival: Arrival, shopping: Shopping, http: Watched, *, pace: Pace, tell: Tell) -> None:
    """Walk one visit and tell of each step; what the adapter raises is told too.

    Every code that the plan has is entered, and the order is cancelled if shoppers of the plan do that.
    """
    basis = calm(shopping.basis)
    shopper = shopper_name(shopping.seed, arrival.index)

    def record(row: Row, answer: Answer) -> None:
        tell(_step(arrival.kind, row, answer, http))

    if arrival.kind is VisitKind.WAITING_ROOM:
        arrival = msgspec.structs.replace(arrival, release_ns=pace.now_ns() + _RELEASED_NS)
    try:
        visit = Walked(
            arrival,
            shopping.adapter(http, shopper, shopping.endpoints, shopping.means_of(arrival)),
            pace=pace,
            record=record,
            temper=Temper(random=First(0), behaviour=basis.behaviour),
            basis=basis,
            wishes=_wishes(basis),
        )
        visit.tell = tell
        good = visit.open() and PATHS[arrival.kind](visit)
    except Exception as error:  # noqa: BLE001 - an adapter is a stranger's code
        broke, where = what_broke(error)
        tell(VisitTold(kind=arrival.kind, broke=broke, where=where, exchanges=http.take()))
    else:
        tell(VisitTold(kind=arrival.kind, good=good))


def what_broke(error: Exception) -> tuple[str, str]:
    """Return an exception in words, and the file, line and function of the adapter's that it came through.

    The second is empty if it came through none of the adapter's own.
    """
    words = str(error) if isinstance(error, RehearsalError) else f"{type(error).__name__}: {error}"
    last = frame_of(error)
    return words, f"{Path(last.filename).name}:{last.lineno} in {last.name}()" if last else ""


def _wishes(basis: Basis) -> Wishes:
    offers = basis.offers
    return Wishes(
        coupon=offers.coupon,
        gift_card="gift-0" if offers.gift_cards else "",
        cancels=basis.behaviour.cancel > 0,
    )


def _step(kind: VisitKind, row: Row, answer: Answer, http: Watched) -> StepTold:
    facts: dict[str, Any] = {name: value for name in _FACTS if (value := getattr(answer, name))}
    return StepTold(
        kind=kind,
        step=row.f,
        shopper=row.shopper,
        outcome=answer.outcome,
        error=answer.error,
        facts=facts,
        exchanges=http.take(),
    )
