"""A history of a correct shop, as long as asked for, with its final readings: to try the audit on.

Made column by column from the visits' numbers, so that millions of operations take seconds. Every visit that
buys has an order of its own.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import msgspec
import numpy as np
import polars as pl

from rehearsal.model.clock import NS_PER_MS, nanoseconds
from rehearsal.model.history import PENDING, Kind, Outcome, Step
from rehearsal.model.plan import Plan
from rehearsal.rundir.history_file import SCHEMA

#: Of ten visits four browse, four fill a cart, two come for the sale: operations of each path.
_BROWSE, _CART, _FLASH = range(4), range(4, 8), range(8, 10)
_OPS_OF_TEN = 4 * 3 + 4 * 6 + 2 * 5
#: One payment in so many loses its first answer; one in so many is pending at first.
_LOST, _PENDING = 100, 1000
_CART_CENTS, _STEP_NS = 1500, 40 * NS_PER_MS
#: The first of so many parts of the sale's visits get a unit; the others come too late.
_LUCKY = 5
PHASE = "normal"
_STATUS = {Outcome.OK: 200, Outcome.FAIL: 409, Outcome.INFO: 0}
_PREFIX = {Step.CART_ADD: "cart:", Step.ORDER: "", Step.FLASH_BUY: "", Step.PAY: "pay:", Step.QUERY: "pay:"}


@dataclass(frozen=True, slots=True)
class Size:
    """How long a history is: `visits` of one shopper each, over `duration_s`."""

    visits: int
    duration_s: float

    @property
    def stock(self) -> int:
        """Return the units on sale: just as many as are bought."""
        return max(1, int(bought(np.arange(self.visits), self).sum()))


@dataclass(frozen=True, slots=True)
class _Asked:
    """One operation of a path: which step, in which turn, and how it ends."""

    step: Step
    turn: int
    outcome: Outcome = Outcome.OK
    error: str = ""
    attempt: int = 0


def size_of(ops: int) -> Size:
    """Return the size of a history of at least `ops` operations, at a thousand visits a second."""
    visits = -(-ops // _OPS_OF_TEN) * 10
    return Size(visits, max(1.0, visits / 1000))


def plan_of(size: Size) -> Plan:
    """Return the plan that such a history would have come of."""
    phase = {"name": PHASE, "kind": "normal", "duration_s": size.duration_s, "rate": 1.0}
    table = {
        "name": "clean history",
        "traffic": {
            "normal_per_s": 1000.0,
            "multiplier": 5.0,
            "mix": {"browse": 0.4, "cart": 0.4, "flash_sale": 0.2},
        },
        "sale": {"stock": size.stock, "opens_with": PHASE},
        "phases": [phase],
        "slo": {"normal": {"p95_ms": 250.0, "p99_ms": 500.0, "goodput": 0.99}},
    }
    return Plan.model_validate_json(msgspec.json.encode(table))


def bought(visits: np.ndarray, size: Size) -> np.ndarray:
    """Tell of each visit whether it came for the sale and got a unit: the first ones did."""
    lucky: np.ndarray = np.logical_and(visits % 10 >= _FLASH.start, visits < size.visits // _LUCKY)
    return lucky


def parts_of(size: Size, *, rows: int) -> Iterator[pl.DataFrame]:
    """Yield the history in parts of about `rows` rows each, in the order of visits (columns of SCHEMA)."""
    step = max(10, rows * 10 // _OPS_OF_TEN)
    for first in range(0, size.visits, step):
        yield _part(np.arange(first, min(first + step, size.visits)), size)


def ordering(size: Size) -> pl.DataFrame:
    """Return the orders: visit, order_id, shopper, intent, sku, total_cents, payment_id."""
    visits = np.arange(size.visits)
    in_cart = np.isin(visits % 10, _CART)
    visits = visits[in_cart | bought(visits, size)]
    return _named(pl.DataFrame({"visit": visits}))


def _part(visits: np.ndarray, size: Size) -> pl.DataFrame:
    path = visits % 10
    cart, flash = np.isin(path, _CART), path >= _FLASH.start
    lucky = bought(visits, size)
    paying = cart | lucky
    late = flash & ~lucky
    tries = [
        _ops(visits, size, _Asked(Step.ROUTE, 0)),
        _ops(visits, size, _Asked(Step.PRODUCT, 1)),
        _ops(visits[path < _BROWSE.stop], size, _Asked(Step.PRODUCT, 2)),
        _ops(visits[cart], size, _Asked(Step.CART_ADD, 2)),
        _ops(visits[cart], size, _Asked(Step.ORDER, 3)),
        _ops(visits[lucky], size, _Asked(Step.FLASH_BUY, 3)),
        _ops(visits[late], size, _Asked(Step.FLASH_BUY, 3, Outcome.FAIL, "sold_out")),
        _ops(visits[late], size, _Asked(Step.PRODUCT, 4)),
        _ops(visits[late], size, _Asked(Step.PRODUCT, 5)),
        *_payments(visits[paying], size),
        _ops(visits[paying], size, _Asked(Step.LOGISTICS, 6)),
    ]
    return pl.concat(tries).sort("due_ns").select(*SCHEMA)


def _payments(visits: np.ndarray, size: Size) -> list[pl.DataFrame]:
    number = visits // 10
    lost, pending = number % _LOST == 1, number % _PENDING == 2  # noqa: PLR2004 - any remainder will do
    plain = ~(lost | pending)
    return [
        _ops(visits[plain], size, _Asked(Step.PAY, 4)),
        _ops(visits[lost], size, _Asked(Step.PAY, 4, Outcome.INFO, "timeout")),
        _ops(visits[lost], size, _Asked(Step.PAY, 5, attempt=1)),
        _ops(visits[pending], size, _Asked(Step.PAY, 4, Outcome.INFO, PENDING)),
        _ops(visits[pending], size, _Asked(Step.QUERY, 5)),
    ]


def _ops(visits: np.ndarray, size: Size, asked: _Asked) -> pl.DataFrame:
    """Return one operation of each visit."""
    gap_ns = nanoseconds(size.duration_s) // max(1, size.visits)
    rows = _named(pl.DataFrame({"visit": visits, "due_ns": visits * gap_ns + asked.turn * _STEP_NS}))
    is_a = pl.col("visit") % 2 == 0
    columns = {
        "kind": pl.lit(Kind.OP),
        "f": pl.lit(asked.step),
        "attempt": pl.lit(asked.attempt),
        "region": pl.when(is_a).then(pl.lit("a")).otherwise(pl.lit("b")),
        "sent_ns": pl.col("due_ns") + NS_PER_MS,
        "done_ns": pl.col("due_ns") + 20 * NS_PER_MS,
        "outcome": pl.lit(asked.outcome),
        "error": pl.lit(asked.error),
        "status": pl.lit(_STATUS[asked.outcome]),
        "value": pl.lit(0.0),
        "note": pl.lit(""),
        "phase": pl.lit(PHASE),
        **_content(asked),
    }
    return rows.with_columns(**columns).select(pl.col(name).cast(kind) for name, kind in SCHEMA.items())


def _content(asked: _Asked) -> dict[str, pl.Expr]:
    """Return what an answer to such an operation holds."""
    nothing, none, answered = pl.lit(""), pl.lit(0), asked.outcome == Outcome.OK
    ordering_ = asked.step in {Step.ORDER, Step.FLASH_BUY}
    adding, paying = asked.step is Step.CART_ADD, asked.step in {Step.PAY, Step.QUERY}
    told = answered and (ordering_ or paying)
    intent = pl.concat_str(pl.lit(_PREFIX[asked.step]), "intent") if asked.step in _PREFIX else nothing
    return {
        "intent": intent,
        "qty": pl.lit(1) if ordering_ or adding else none,
        "sku": pl.col("sku") if ordering_ or adding or asked.step is Step.PRODUCT else nothing,
        "amount_cents": pl.col("total_cents") if told else none,
        "order_id": pl.col("order_id") if told else nothing,
        "payment_id": pl.col("payment_id") if answered and paying else nothing,
        "channel": pl.lit("card") if paying else nothing,
    }


def _named(rows: pl.DataFrame) -> pl.DataFrame:
    """Add what a visit's number decides: its shopper, intent, order, product, total and payment."""
    number = pl.col("visit").cast(pl.String)
    in_sale = pl.col("visit") % 10 >= _FLASH.start
    return rows.with_columns(
        shopper=pl.concat_str(pl.lit("s1-"), number),
        intent=pl.concat_str(pl.lit("buy:s1-"), number),
        order_id=pl.concat_str(pl.lit("o-"), number),
        payment_id=pl.concat_str(pl.lit("p-"), number),
        sku=pl.when(in_sale).then(pl.lit("flash")).otherwise(pl.lit("p1")),
        total_cents=pl.when(in_sale).then(19900).otherwise(_CART_CENTS).cast(pl.Int64),
    )
