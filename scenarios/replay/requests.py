"""One shape for the requests of every log format: what was asked, when, and by whom."""

from typing import NamedTuple

import polars as pl

from scenarios.replay import instants

#: What a format's reader gives, all text; null where the log does not say. `reason`: why it is no request.
RAW = ("time", "client", "session", "agent", "method", "target", "status", "reason")

#: What the rest works with. `visitor` is a hash: nobody's address is kept.
REQUEST = {
    "at_ns": pl.Int64,
    "visitor": pl.UInt64,
    "method": pl.Categorical,
    "target": pl.Categorical,
    "status": pl.Int32,
    "is_static": pl.Boolean,
    "is_bot": pl.Boolean,
    "is_zoned": pl.Boolean,
}

BLANK = "blank line"
CUT = "cut at the end of the file"
NO_REQUEST = "no request in it"
NO_TIME = "no time that exists"
NO_PATH = "asks for no path"

_STATIC = (
    r"(?i)^[^?#]*\.(?:css|js|mjs|map|png|jpe?g|gif|svg|ico|webp|avif|woff2?|ttf|otf|eot|mp4|webm|mp3)"
    r"(?:[?#]|$)"
)
_BOT = (
    r"(?i)bot\b|bot/|crawl|spider|slurp|feed|curl/|wget/|python-|go-http-client|libwww|java/|okhttp|monitor"
    r"|uptime|check_http|kube-probe|healthcheck|facebookexternalhit|headless"
)
_ABSOLUTE = r"^[A-Za-z][A-Za-z0-9+.-]*://[^/?#]*"
_METHOD = r"^[A-Za-z][A-Za-z0-9_-]{0,31}$"
_NOTHING = ("", "-")


class Understood(NamedTuple):
    """Requests, and where the rows that are none stand: (row from 0, reason) each."""

    requests: pl.DataFrame
    rejected: list[tuple[int, str]]


def understand(raw: pl.DataFrame, *, zone: str) -> Understood:
    """Turn a reader's columns (RAW, a row for each line) into requests; tell why the other rows are none."""
    raw = raw.hstack(instants.parse(raw["time"], zone)).with_columns(_path())
    raw = raw.with_columns(pl.coalesce("reason", _reason()).alias("reason")).with_row_index("row")
    bad = raw.filter(pl.col("reason").is_not_null())
    good = raw if bad.is_empty() else raw.filter(pl.col("reason").is_null())
    return Understood(
        requests=good.select(
            pl.col("at_ns"),
            _visitor(),
            pl.col("method").cast(pl.Categorical),
            pl.col("target").cast(pl.Categorical),
            pl.col("status").str.extract(r"^(\d{3})$").cast(pl.Int32).fill_null(0),
            pl.col("target").str.contains(_STATIC).alias("is_static"),
            pl.col("agent").str.contains(_BOT).fill_null(value=False).alias("is_bot"),
            pl.col("is_zoned"),
        ),
        rejected=[(int(row), str(reason)) for row, reason in bad.select("row", "reason").iter_rows()],
    )


def _path() -> pl.Expr:
    """Return the target as a path: what stands before it in a request to a proxy is dropped."""
    target = pl.col("target")
    path = target.str.replace(_ABSOLUTE, "")
    return (
        pl.when(target.str.contains(_ABSOLUTE))
        .then(pl.when(path.str.starts_with("/")).then(path).otherwise("/" + path))
        .otherwise(target)
        .alias("target")
    )


def _reason() -> pl.Expr:
    method, target = pl.col("method"), pl.col("target")
    is_request = method.str.contains(_METHOD).fill_null(value=False) & target.is_not_null()
    is_path = (target.str.starts_with("/") & ~target.str.contains(r"[\x00-\x1f\x7f\s]")) | (target == "*")
    return (
        pl.when(~is_request)
        .then(pl.lit(NO_REQUEST))
        .when(~is_path.fill_null(value=False))
        .then(pl.lit(NO_PATH))
        .when(pl.col("at_ns").is_null())
        .then(pl.lit(NO_TIME))
    )


def _visitor() -> pl.Expr:
    """Return a visitor's hash: of the session or user if the log names one, else of address and agent."""
    session = pl.when(~pl.col("session").is_in(_NOTHING)).then(pl.col("session"))
    address = pl.concat_str(pl.col("client").fill_null(""), pl.col("agent").fill_null(""), separator="\x1f")
    return pl.coalesce(session, address).hash(seed=1).alias("visitor")
