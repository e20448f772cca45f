"""Requests, byte for byte."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scenarios.http.always import Always
from scenarios.http.message import encode
from scenarios.http.origin import Origin

ORIGIN = Origin("http://h:81")


def lines(
    method: str = "GET", body: bytes | None = None, *, base: str = "http://h", **headers: str
) -> list[bytes]:
    """Return the lines of a request's head after the first; `_` in a name stands for `-`."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    wire = encode((method, "/"), Origin(base), named, body, cookie="c=1", is_json=body is not None)
    return wire.partition(b"\r\n\r\n")[0].split(b"\r\n")[1:]


FIXED = [b"Host: h", b"Accept-Encoding: gzip, deflate"]
JSON = [b"Content-Type: application/json"]
COOKIE = [b"Cookie: c=1"]


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        pytest.param(lines(), FIXED + COOKIE, id="the least"),
        pytest.param(lines("POST"), [*FIXED, *COOKIE, b"Content-Length: 0"], id="a POST without a body"),
        pytest.param(lines("DELETE"), FIXED + COOKIE, id="a DELETE without one"),
        pytest.param(
            lines("DELETE", b"{}"), [*FIXED, *COOKIE, *JSON, b"Content-Length: 2"], id="a DELETE with one"
        ),
        pytest.param(lines(X_Y="z"), [*FIXED, b"X-Y: z", *COOKIE], id="a header of the caller's"),
        pytest.param(lines(cookie="own=1"), [*FIXED, b"cookie: own=1"], id="the caller's cookies instead"),
        pytest.param(
            lines("POST", b"{}", content_type="text/x"),
            [*FIXED, b"content-type: text/x", *COOKIE, b"Content-Length: 2"],
            id="the caller's type instead",
        ),
        pytest.param(
            lines("POST", b"{}", Content_Length="9"),
            [*FIXED, *COOKIE, *JSON, b"Content-Length: 2"],
            id="not the caller's length",
        ),
        pytest.param(lines(HOST="other"), [b"Host: other", FIXED[1], *COOKIE], id="the caller's host"),
        pytest.param(
            lines(Accept_Encoding="identity;q=1"),
            [FIXED[0], b"Accept-Encoding: identity;q=1", *COOKIE],
            id="a coding the caller would rather have",
        ),
        pytest.param(
            lines(Accept_Encoding="gzip, deflate, br, zstd"), FIXED + COOKIE, id="codings that cannot be read"
        ),
        pytest.param(
            lines(base="http://u:p@h"), [*FIXED, b"Authorization: Basic dTpw", *COOKIE], id="credentials"
        ),
        pytest.param(
            lines(base="http://u:p@h", authorization="Bearer t"),
            [*FIXED, b"Authorization: Bearer t", *COOKIE],
            id="the caller's credentials instead",
        ),
    ],
)
def test_a_request_says_each_thing_once(made: list[bytes], expected: list[bytes]) -> None:
    """The caller's headers win, except over the framing and over what could not be read."""
    assert made == expected


@pytest.mark.parametrize(
    ("method", "headers"),
    [
        pytest.param("GET", {"X": "a\r\nY: b"}, id="in a value"),
        pytest.param("GET", {"X": "a\n"}, id="a bare line feed"),
        pytest.param("GET", {"X": "a\r"}, id="a bare carriage return"),
        pytest.param("GET", {"X\r\nY": "a"}, id="in a name"),
        pytest.param("GET", {"Host": "h\r\nX: y"}, id="in a header of the fixed lines"),
        pytest.param("GET", {"Authorization": "a\r\n\r\nGET / HTTP/1.1"}, id="a second request"),
        pytest.param("GET / HTTP/1.1\r\nX: y\r\n\r\nGET", {}, id="in the method"),
    ],
)
def test_a_line_break_does_not_get_into_a_request(method: str, headers: dict[str, str]) -> None:
    """ValueError, and nothing is sent."""
    with pytest.raises(ValueError, match="line break"):
        encode((method, "/"), ORIGIN, headers, None, cookie="", is_json=False)


@pytest.mark.parametrize(
    "headers", [{"Transfer-Encoding": "chunked"}, {"transfer-encoding": "x"}, {"X": "€"}]
)
def test_what_cannot_be_framed_or_written_is_refused(headers: dict[str, str]) -> None:
    """Two framings at once would let one request be read as two."""
    with pytest.raises(ValueError, match=r"Transfer-Encoding|latin-1"):
        encode(("GET", "/"), ORIGIN, headers, None, cookie="", is_json=False)


@given(
    headers=st.dictionaries(st.text(max_size=8), st.text(max_size=8), max_size=4),
    body=st.one_of(st.none(), st.binary(max_size=20)),
    is_json=st.booleans(),
)
def test_a_request_is_one_request_or_none(
    headers: dict[str, str], body: bytes | None, *, is_json: bool
) -> None:
    """Its head ends once, and its body is what was given; or a header is to blame."""
    said = "".join(name + value for name, value in headers.items())
    blame = any(letter in "\r\n" or ord(letter) > 255 for letter in said)
    try:
        wire = encode(("POST", "/"), ORIGIN, headers, body, cookie="", is_json=is_json)
    except ValueError:
        wire = b""
    head, _, rest = wire.partition(b"\r\n\r\n")

    assert (wire == b"") == blame
    assert rest == (body or b"") or blame
    assert head.count(b"\r\n") == head.count(b"\n") == head.count(b"\r")


MARKED = Origin("http://h", Always({"X-Rehearsal": "r1"}))


@pytest.mark.parametrize(
    ("said", "cookie", "expected"),
    [
        pytest.param({}, "", [], id="a bare request"),
        pytest.param({}, "c=1", COOKIE, id="one with cookies"),
        pytest.param({"X-Y": "z"}, "", [b"X-Y: z"], id="one with a header of the caller's"),
        pytest.param({"Host": "h", "X-Y": "z"}, "", [b"X-Y: z"], id="one whose host the caller says"),
        pytest.param({"x-rehearsal": "no", "X-Y": "z"}, "", [b"X-Y: z"], id="one that says it is none"),
    ],
)
def test_every_request_bears_the_mark_once(said: dict[str, str], cookie: str, expected: list[bytes]) -> None:
    """The shop must be able to tell test traffic by it, whatever an adapter sends besides."""
    wire = encode(("GET", "/"), MARKED, said, None, cookie=cookie, is_json=False)

    assert wire.split(b"\r\n")[1:-2] == [*FIXED, b"X-Rehearsal: r1", *expected]


@pytest.mark.parametrize(
    "headers",
    [{"X": "a\r\nHost: evil"}, {"X\n": "a"}, {"X": "a\n"}, {"X": "大"}],
    ids=["two lines", "a broken name", "a line feed", "not ISO-8859-1"],
)
def test_a_mark_that_would_break_requests_is_refused(headers: dict[str, str]) -> None:
    """Such a header would make two requests of one, or none."""
    with pytest.raises(ValueError, match=r"line break|codec"):
        Always(headers)
