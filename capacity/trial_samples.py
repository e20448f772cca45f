"""A trial's rows as the arrays it is judged by.

What the mock shop's director answers is left out: it is quick, and would hide how the regions fare. Of a shop
of one's own the step route is `open`, a log-in or a first page, and counts like any other; so does what the
director refuses.
"""

from dataclasses import dataclass

import numpy as np
import polars as pl

from capacity.generator import DROPPED_SHARE
from capacity.samples import payments_of, requests_of, response_ms
from capacity.starvation import spans
from capacity.trials import Samples
from rehearsal.model.clock import NS_PER_S
from rehearsal.model.history import Drop, Kind, Step
from rehearsal.model.timeline import Window

#: Each process of the shop's is weighed once a second, under its label.
_WEIGHED = "rss_mb/"


@dataclass(frozen=True, slots=True)
class Observed:
    """What a trial's window of the history holds; each request's label is its step and region.

    `visits` began in the window; `visit_s` is how long one takes at the 95th percentile, `mean_visit_s` on
    average, None if there was none.
    """

    samples: Samples
    visits: int
    visit_s: float
    mean_visit_s: float | None


def observed(frame: pl.DataFrame, name: str, *, directed: bool) -> Observed:
    """Return what is known of the trial `name`; `frame` has the history's columns and all of its rows.

    `directed`: the shop is the mock shop, whose visits begin at its director.
    """
    mine = requests_of(frame).filter(pl.col("phase") == name).sort("due_ns")
    asked = mine.filter((pl.col("f") != Step.ROUTE) | ~pl.col("good")) if directed else mine
    payments = payments_of(requests_of(frame)).filter(pl.col("phase") == name)
    visits = frame.filter((pl.col("kind") == Kind.VISIT) & (pl.col("phase") == name))
    lasted_s = (visits["done_ns"] - visits["due_ns"]).to_numpy() / NS_PER_S
    region = (
        pl.when(pl.col("region") == "").then(pl.lit("")).otherwise(pl.lit(" in region ") + pl.col("region"))
    )
    return Observed(
        samples=Samples(
            due_s=asked["due_ns"].to_numpy() / NS_PER_S,
            response_ms=response_ms(asked),
            good=asked["good"].to_numpy(),
            where=asked.select(pl.col("f") + region).to_series().to_numpy().astype(np.str_),
            paid=payments["ok"].to_numpy(),
            paid_s=payments["second"].to_numpy().astype(np.float64),
            declined=payments["declined"].to_numpy(),
        ),
        visits=visits.height,
        visit_s=float(np.quantile(lasted_s, 0.95)) if lasted_s.size else 0.0,
        mean_visit_s=float(lasted_s.mean()) if lasted_s.size else None,
    )


def missing(frame: pl.DataFrame, name: str, planned: int) -> str:
    """Return in words how much of the load that was asked for never came, "" if it did."""
    drops = frame.filter((pl.col("kind") == Kind.DROP) & (pl.col("phase") == name))
    begun = frame.filter((pl.col("kind") == Kind.VISIT) & (pl.col("phase") == name)).height
    if planned - begun <= DROPPED_SHARE * planned:
        return ""
    causes = dict(drops["f"].value_counts().sort("f").iter_rows())
    told = ", ".join(f"{count} {cause.replace('_', ' ')}" for cause, count in causes.items()) or "never seen"
    mend = "; enlarge traffic.pool" if Drop.POOL_EXHAUSTED in causes else ""
    return f"{planned - begun} of {planned} visits were not sent ({told}){mend}"


def standing(frame: pl.DataFrame, since_ns: int, until_ns: int) -> frozenset[str]:
    """Return the labels of the shop's processes that were weighed in a stretch of the run."""
    weighed = pl.col("f").str.starts_with(_WEIGHED) & pl.col("sent_ns").is_between(since_ns, until_ns)
    rows = frame.filter((pl.col("kind") == Kind.HEALTH) & weighed)
    return frozenset(f.removeprefix(_WEIGHED) for f in rows["f"].unique())


def starving(reasons: dict[int, str], window: Window) -> dict[int, str]:
    """Return the starved seconds that a trial may have felt, while it was answered too, with their reasons.

    The second before it is one: the machine is measured over a second that ends in the one after.
    """
    first = window.start_ns // NS_PER_S - 1
    return {second: why for second, why in sorted(reasons.items()) if second >= first}


def starved_words(seconds: dict[int, str]) -> str:
    """Return in words when the machine starved, and the first reason; there is at least one second."""
    return f"this machine starved in {spans(seconds)} ({next(iter(seconds.values()))})"
