"""The common log format, and the combined one with referrer and agent behind it (Apache, nginx).

Apache httpd, mod_log_config: `%h %l %u %t "%r" %>s %b "%{Referer}i" "%{User-Agent}i"`. A virtual host in
front, fields of one's own behind, and quotes escaped by a backslash are read too.
"""

from collections.abc import Sequence

import polars as pl

from scenarios.replay.requests import BLANK

_QUOTED = r'[^"\\]*(?:\\.[^"\\]*)*'
_LINE = (
    r"^(?:\S+:\d+ )?(?P<client>\S+) \S+ (?P<session>.*?) \[(?P<time>[^\]]*)\] "
    rf'"(?P<request>{_QUOTED})" (?P<status>\d{{3}}|-) \S+'
    rf'(?: "{_QUOTED}" "(?P<agent>{_QUOTED})"| [^"]|\s*$)'
)
_REQUEST = r"^(?P<method>\S+) (?P<target>.+?)(?: +HTTP/[0-9.]+)?$"

NOT_A_LINE = "not in the common or combined log format"


def extract(lines: Sequence[str]) -> pl.DataFrame:
    """Return the columns RAW of some lines, a row for each."""
    parts = (
        pl.Series("line", lines, dtype=pl.String)
        .to_frame()
        .lazy()
        .with_columns(pl.col("line").str.extract_groups(_LINE).alias("parts"))
        .unnest("parts")
        .with_columns(pl.col("request").str.extract_groups(_REQUEST).alias("asked"))
        .unnest("asked")
    )
    reason = pl.when(pl.col("client").is_null()).then(
        pl.when(pl.col("line").str.strip_chars() == "").then(pl.lit(BLANK)).otherwise(pl.lit(NOT_A_LINE))
    )
    named = parts.with_columns(reason.alias("reason"))
    return named.select("time", "client", "session", "agent", "method", "target", "status", "reason").collect(
        engine="streaming"
    )


def fits(line: str) -> bool:
    """Tell whether a line has this format."""
    return extract([line])["reason"][0] is None
