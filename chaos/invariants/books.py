"""What an audit judges from: the history as a lazy frame, and the final readings as tables.

Each view is built when an invariant first asks for it, of the columns it needs and no others, and kept for
the rest of the audit: a history of ten million ops is gone through once a view, not once an invariant.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import polars as pl

from chaos.invariants.reading_tables import ReadingTables, tables_of
from rehearsal.model.history import Drop, Kind, Outcome, Step
from rehearsal.model.readings import FinalReadings

#: Steps whose answer gives a shopper an order, and steps whose answer tells her that it is paid.
GIVING = (Step.FLASH_BUY, Step.ORDER)
TELLING = (Step.PAY, Step.QUERY)

#: Answers that may give an order: where paying makes it, those that say of what it is.
GIVES = pl.col("f").is_in(GIVING) | ((pl.col("f") == Step.PAY) & (pl.col("sku") != ""))
#: What a shopper wants: a payment's intent is named after that of its buy (scenarios/payment.py).
WISH = pl.col("intent").str.strip_prefix("pay:")

_FIRST = ("order_id", "intent", "done_ns", "shopper", "sku", "qty", "amount_cents")


@dataclass(frozen=True, eq=False)
class Books:
    """One run's evidence. Tables of readings are None where the adapter could not read them."""

    history: pl.LazyFrame
    tables: ReadingTables

    @classmethod
    def of(
        cls, frame: pl.DataFrame | pl.LazyFrame, readings: FinalReadings | Iterable[FinalReadings]
    ) -> "Books":
        """Take a history (columns of `history_file.SCHEMA`) and the final readings, whole or in parts."""
        parts = (readings,) if isinstance(readings, FinalReadings) else readings
        return cls(frame.lazy(), tables_of(parts))

    def ops(self, *steps: Step) -> pl.LazyFrame:
        """Return the requests of some steps (of all if none is named), every attempt."""
        rows = self.history.filter(pl.col("kind") == Kind.OP)
        return rows.filter(pl.col("f").is_in(steps)) if steps else rows

    @cached_property
    def told(self) -> pl.DataFrame:
        """Return the orders that shoppers were told are paid or confirmed, in time order.

        An order given on a channel needs no payment afterwards: its answer says that it stands.
        Columns, of the first such answer: order_id, intent, acked_ns, shopper, sku, qty, amount_cents.
        """
        standing = pl.col("f").is_in(GIVING) & (pl.col("channel") != "")
        return _first(self.ops().filter(pl.col("f").is_in(TELLING) | standing))

    @cached_property
    def given(self) -> pl.DataFrame:
        """Return the orders that shoppers were given, paid or not; columns as `told`."""
        return _first(self._giving)

    @cached_property
    def given_to(self) -> pl.DataFrame:
        """Return every order_id, intent and shopper in which an order was given, each once."""
        rows = _ok(self._giving).select("order_id", "intent", "shopper")
        return rows.unique(maintain_order=True).collect()

    @property
    def _giving(self) -> pl.LazyFrame:
        return self.ops().filter(GIVES)

    @cached_property
    def cancels(self) -> pl.DataFrame:
        """Return the orders that shoppers asked to cancel.

        asked_ns: since when it may have taken effect, null if every attempt failed for certain; acked_ns:
        when a shopper was first told that it had, null if never.
        """
        ok, possible = pl.col("outcome") == Outcome.OK, pl.col("outcome") != Outcome.FAIL
        return (
            self.ops(Step.CANCEL)
            .group_by("order_id", maintain_order=True)
            .agg(
                pl.col("sent_ns").filter(possible).min().alias("asked_ns"),
                pl.col("done_ns").filter(ok).min().alias("acked_ns"),
            )
            .collect()
        )

    @cached_property
    def aborted(self) -> pl.DataFrame:
        """Return the visits that ended with the process that made them (`visit`): they lack attempts."""
        drops = self.history.filter((pl.col("kind") == Kind.DROP) & (pl.col("f") == Drop.ABORTED))
        return drops.select("visit").unique().collect()

    @property
    def orders(self) -> pl.DataFrame | None:
        """Return the final orders without their lines, whichever region tells of them."""
        return self.tables.orders

    @property
    def lines(self) -> pl.DataFrame | None:
        """Return the final orders' lines, each with its order's shopper and status."""
        return self.tables.lines

    @property
    def regions(self) -> pl.DataFrame | None:
        """Return every region's orders as it tells them."""
        return self.tables.regions

    @property
    def charges(self) -> pl.DataFrame | None:
        """Return the providers' ledger without the canaries of the nemesis."""
        return self.tables.charges

    @property
    def stock(self) -> pl.DataFrame | None:
        """Return the final stock."""
        return self.tables.stock

    @property
    def transitions(self) -> pl.DataFrame | None:
        """Return the orders' changes of status."""
        return self.tables.transitions

    @property
    def events(self) -> pl.DataFrame | None:
        """Return the providers' callback events as the shop took them."""
        return self.tables.events

    @property
    def confirmations(self) -> pl.DataFrame | None:
        """Return how many confirmations each order's shopper was sent."""
        return self.tables.confirmations

    @property
    def coupons(self) -> pl.DataFrame | None:
        """Return the coupons as the shop counts them."""
        return self.tables.coupons

    @property
    def gift_cards(self) -> pl.DataFrame | None:
        """Return the gift cards' balances."""
        return self.tables.gift_cards

    @property
    def tokens(self) -> pl.DataFrame | None:
        """Return the numbers that the queue before the sale gave out."""
        return self.tables.tokens

    @property
    def at_rest(self) -> bool:
        """Tell whether nothing was open any more when the final state was read."""
        return not self.tables.undecided


def _ok(rows: pl.LazyFrame) -> pl.LazyFrame:
    """Return the ok answers that name an order; one that names none can be held against no book."""
    return rows.filter((pl.col("outcome") == Outcome.OK) & (pl.col("order_id") != ""))


def _first(rows: pl.LazyFrame) -> pl.DataFrame:
    told = _ok(rows).select(_FIRST).rename({"done_ns": "acked_ns"}).sort("acked_ns", maintain_order=True)
    return told.unique("order_id", keep="first", maintain_order=True).collect()
