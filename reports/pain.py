"""What shoppers did when the shop made them wait or failed them, phase by phase. Pure."""

from dataclasses import dataclass

import polars as pl

from rehearsal.model.history import Doing, Kind, Outcome, Step
from rehearsal.model.readings import FinalReadings
from rehearsal.model.timeline import Timeline

_ORDERING = (Step.FLASH_BUY, Step.ORDER)
_SOLD = ("paid", "confirmed")


@dataclass(frozen=True, slots=True, kw_only=True)
class PainRow:
    """One phase's counts, by the due time of requests. `sent` are all requests, `asked` the first of each.

    `lost` orders were placed by shoppers who then left, and are not sold in the end; `lost_cents` is their
    worth.
    """

    phase: str
    asked: int
    sent: int
    retries: int
    refused: int
    double_clicks: int
    refreshes: int
    abandoned: int
    lost: int
    lost_cents: int

    @property
    def amplification(self) -> float | None:
        """Return requests for each one that was meant: 1 when nobody repeats anything."""
        return self.sent / self.asked if self.asked else None

    @property
    def is_calm(self) -> bool:
        """Tell whether nobody did more than ask once and take the answer."""
        return self.sent == self.asked and not (self.refused or self.abandoned)


def pains_of(frame: pl.DataFrame, timeline: Timeline, readings: FinalReadings) -> tuple[PainRow, ...]:
    """Return a row for each phase, in order."""
    ops = frame.filter(pl.col("kind") == Kind.OP)
    lost = _lost(ops, readings)
    return tuple(_row(phase.name, ops, lost) for phase in timeline.phases)


def _row(phase: str, ops: pl.DataFrame, lost: pl.DataFrame) -> PainRow:
    here = ops.filter(pl.col("phase") == phase)
    counts = {doing: int(here["note"].str.contains(doing).sum()) for doing in Doing}
    again = here.filter(pl.col("attempt") > 0).height
    orders = lost.filter(pl.col("phase") == phase)
    return PainRow(
        phase=phase,
        asked=here.height - again - counts[Doing.DOUBLE_CLICK],
        sent=here.height,
        retries=again - counts[Doing.REFRESH],
        refused=counts[Doing.RETRY_REFUSED],
        double_clicks=counts[Doing.DOUBLE_CLICK],
        refreshes=counts[Doing.REFRESH],
        abandoned=counts[Doing.ABANDONED],
        lost=orders.height,
        lost_cents=int(orders["amount_cents"].sum()),
    )


def _lost(ops: pl.DataFrame, readings: FinalReadings) -> pl.DataFrame:
    """Return the orders of shoppers who left, each in the phase she left in, unless they were sold after all.

    Where the orders could not be read, what shoppers were told counts.
    """
    left = ops.filter(pl.col("note").str.contains(Doing.ABANDONED)).select("visit", "phase")
    is_ok = pl.col("outcome") == Outcome.OK
    given = ops.filter(is_ok & pl.col("f").is_in(_ORDERING)).unique("order_id", keep="first")
    paid = ops.filter(is_ok & pl.col("f").is_in([Step.PAY, Step.QUERY]))["order_id"]
    if readings.orders is not None:
        sold = [order.order_id for order in readings.orders if order.status in _SOLD]
        paid = pl.Series(sold, dtype=pl.String)
    unsold = given.filter(~pl.col("order_id").is_in(paid.implode()))
    return unsold.select("visit", "order_id", "amount_cents").join(left, on="visit").sort("order_id")
