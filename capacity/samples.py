"""The only bridge from the history to numbers: the requests, how long they took, which were good.

A request is **good** if its outcome is ok; or if the shop rightly said no (`history.REFUSALS`, and anything
it says to another body under a key already used); or if its answer was "pending" and the payment it belongs
to was later read as ok. Everything else is not.
What a visit was still waiting for when its load process died is undecided, and no request of anybody's.
"""

import numpy as np
import polars as pl
from numpy.typing import NDArray

from rehearsal.model.clock import NS_PER_MS, NS_PER_S
from rehearsal.model.history import BUSY, PENDING, REFUSALS, Doing, Drop, Kind, Outcome, Step

Floats = NDArray[np.float64]

PAYING = (Step.PAY, Step.QUERY)

_TOO_MANY, _SERVER_ERROR = 429, 500
_IS_OK = pl.col("outcome") == Outcome.OK
_IS_PAYING = pl.col("f").is_in(PAYING)
_SAID_NO = (
    (pl.col("outcome") == Outcome.FAIL)
    & (pl.col("status") > 0)
    & (pl.col("status") != _TOO_MANY)
    & (pl.col("status") < _SERVER_ERROR)
    & (pl.col("error") != BUSY)
)
_DUE_SECOND = (pl.col("due_ns") // NS_PER_S).alias("second")


def requests_of(frame: pl.DataFrame) -> pl.DataFrame:
    """Return the history's ops with three more columns: `good`, `second` (due, since the origin), `aborted`.

    `aborted` says that the visit was cut off with its load process; its pending answers are left out.
    """
    ops = frame.filter(pl.col("kind") == Kind.OP)
    settled = ops.filter(_IS_PAYING & _IS_OK)["intent"].unique()
    otherwise = pl.col("note").str.contains(Doing.SENT_OTHERWISE, literal=True)
    no_way = otherwise & (pl.col("status") > 0) & (pl.col("error") != BUSY)
    refused = (pl.col("outcome") == Outcome.FAIL) & (pl.col("error").is_in(sorted(REFUSALS)) | no_way)
    pending = (pl.col("outcome") == Outcome.INFO) & (pl.col("error") == PENDING) & _IS_PAYING
    waited = pending & pl.col("intent").is_in(settled.implode())
    aborted = pl.col("visit").is_in(aborted_of(frame).implode())
    marked = ops.with_columns(
        (_IS_OK | refused | waited).alias("good"), _DUE_SECOND, aborted.alias("aborted")
    )
    return marked.filter(~(pending & ~waited & pl.col("aborted")))


def aborted_of(frame: pl.DataFrame) -> pl.Series:
    """Return the numbers of the visits that were cut off, or never begun, because a load process died."""
    is_aborted = (pl.col("kind") == Kind.DROP) & (pl.col("f") == Drop.ABORTED)
    return frame.filter(is_aborted)["visit"].unique()


def payments_of(requests: pl.DataFrame) -> pl.DataFrame:
    """Return a row a payment intent: `intent`, `phase` and `second` of its first attempt, `ok`, `declined`.

    Ok means that some attempt or query of it ended ok; an intent still unknown at the end is not, unless
    nobody was left to ask: that of an aborted visit is left out. So is one that the shop rightly refused:
    where paying makes the order, "sold out" is told there. Declined means that the shop said no in its own
    words, and not for want of time or room.
    """
    by_intent = (
        requests.filter(_IS_PAYING)
        .sort("due_ns", maintain_order=True)
        .group_by("intent", maintain_order=True)
        .agg(
            pl.col("phase", "second").first(),
            _IS_OK.any().alias("ok"),
            pl.col("aborted").any(),
            pl.col("error").is_in(sorted(REFUSALS)).any().alias("refused"),
            (_SAID_NO & ~_IS_OK.any()).any().alias("declined"),
        )
    )
    counted = pl.col("ok") | ~(pl.col("aborted") | pl.col("refused"))
    return by_intent.filter(counted).drop("aborted", "refused")


def timed_of(frame: pl.DataFrame) -> pl.DataFrame:
    """Return the ops and visits, all that is due at some time, with `second` and `lag_ms` (sent - due)."""
    sent = frame.filter(pl.col("kind").is_in([Kind.OP, Kind.VISIT]))
    return sent.with_columns(
        _DUE_SECOND, ((pl.col("sent_ns") - pl.col("due_ns")) / NS_PER_MS).alias("lag_ms")
    )


def response_ms(requests: pl.DataFrame) -> Floats:
    """Return response times (done - due) in ms; a request that never ended took infinitely long."""
    return _elapsed_ms(requests, "due_ns")


def service_ms(requests: pl.DataFrame) -> Floats:
    """Return service times (done - sent) in ms; a request that never ended took infinitely long."""
    return _elapsed_ms(requests, "sent_ns")


def _elapsed_ms(requests: pl.DataFrame, since: str) -> Floats:
    done, start = requests["done_ns"].to_numpy(), requests[since].to_numpy()
    return np.where(done < start, np.inf, (done - start) / NS_PER_MS)
