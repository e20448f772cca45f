"""T-0: how the waiting room was released, and who got something. Pure."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from capacity.release import Dispersion, dispersion_of
from capacity.samples import Floats
from rehearsal.model.clock import NS_PER_MS
from rehearsal.model.history import Kind, Outcome, Step
from rehearsal.model.plan import Plan
from rehearsal.model.timeline import timeline_of
from reports.series import Percentiles, percentiles_of, send_lag_p99_of

#: The picture's length and its steps, in ms after T-0.
SHOWN_MS, STEP_MS = 1500, 50

Counts = tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Buyers:
    """A part of those who tried to buy from T-0 on: what became of them, and how long they waited for it.

    Response time counts from when the first attempt was due, service time from when it was sent.
    """

    asked: int
    served: int
    sold_out: int
    response: Percentiles | None
    service: Percentiles | None
    send_lag_p99_ms: float | None

    @property
    def others(self) -> int:
        """Return how many got neither units nor a plain no."""
        return self.asked - self.served - self.sold_out


@dataclass(frozen=True, slots=True, kw_only=True)
class TZero:
    """The first second: releases for each `STEP_MS` as stated, sent and answered; then the queue.

    `first` are as many buyers as were served in the end, the earliest by due time: were the queue perfectly
    fair, all of them would have been served and none of the `rest`. `too_early` came before T-0 and were
    told so.
    """

    dispersion: Dispersion
    stated: Counts
    sent: Counts
    answered: Counts
    first: Buyers
    rest: Buyers
    too_early: int

    @property
    def fair_share(self) -> float | None:
        """Return the share of the first who were served; None if nobody was."""
        return self.first.served / self.first.asked if self.first.asked else None


def t_zero_of(frame: pl.DataFrame, plan: Plan) -> TZero | None:
    """Return what happened at T-0; None if the plan has no waiting room."""
    dispersion = dispersion_of(frame, plan)
    if dispersion is None:
        return None
    opens_ns = timeline_of(plan).window_of(plan.sale.opens_with).start_ns
    asked = frame.filter((pl.col("kind") == Kind.OP) & (pl.col("f") == Step.FLASH_BUY))
    early = (pl.col("due_ns") < opens_ns) & (pl.col("error") == "not_open")
    buyers = _buyers(asked.filter(pl.col("due_ns") >= opens_ns))
    served = int(buyers["served"].sum())
    return TZero(
        dispersion=dispersion,
        stated=_counts(dispersion.stated_s),
        sent=_counts(dispersion.sent_s),
        answered=_counts(dispersion.answered_s),
        first=_sum(buyers.head(served)),
        rest=_sum(buyers.slice(served)),
        too_early=asked.filter(early).height,
    )


def _buyers(asked: pl.DataFrame) -> pl.DataFrame:
    """Return a row for each intent, first due first: `served`, `sold_out`, and times to its last answer."""
    due_ns, sent_ns, done_ns = pl.col("due_ns").min(), pl.col("sent_ns").min(), pl.col("done_ns").max()
    return (
        asked.group_by("intent", maintain_order=True)
        .agg(
            due_ns,
            (pl.col("outcome") == Outcome.OK).any().alias("served"),
            (pl.col("error") == "sold_out").any().alias("sold_out"),
            ((done_ns - due_ns) / NS_PER_MS).alias("response_ms"),
            ((done_ns - sent_ns) / NS_PER_MS).alias("service_ms"),
            ((sent_ns - due_ns) / NS_PER_MS).alias("lag_ms"),
        )
        .sort("due_ns", maintain_order=True)
    )


def _sum(buyers: pl.DataFrame) -> Buyers:
    some = not buyers.is_empty()
    return Buyers(
        asked=buyers.height,
        served=int(buyers["served"].sum()),
        sold_out=int(buyers["sold_out"].sum()),
        response=percentiles_of(buyers["response_ms"].to_numpy()) if some else None,
        service=percentiles_of(buyers["service_ms"].to_numpy()) if some else None,
        send_lag_p99_ms=send_lag_p99_of(buyers) if some else None,
    )


def _counts(times_s: Floats) -> Counts:
    edges = np.arange(0, SHOWN_MS + STEP_MS, STEP_MS) / 1e3
    return tuple(int(count) for count in np.histogram(times_s, bins=edges)[0])
