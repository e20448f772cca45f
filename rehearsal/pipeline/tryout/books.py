"""The final readings beside what the walked visits were told: whether they speak of the same orders."""

from collections.abc import Callable, Iterable, Iterator, Mapping

import msgspec

from chaos.invariants.i16_legal_states import KNOWN
from chaos.invariants.needs import READINGS
from chaos.invariants.tables import LIVE, SOLD
from rehearsal.model.history import Outcome, Step
from rehearsal.model.plan import Plan
from rehearsal.model.readings import CHARGE_KINDS, FinalReadings, OrderReading
from rehearsal.pipeline.tryout.sight import Sight, dubious, first_of_each, well, wrong
from scenarios.tryout.told import StepTold

_ABOUT = "readings"
_GIVING = frozenset({Step.ORDER, Step.FLASH_BUY, Step.PAY})


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """An order as its shopper was told of it; `paid` if by card and for certain."""

    order_id: str
    shopper: str
    cents: int = 0
    paid: bool = False
    cancelled: bool = False


def books_seen(final: FinalReadings, steps: Iterable[StepTold], plan: Plan) -> tuple[Sight, ...]:
    """Return what is to be said of the final readings, taken after the steps."""
    told = told_of(steps)
    found = (*_orders(final, told), *_lines(final), *_stock(final, plan), *_charges(final, told))
    counts = {name: getattr(final, name) for name in READINGS}
    read = ", ".join(f"{len(rows)} {name}" for name, rows in counts.items() if rows is not None)
    if not read:
        return (dubious(_ABOUT, "the adapter reads nothing after a run, so the books cannot be audited."),)
    agree = f", and {_count(told)} of the walk found again" if told and final.orders is not None else ""
    praise = () if found else (well(_ABOUT, f"read {read}{agree}."),)
    return first_of_each([*found, *praise])


def told_of(steps: Iterable[StepTold]) -> dict[str, Told]:
    """Return by number the orders that shoppers were given in the walk."""
    told: dict[str, Told] = {}
    for step in steps:
        number = str(step.facts.get("order_id", ""))
        if step.outcome != Outcome.OK or not number:
            continue
        before = told.get(number) or Told(order_id=number, shopper=step.shopper)
        cents = int(step.facts.get("amount_cents", 0)) if step.step in _GIVING else 0
        card = step.step == Step.PAY and step.facts.get("channel", "card") == "card"
        told[number] = msgspec.structs.replace(
            before,
            cents=before.cents or cents,
            paid=before.paid or card,
            cancelled=before.cancelled or step.step == Step.CANCEL,
        )
    return told


def _orders(final: FinalReadings, told: Mapping[str, Told]) -> Iterator[Sight]:
    if final.orders is None:
        return
    kept = {order.order_id: order for order in final.orders}
    for number, order in told.items():
        if number not in kept:
            shown = ", ".join(list(kept)[-2:]) or "none"
            words = f"order {number} of the walk is not among the {len(kept)} orders read (such as {shown})"
            yield wrong(
                _ABOUT, f"{words}; order_id must be the same in the shopper's answer and the reading."
            )
            continue
        yield from (wrong(_ABOUT, words) for check in _AGREE if (words := check(order, kept[number])))
    strange = sorted({order.status for order in final.orders} - KNOWN)
    if strange:
        words = f"orders are read with the status {', '.join(map(repr, strange))}"
        yield wrong(_ABOUT, f"{words}; map it to one of {', '.join(sorted(KNOWN))}.")


def _another_total(told: Told, kept: OrderReading) -> str:
    if not told.cents or told.cents == kept.total_cents:
        return ""
    return (
        f"order {told.order_id} was told to cost {told.cents} cents and is read with {kept.total_cents}; "
        "both must be what the shopper pays in all, in minor units."
    )


def _another_shopper(told: Told, kept: OrderReading) -> str:
    if not kept.shopper or kept.shopper == told.shopper:
        return ""
    return (
        f"order {told.order_id} is of shopper {told.shopper!r} and is read with {kept.shopper!r}; read back "
        'the name that the adapter gave (self.shopper), or leave it "".'
    )


def _another_state(told: Told, kept: OrderReading) -> str:
    if told.cancelled and kept.status != "cancelled":
        return f"order {told.order_id} was cancelled, and is read as {kept.status!r}."
    if told.paid and not told.cancelled and kept.status in KNOWN and kept.status not in SOLD:
        return (
            f"order {told.order_id} was paid, and is read as {kept.status!r}; map the shop's state to paid."
        )
    return ""


_AGREE: tuple[Callable[[Told, OrderReading], str], ...] = (_another_total, _another_shopper, _another_state)


def _lines(final: FinalReadings) -> Iterator[Sight]:
    """Say whose lines do not come to its total: one order stands for all."""
    live = [order for order in final.orders or () if order.status in LIVE]
    if live and not any(order.lines for order in live):
        yield wrong(_ABOUT, "orders are read without lines; name what was bought, for units are counted so.")
        return
    for order in live:
        units = sum(line.qty * line.price_cents for line in order.lines)
        due = units - order.discount_cents - order.gift_cents
        if due != order.total_cents:
            yield wrong(
                _ABOUT,
                f"order {order.order_id} is read with a total of {order.total_cents} cents, but its lines "
                f"come to {due}; read tax, delivery and other fees or discounts as lines of their own.",
            )
            return


def _stock(final: FinalReadings, plan: Plan) -> Iterator[Sight]:
    if final.stock is None:
        return
    for row in final.stock:
        if row.initial != row.available + row.reserved + row.sold:
            yield wrong(
                _ABOUT,
                f"the stock of {row.sku} is read as {row.initial} at first, but {row.available} available + "
                f"{row.reserved} reserved + {row.sold} sold; they must add up in a shop at rest.",
            )
            return
    if not plan.has_sale:
        return
    sale = next((row for row in final.stock if row.sku == plan.sale.sku), None)
    if sale is None:
        yield wrong(_ABOUT, f"the stock read does not list {plan.sale.sku}, which is what the plan sells.")
    elif sale.initial != plan.sale.stock:
        words = f"the stock of {sale.sku} is read as {sale.initial} at first, but the plan sells"
        yield dubious(_ABOUT, f"{words} {plan.sale.stock}; a drill fails unless they are the same then.")


def _charges(final: FinalReadings, told: Mapping[str, Told]) -> Iterator[Sight]:
    if final.charges is None:
        return
    strange = sorted({charge.kind for charge in final.charges} - set(CHARGE_KINDS))
    if strange:
        words = f"the ledger is read with entries of the kind {', '.join(map(repr, strange))}"
        yield wrong(_ABOUT, f"{words}; map them to {', '.join(CHARGE_KINDS)}.")
    captured = {charge.order_id for charge in final.charges if charge.kind == "capture"}
    for order in told.values():
        if order.paid and order.order_id not in captured:
            words = f"order {order.order_id} was paid by card, and the ledger read has no capture of it"
            yield wrong(_ABOUT, f"{words}; its entries must name the same order_id.")


def _count(told: Mapping[str, Told]) -> str:
    return f"{len(told)} order{'s' if len(told) != 1 else ''}"
