"""The invariants once more, as slow and plain as can be: dictionaries and loops, one entity at a time."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from rehearsal.model.history import REFUSALS, Doing, Outcome, Row
from rehearsal.model.plan import Plan
from rehearsal.model.readings import ChargeReading, FinalReadings, OrderReading

SOLD = {"paid", "confirmed"}
LIVE = {"pending_payment", *SOLD}
GIVING, TELLING = {"flash_buy", "order"}, {"pay", "query"}


def oversold(rows: Sequence[Row], final: FinalReadings, plan: Plan) -> bool:
    """I1: walk through every instant and count who was promised a unit just then."""
    orders = {order.order_id: order for order in final.orders or ()}
    sold = sum(_units(order, plan) for order in orders.values() if order.status in SOLD)
    given, told = _first(rows, GIVING), _told(rows)
    spans = []
    for order_id, row in given.items():
        live = order_id in orders and orders[order_id].status in LIVE and _units(orders[order_id], plan) > 0
        if row.sku != plan.sale.sku or not (live or order_id in told):
            continue
        since = told[order_id].done_ns if order_id in told else row.done_ns
        asked = [
            r.sent_ns for r in rows if r.f == "cancel" and r.order_id == order_id and r.outcome != "fail"
        ]
        until = max(since, min(asked)) if asked and not live else None
        spans.append((since, until, row.qty))
    instants = {since for since, _, _ in spans}
    most = max((_held(spans, instant) for instant in instants), default=0)
    return sold > plan.sale.stock or most > plan.sale.stock


def _held(spans: Iterable[tuple[int, int | None, int]], instant: int) -> int:
    return sum(qty for since, until, qty in spans if since <= instant and (until is None or until > instant))


def charged_wrongly(rows: Sequence[Row], final: FinalReadings) -> set[str]:
    """I4: the orders that were charged twice, by order or by intent, or not with their total."""
    charges: dict[str, int] = defaultdict(int)
    net: dict[str, int] = defaultdict(int)
    for order_id, payment in {(charge.order_id, charge.payment_id) for charge in final.charges or ()}:
        mine = [c for c in final.charges or () if (c.order_id, c.payment_id) == (order_id, payment)]
        if moved := _moved(mine):
            charges[order_id] += moved[0]
            net[order_id] += moved[1]
    kept = {order.order_id: (order.intent, order.total_cents) for order in final.orders or ()}
    # An order whose total nobody told is held against none.
    told = {name: (row.intent, row.amount_cents or None) for name, row in _first(rows, GIVING).items()}
    known = {**told, **kept}
    of_intent: dict[str, int] = defaultdict(int)
    for order_id, count in charges.items():
        of_intent[known.get(order_id, ("", 0))[0]] += count
    bad = set()
    for order_id, count in charges.items():
        intent, total = known.get(order_id, ("", None))
        twice = count > 0 and (of_intent[intent] if intent else count) > 1
        if twice or (count <= 1 and total is not None and net[order_id] != count * total):
            bad.add(order_id)
    sold = {order.order_id: order.total_cents for order in final.orders or () if order.status in SOLD}
    quoted = [*_first(rows, GIVING).values(), *_first(rows, TELLING).values()]
    return bad | {
        r.order_id
        for r in quoted
        if r.amount_cents > 0 and sold.get(r.order_id, r.amount_cents) != r.amount_cents
    }


def _moved(entries: Sequence[ChargeReading]) -> tuple[int, int] | None:
    """Return how often one payment stands, and its money; None if nothing ever moved."""
    captures = [entry.amount_cents for entry in entries if entry.kind == "capture"]
    refunds = [entry.amount_cents for entry in entries if entry.kind == "refund"]
    voids = sum(entry.kind == "void" for entry in entries)
    if not captures and not sum(refunds):
        return None
    stands = max(0, len(captures) - len(refunds) - voids)
    return stands, 0 if voids else sum(captures) - sum(refunds)


def lost(rows: Sequence[Row], final: FinalReadings) -> set[str]:
    """I5: the orders told paid that are not in the end, and were not cancelled as asked."""
    status = {order.order_id: order.status for order in final.orders or ()}
    asked = {row.order_id for row in rows if row.f == "cancel" and row.outcome != "fail"}
    return {
        name
        for name in _told(rows)
        if status.get(name) not in SOLD and not (status.get(name) == "cancelled" and name in asked)
    }


def left_behind(rows: Sequence[Row], final: FinalReadings) -> set[str]:
    """I8: the orders that bear what failed in every attempt."""
    bad = set()
    for order in final.orders or ():
        mine = _tries(rows, order.intent) if order.intent else []
        cancels = [r for r in rows if r.f == "cancel" and r.order_id == order.order_id]
        vouchers = {
            "coupon": order.coupon,
            "gift_card": order.gift_card,
        }
        used = [
            [r for r in rows if r.f == f and r.shopper == order.shopper]
            for f, code in vouchers.items()
            if code
        ]
        if _all_failed(mine) or any(map(_all_failed, used)):
            bad.add(order.order_id)
        if order.status == "cancelled" and _all_failed(cancels):
            bad.add(order.order_id)
        way = {"paid": "card", "confirmed": "pay_later"}.get(order.status)
        if way == order.channel and _none_paid(rows, order.order_id, order.channel):
            bad.add(order.order_id)
    for charge in final.charges or ():
        one = (charge.order_id, charge.payment_id)
        moved = _moved([c for c in final.charges or () if (c.order_id, c.payment_id) == one])
        refused = (_none_paid(rows, charge.order_id, channel) for channel in ("card", ""))
        if moved and moved[0] and any(refused):
            bad.add(charge.order_id)
    return bad


def _tries(rows: Sequence[Row], intent: str) -> list[Row]:
    """Return the attempts at an order; payments are, unless one of them names an order."""
    pays = [r for r in rows if r.f == "pay" and r.intent == intent]
    given = [r for r in rows if r.f in GIVING and r.intent == intent]
    return given if any(r.order_id for r in pays) else given + pays


def _none_paid(rows: Sequence[Row], order_id: str, channel: str) -> bool:
    """Tell whether a channel was tried, and failed; an answer that names none may be about any."""
    pays = [r for r in rows if r.f == "pay" and r.order_id == order_id]
    about = [r for r in pays if not channel or r.channel in {"", channel}]
    return any(r.channel == channel for r in pays) and _all_failed(about)


def _all_failed(rows: Sequence[Row]) -> bool:
    return bool(rows) and all(row.outcome == Outcome.FAIL for row in rows)


def not_idempotent(rows: Sequence[Row], final: FinalReadings) -> set[str]:
    """I10: the intents whose answers differ, or that made several orders."""
    bad: set[str] = set()
    named: dict[tuple[str, str, str], set[str]] = defaultdict(set)
    given = {row.intent: row.done_ns for row in reversed([*_first(rows, GIVING).values()])}
    for row in rows:
        if row.f not in {*GIVING, "pay"} or not row.intent:
            continue
        otherwise, again = Doing.SENT_OTHERWISE in row.note, Doing.SENT_AGAIN in row.note
        name = row.payment_id if row.f == "pay" else row.order_id
        if row.outcome == "ok" and otherwise:
            bad.add(row.intent)
        if row.outcome == "ok" and not otherwise and name:
            named[row.f, row.intent, row.channel].add(name)
        denied = row.outcome == "fail" and row.error in {*REFUSALS, "empty_cart"}
        if again and denied and row.f in GIVING and given.get(row.intent, row.done_ns) < row.done_ns:
            bad.add(row.intent)
    bad |= {intent for (_, intent, _), names in named.items() if len(names) > 1}
    made: dict[tuple[str, str], set[str]] = defaultdict(set)
    for order in final.orders or ():
        made[order.shopper, order.intent].add(order.order_id)
    return bad | {intent for (_, intent), names in made.items() if intent and len(names) > 1}


def coupon_broken(final: FinalReadings, plan: Plan) -> bool:
    """I13: too many uses in all or of one shopper, a wrong count, or a discount for nothing."""
    coupon = plan.coupon
    assert coupon is not None
    uses = [order for order in final.orders or () if order.coupon == coupon.code and order.status in LIVE]
    each: dict[str, int] = defaultdict(int)
    for order in uses:
        each[order.shopper] += 1
    counted = [row.used for row in final.coupons or () if row.code == coupon.code]
    return (
        len(uses) > coupon.cap
        or any(count > coupon.per_shopper for count in each.values())
        or (bool(counted) and sum(counted) != len(uses))
        or any(order.discount_cents > 0 and not order.coupon for order in final.orders or ())
    )


def cart_broken(rows: Sequence[Row], final: FinalReadings) -> set[str]:
    """I18: the shoppers whose cart, seen or ordered, is not what they added."""
    bad = set()
    for shopper in {row.shopper for row in rows}:
        mine = [row for row in rows if row.shopper == shopper]
        if _seen_wrong(mine) or _ordered_wrong(mine, final):
            bad.add(shopper)
    return bad


def _adds(rows: Sequence[Row]) -> dict[tuple[str, str], tuple[int, int, int | None]]:
    """Return of each add that may have happened: its units, since when, and when it surely had."""
    found = {}
    for key in {(row.intent, row.sku) for row in rows if row.f == "cart_add"}:
        tries = [r for r in rows if r.f == "cart_add" and (r.intent, r.sku) == key and r.outcome != "fail"]
        if tries:
            sure = [row.done_ns for row in tries if row.outcome == "ok"]
            units = max(row.qty for row in tries)
            found[key] = (units, min(row.sent_ns for row in tries), min(sure, default=None))
    return found


def _seen_wrong(rows: Sequence[Row]) -> bool:
    taken = [row.sent_ns for row in rows if row.f == "order" and row.outcome != "fail"]
    for row in rows:
        is_empty = row.f == "order" and row.outcome == "fail" and row.error == "empty_cart"
        if not is_empty and not (row.f == "cart_view" and row.outcome == "ok"):
            continue
        seen, adds = 0 if is_empty else row.qty, _adds(rows).values()
        gone = any(at <= row.done_ns for at in taken)
        least = 0 if gone else sum(qty for qty, _, sure in adds if sure is not None and sure < row.sent_ns)
        most = sum(qty for qty, since, _ in adds if since <= row.done_ns)
        if not least <= seen <= most:
            return True
    return False


def _ordered_wrong(rows: Sequence[Row], final: FinalReadings) -> bool:
    tries = [row for row in rows if row.f == "order" and row.outcome != "fail" and row.intent]
    intents = {row.intent for row in tries}
    shopper = rows[0].shopper
    kept = [order for order in final.orders or () if order.shopper == shopper and order.intent in intents]
    given = {row.intent for row in tries if row.outcome == "ok"} & {order.intent for order in kept}
    begun = [min(row.sent_ns for row in tries if row.intent == intent) for intent in given]
    last = max(begun, default=-1)
    adds = {key: facts for key, facts in _adds(rows).items() if kept}
    for sku in {sku for _, sku in adds} | {line.sku for order in kept for line in order.lines}:
        units = sum(line.qty for order in kept for line in order.lines if line.sku == sku)
        of_sku = [facts for (_, other), facts in adds.items() if other == sku]
        least = sum(qty for qty, _, sure in of_sku if sure is not None and sure < last)
        if not least <= units <= sum(qty for qty, _, _ in of_sku):
            return True
    return False


def _first(rows: Sequence[Row], steps: set[str]) -> dict[str, Row]:
    """Return the first ok answer about each order, in time order."""
    found: dict[str, Row] = {}
    for row in sorted(rows, key=lambda row: (row.done_ns, row.due_ns)):
        if row.f in steps and row.outcome == "ok" and row.order_id:
            found.setdefault(row.order_id, row)
    return found


def _told(rows: Sequence[Row]) -> dict[str, Row]:
    """Return the first answer that says an order stands: paid, or given on a channel."""
    return _first([row for row in rows if row.f in TELLING or row.channel], GIVING | TELLING)


def _units(order: OrderReading, plan: Plan) -> int:
    return sum(line.qty for line in order.lines if line.sku == plan.sale.sku)
