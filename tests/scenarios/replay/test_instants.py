from datetime import UTC, datetime, timedelta, timezone

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rehearsal.model.errors import RehearsalError
from scenarios.replay import instants

AT = 1_431_857_103_000_000_000
MOMENTS = st.datetimes(datetime(1971, 1, 1), datetime(2200, 1, 1))  # noqa: DTZ001 - the zone is drawn apart
OFFSETS = st.integers(-14 * 60, 14 * 60)


def parse(text: str | None, zone: str = "UTC") -> tuple[int | None, bool]:
    """Return what one text means."""
    row = instants.parse(pl.Series([text], dtype=pl.String), zone).row(0)
    return row[0], row[1]


@pytest.mark.parametrize(
    ("text", "at_ns", "is_zoned"),
    [
        pytest.param("17/May/2015:10:05:03 +0000", AT, True, id="common log format"),
        pytest.param("17/May/2015:12:05:03 +0200", AT, True, id="another zone"),
        pytest.param("17/May/2015:07:35:03 -0230", AT, True, id="half an hour behind"),
        pytest.param("17/May/2015:10:05:03", AT, False, id="no zone: taken as told"),
        pytest.param("2015-05-17T10:05:03Z", AT, True, id="ISO"),
        pytest.param("2015-05-17 10:05:03", AT, False, id="ISO with a blank, no zone"),
        pytest.param("2015-05-17T10:05:03.25+00:00", AT + 250_000_000, True, id="a fraction"),
        pytest.param("2015-05-17 10:05:03,5 +0000", AT + 500_000_000, True, id="a comma before the fraction"),
        pytest.param("2015-05-17T10:05:03.1234567891Z", AT + 123_456_789, True, id="finer than a nanosecond"),
        pytest.param("1431857103", AT, True, id="seconds"),
        pytest.param("1431857103.25", AT + 250_000_000, True, id="nginx msec"),
        pytest.param("1431857103250", AT + 250_000_000, True, id="milliseconds"),
        pytest.param("1431857103250000", AT + 250_000_000, True, id="microseconds"),
        pytest.param("1431857103250000000", AT + 250_000_000, True, id="nanoseconds"),
        pytest.param(" 1431857103 ", AT, True, id="blanks around"),
        pytest.param("31/Feb/2015:10:05:03 +0000", None, True, id="a day that does not exist"),
        pytest.param("17/Mai/2015:10:05:03 +0000", None, True, id="another language"),
        pytest.param("9999-01-01T00:00:00Z", None, True, id="beyond 64 bits"),
        pytest.param("1950-01-01T00:00:00Z", None, True, id="before 1970"),
        pytest.param("9" * 19, None, True, id="a number beyond 64 bits"),
        pytest.param("12", None, True, id="a number that is no time"),
        pytest.param("-", None, True, id="nothing"),
        pytest.param("", None, True, id="empty"),
        pytest.param(None, None, True, id="missing"),
    ],
)
def test_times_as_logs_write_them(text: str | None, at_ns: int | None, is_zoned: bool) -> None:
    """Each form gives its instant, or none."""
    found, zoned = parse(text)

    assert found == at_ns
    assert found is None or zoned == is_zoned


@given(MOMENTS, OFFSETS, st.integers(0, 999_999))
def test_an_instant_survives_every_form(moment: datetime, offset: int, micros: int) -> None:
    """Written in common log format, ISO or numbers, in any zone, it is the same instant."""
    at = moment.replace(microsecond=micros, tzinfo=timezone(timedelta(minutes=offset)))
    whole = (at.replace(microsecond=0) - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(seconds=1)
    exact = whole * 1_000_000_000 + micros * 1000

    assert parse(f"{at:%d/%b/%Y:%H:%M:%S %z}") == (whole * 1_000_000_000, True)
    assert parse(at.isoformat()) == (exact, True)
    if whole >= 10**9:
        assert parse(f"{whole}.{micros:06d}") == (exact, True)


def test_a_time_without_zone_is_taken_in_the_one_named() -> None:
    """Shanghai is eight hours ahead; in Berlin an hour is missing in spring and comes twice in autumn."""
    assert parse("17/May/2015:18:05:03", "Asia/Shanghai") == (AT, False)
    assert parse("2026-03-29 02:30:00", "Europe/Berlin")[0] is None
    assert parse("2026-10-25 02:30:00", "Europe/Berlin")[0] == parse("2026-10-25T00:30:00Z")[0]


def test_an_unknown_zone_is_one_sentence() -> None:
    """It is said before a log is read."""
    assert instants.check_zone("Asia/Shanghai") == "Asia/Shanghai"
    for wrong in ("Mars/Olympus", "", "../etc/passwd"):
        with pytest.raises(RehearsalError, match="is no time zone"):
            instants.check_zone(wrong)
