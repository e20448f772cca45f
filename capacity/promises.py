"""What a promise comes to in numbers: which share of asks must be met as promised while a fault holds.

works       as without the fault, give or take a twentieth of the share that works usually (`RECOVERED`)
degraded    most are served: more than half, by whatever way and however late
refused     all but a twentieth are served, or told no within a second
"""

import polars as pl

from capacity.asks import KEPT
from capacity.recovery import RECOVERED
from rehearsal.model.faults import Promise

#: Most: more than every other one.
MOST = 0.5
ANSWERED = 0.95


def target_of(promise: Promise, usual: float) -> float:
    """Return the share of asks that a promise is about; `usual` is the share that works without a fault."""
    return {Promise.WORKS: RECOVERED * usual, Promise.DEGRADED: MOST, Promise.REFUSED: ANSWERED}[promise]


def kept_of(asks: pl.DataFrame, promise: Promise) -> pl.DataFrame:
    """Return asks with a column `good`: whether the promise was kept to each."""
    return asks.with_columns(KEPT[promise].alias("good"))
