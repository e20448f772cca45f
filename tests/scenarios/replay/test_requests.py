import polars as pl
import pytest

from scenarios.replay import requests
from scenarios.replay.requests import RAW, Understood, understand

GOOD = {
    "time": "1431857103",
    "client": "1.2.3.4",
    "agent": "Mozilla",
    "method": "GET",
    "target": "/a",
    "status": "200",
}


def understood(*rows: dict[str, str | None]) -> Understood:
    """Return what is made of rows, each a change of a good one."""
    table = [{**dict.fromkeys(RAW), **GOOD, **row} for row in rows]
    return understand(pl.DataFrame(table, schema=dict.fromkeys(RAW, pl.String)), zone="UTC")


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        pytest.param({"method": None, "target": None}, requests.NO_REQUEST, id='a request line of "-"'),
        pytest.param(
            {"method": "\\x16\\x03", "target": "x"}, requests.NO_REQUEST, id="a TLS greeting in plain"
        ),
        pytest.param({"method": "GET", "target": None}, requests.NO_REQUEST, id="no target"),
        pytest.param(
            {"target": "example.com:443", "method": "CONNECT"}, requests.NO_PATH, id="CONNECT to a host"
        ),
        pytest.param({"target": "a/b"}, requests.NO_PATH, id="no slash before it"),
        pytest.param({"target": "/a b"}, requests.NO_PATH, id="a blank in it"),
        pytest.param({"target": "/a\x00"}, requests.NO_PATH, id="a control character in it"),
        pytest.param({"target": ""}, requests.NO_PATH, id="an empty one"),
        pytest.param({"time": "yesterday"}, requests.NO_TIME, id="no time"),
        pytest.param({"time": None}, requests.NO_TIME, id="a time that is missing"),
        pytest.param(
            {"reason": "blank line", "time": None}, "blank line", id="the reader's own reason stands"
        ),
    ],
)
def test_rows_that_are_no_requests_say_why(change: dict[str, str | None], reason: str) -> None:
    """The rows beside them are read."""
    found = understood({}, change, {})

    assert found.rejected == [(1, reason)]
    assert found.requests.height == 2


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ("/a?b=1", "/a?b=1"),
        ("http://shop:80/a?b", "/a?b"),
        ("https://shop", "/"),
        ("https://shop?b", "/?b"),
        ("*", "*"),
    ],
)
def test_a_target_becomes_a_path(target: str, expected: str) -> None:
    """What a request to a proxy says before the path is dropped."""
    assert understood({"target": target}).requests["target"].to_list() == [expected]


@pytest.mark.parametrize(
    ("one", "other", "is_same"),
    [
        pytest.param({}, {}, True, id="address and agent"),
        pytest.param({}, {"client": "1.2.3.5"}, False, id="another address"),
        pytest.param({}, {"agent": "Safari"}, False, id="another agent behind one address"),
        pytest.param({"session": "s"}, {"session": "s", "client": "9"}, True, id="a session that moved"),
        pytest.param({"session": "s"}, {"session": "t"}, False, id="two sessions behind one address"),
        pytest.param({"session": "-"}, {"session": ""}, True, id="no session is no visitor"),
    ],
)
def test_a_visitor_is_the_session_or_address_and_agent(
    one: dict[str, str | None], other: dict[str, str | None], is_same: bool
) -> None:
    """A session or user named by the log tells more than an address."""
    first, second = understood(one, other).requests["visitor"]

    assert (first == second) == is_same


@pytest.mark.parametrize(
    ("change", "is_static", "is_bot"),
    [
        ({"target": "/app.JS?v=3"}, True, False),
        ({"target": "/img/a.png"}, True, False),
        ({"target": "/a?file=b.png"}, False, False),
        ({"target": "/png"}, False, False),
        ({"agent": "Googlebot/2.1 (+http://www.google.com/bot.html)"}, False, True),
        ({"agent": "curl/8.0"}, False, True),
        ({"agent": None}, False, False),
    ],
)
def test_files_and_robots_are_marked(change: dict[str, str | None], is_static: bool, is_bot: bool) -> None:
    """What pages pull in, and who is no shopper."""
    row = understood(change).requests.row(0, named=True)

    assert (row["is_static"], row["is_bot"]) == (is_static, is_bot)


def test_a_status_that_is_none_is_zero() -> None:
    """It is not needed, and its lack rejects nothing."""
    assert understood({"status": "-"}, {"status": None}).requests["status"].to_list() == [0, 0]
