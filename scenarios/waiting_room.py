"""The path of a shopper who waits for the sale to open: watch the countdown, hold, buy when let go."""

from functools import partial

from rehearsal.model.clock import NS_PER_S
from rehearsal.model.history import Step
from scenarios.flash_sale import buy_and_pay, draw
from scenarios.visit import Visit

#: Nobody asks for the countdown this shortly before being let go: the finger is on the button.
_QUIET_NS = NS_PER_S // 2


def waiting_room(visit: Visit) -> bool:
    """Wait with the countdown in sight, then buy as in the flash sale, without a pause for thought.

    A number of the queue is drawn on arrival, and once more when she is let go if none was had then.
    """
    visit.step(Step.PRODUCT, partial(visit.shop.view, visit.basis.sale_sku))
    drawn = draw(visit)
    while True:
        visit.wait(_poll_s(visit))
        if visit.due_ns > visit.arrival.release_ns - _QUIET_NS:
            break
        visit.step(Step.COUNTDOWN, partial(visit.shop.countdown, visit.basis.sale_sku))
    visit.hold()
    return (drawn or draw(visit)) and buy_and_pay(visit)


def _poll_s(visit: Visit) -> float:
    basis = visit.basis
    return basis.poll_s * visit.random.uniform(1 - basis.poll_jitter, 1 + basis.poll_jitter)
