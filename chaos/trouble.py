"""What of a request's row tells that it met trouble of the shop's, as expressions of polars. Pure."""

from collections.abc import Collection

import polars as pl

from rehearsal.model.clock import NS_PER_MS
from rehearsal.model.history import BUSY, NO_SOCKET, NOT_ALLOWED, REFUSALS, Outcome

SERVER_ERROR = 500
#: Faults that delay: there an answer later than this has met it, whatever it says.
LATE_NS = 500 * NS_PER_MS
#: Refusals by which a shop says that what it needs to serve is not there.
_HELPLESS = ("payment_unavailable", BUSY)
_OF_OURS = (NO_SOCKET, NOT_ALLOWED)


def done_in(window: tuple[int, int]) -> pl.Expr:
    """Tell of each request whether it ended in a window (ns)."""
    return (pl.col("done_ns") >= window[0]) & (pl.col("done_ns") < window[1])


def waited(window: tuple[int, int]) -> pl.Expr:
    """Tell of each request whether it was sent in a window and answered late, after its end."""
    began = pl.col("sent_ns").is_between(*window, closed="left")
    return began & (pl.col("done_ns") >= window[1]) & late(LATE_NS)


def late(after_ns: int) -> pl.Expr:
    """Tell of each request whether it took so long."""
    return pl.col("done_ns") - pl.col("sent_ns") >= after_ns


def broken() -> pl.Expr:
    """Tell of each request whether it met trouble of the shop's; a refusal by its own rules is none."""
    return failed() | pl.col("error").is_in(_HELPLESS)


def failed() -> pl.Expr:
    """Tell of each request whether it was not answered, or answered by a server error."""
    return (pl.col("outcome") == Outcome.INFO) | (pl.col("status") >= SERVER_ERROR) | not_sent()


def not_sent() -> pl.Expr:
    """Tell of each request whether it could not be sent, for no reason of this machine's."""
    explained = pl.col("error").is_in([*_OF_OURS, *REFUSALS])
    return (pl.col("outcome") == Outcome.FAIL) & (pl.col("status") == 0) & ~explained


def unheard_of(before: Collection[str]) -> pl.Expr:
    """Tell of each request whether it was refused in words not heard `before`, which no rule explains."""
    known = pl.col("error").is_in([*before, *_OF_OURS, *REFUSALS])
    return (pl.col("outcome") == Outcome.FAIL) & ~known


def counted(count: int, noun: str) -> str:
    """Return a number of things in words."""
    return f"{count or 'no'} {noun}{'s' if count > 1 else ''}"
