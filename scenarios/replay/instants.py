"""Times as logs write them, to nanoseconds since 1970 (UTC); a whole column at once.

Known: common log format (`17/May/2015:10:05:03 +0000`), ISO 8601 and RFC 3339 with blank or T, with or
without fraction and zone, and numbers since 1970 in s, ms, µs or ns, told apart by their size.
"""

from zoneinfo import ZoneInfo

import polars as pl

from rehearsal.model.clock import NS_PER_S
from rehearsal.model.errors import RehearsalError

_REST = r"(?:[.,](?P<fraction>\d{1,9})\d*)? ?(?P<zone>[Zz]|[+-]\d\d:?\d\d)?$"
_CLF = r"^(?P<main>\d{1,2}/[A-Za-z]{3}/\d{4}:\d\d:\d\d:\d\d)" + _REST
_ISO = r"^(?P<main>\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d)" + _REST
_EPOCH = r"^(?P<whole>\d{9,19})(?:\.(?P<fraction>\d{1,9})\d*)?$"

#: A number since 1970 with at most this many digits counts these parts of a second: good until 2286.
_UNITS_NS = ((10, NS_PER_S), (13, 1_000_000), (16, 1_000), (19, 1))

#: Nanoseconds since 1970 fit into 64 bits until the year 2262; what claims to be later is no log's time.
_LATEST_US = 2**63 // 1000 - NS_PER_S


def parse(text: pl.Series, zone: str = "UTC") -> pl.DataFrame:
    """Return `at_ns` (null where the text is no time) and `is_zoned` (false where it names no zone).

    A time without a zone is taken in `zone`; one that clocks skip in spring is no time, and of one that
    comes twice in autumn the earlier is taken.
    """
    column = text.cast(pl.String).rename("text").to_frame()
    # A log of whole seconds repeats each of them many times.
    known = column.unique()
    stripped = known.select(pl.col("text").str.strip_chars())
    read = [form(stripped, zone) for form in (_from_clf, _from_iso, _from_epoch)]
    merged = known.with_columns(
        pl.coalesce([part["at_ns"] for part in read]).alias("at_ns"),
        pl.coalesce([part["is_zoned"] for part in read]).fill_null(value=True).alias("is_zoned"),
    )
    joined = column.join(merged, on="text", how="left", nulls_equal=True, maintain_order="left")
    return joined.select("at_ns", "is_zoned")


def check_zone(zone: str) -> str:
    """Return the zone if it is known; RehearsalError if not."""
    try:
        ZoneInfo(zone)
    except (KeyError, ValueError, OSError):
        raise RehearsalError(f"{zone!r} is no time zone: write one as UTC or Asia/Shanghai.") from None
    return zone


def _from_epoch(frame: pl.DataFrame, _zone: str) -> pl.DataFrame:
    whole, fraction = pl.col("whole").cast(pl.Int64, strict=False), _fraction_ns("fraction")
    digits = pl.col("whole").str.len_bytes()
    value = pl.lit(None, dtype=pl.Int64)
    for most, unit_ns in reversed(_UNITS_NS):
        # A fraction of a smaller unit than the second would be below the clock's own.
        rest = fraction if unit_ns == NS_PER_S else pl.lit(0)
        value = pl.when(digits <= most).then(whole * unit_ns + rest).otherwise(value)
    return _groups(frame, _EPOCH).select(
        at_ns=pl.when(pl.col("whole").is_not_null()).then(value),
        is_zoned=pl.when(pl.col("whole").is_not_null()).then(pl.lit(value=True)),
    )


def _from_clf(frame: pl.DataFrame, zone: str) -> pl.DataFrame:
    return _dated(_groups(frame, _CLF), "%d/%b/%Y:%H:%M:%S", zone)


def _from_iso(frame: pl.DataFrame, zone: str) -> pl.DataFrame:
    parts = _groups(frame, _ISO).with_columns(pl.col("main").str.replace("T", " ", literal=True))
    return _dated(parts, "%Y-%m-%d %H:%M:%S", zone)


def _groups(frame: pl.DataFrame, pattern: str) -> pl.DataFrame:
    return frame.select(pl.col("text").str.extract_groups(pattern)).unnest("text")


def _dated(parts: pl.DataFrame, form: str, zone: str) -> pl.DataFrame:
    read = pl.col("main").str.to_datetime(form, strict=False, time_unit="us")
    local = pl.when(read.dt.epoch("us").is_between(0, _LATEST_US)).then(read)
    here = local.dt.replace_time_zone(zone, ambiguous="earliest", non_existent="null")
    is_zoned = pl.col("zone").is_not_null()
    local_us, here_us = local.dt.epoch("us"), here.dt.epoch("us")
    at_ns = pl.when(is_zoned).then(local_us * 1000 - _offset_ns("zone")).otherwise(here_us * 1000)
    return parts.select(
        at_ns=at_ns + _fraction_ns("fraction"), is_zoned=pl.when(local.is_not_null()).then(is_zoned)
    )


def _fraction_ns(column: str) -> pl.Expr:
    return pl.col(column).fill_null("").str.pad_end(9, "0").cast(pl.Int64, strict=False)


def _offset_ns(column: str) -> pl.Expr:
    digits = pl.col(column).str.replace_all(":", "", literal=True)
    hours = digits.str.slice(1, 2).cast(pl.Int64, strict=False).fill_null(0)
    minutes = digits.str.slice(3, 2).cast(pl.Int64, strict=False).fill_null(0)
    sign = pl.when(digits.str.starts_with("-")).then(-1).otherwise(1)
    return sign * (hours * 3600 + minutes * 60) * NS_PER_S
