"""Shares of few requests: since when one holds, and whether chance alone explains that one falls short."""

import numpy as np
import polars as pl

from rehearsal.model.clock import NS_PER_S
from rehearsal.model.timeline import Window

#: A share counts as held if it holds over so long, and over no fewer requests.
HELD_S = 2
SAMPLES = 10
#: A share falls short if so few good ones would come by chance in one of twenty such drills at most.
DOUBT = 0.05


def first_second_s(measure: pl.DataFrame, window: Window, share: float, *, from_s: int = 0) -> float | None:
    """Return the first whole second of a window from which on `share` of what is due is good, or None.

    `measure` has `due_ns`, in order, and `good`. Judged on what is due in the `HELD_S` seconds from there,
    pooled; on more seconds if these hold fewer than `SAMPLES`, for a share of few requests says little.
    """
    inside = due_in(measure, window)
    due_s = (inside["due_ns"].to_numpy() - window.start_ns) / NS_PER_S
    good = np.concatenate(([0], np.cumsum(inside["good"].to_numpy())))
    for start_s in range(from_s, int(window.duration_s)):
        first = int(np.searchsorted(due_s, start_s))
        end = max(int(np.searchsorted(due_s, start_s + HELD_S)), first + SAMPLES)
        if end > due_s.size:
            return None
        if good[end] - good[first] >= share * (end - first):
            return float(start_s)
    return None


def due_in(rows: pl.DataFrame, window: Window) -> pl.DataFrame:
    """Return the rows due in a window."""
    return rows.filter(pl.col("due_ns").is_between(window.start_ns, window.end_ns, closed="left"))


def share_of(good: pl.Series) -> float | None:
    """Return the share of true values; None of none."""
    return float(good.sum() / good.len()) if good.len() else None


def falls_short(good: int, n: int, share: float) -> bool:
    """Tell whether `good` of `n` is beyond doubt too few for a true share: P(X <= good) < `DOUBT`.

    X is binomial (Clopper and Pearson, Biometrika 26 (1934), 404-413); so 8 of 10 do not refute 95 %, 7 do.
    """
    if good >= share * n or share <= 0:
        return False
    if share >= 1:
        return True
    k = np.arange(1, good + 1)
    ways = np.concatenate(([0.0], np.cumsum(np.log((n - k + 1) / k))))
    hits = np.arange(good + 1)
    logs = ways + hits * np.log(share) + (n - hits) * np.log1p(-share)
    return float(np.exp(logs).sum()) < DOUBT
