"""Cookies against the tables of RFC 6265."""

from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scenarios.http.cookies import Jar, parse
from tests.scenarios.http.conftest import Calling, Housing
from tests.scenarios.http.hostile import Talk, answer

NOW_S = 1_000_000.0


@pytest.mark.parametrize(
    ("header", "host", "goes", "stays"),
    [
        pytest.param("a=1", "shop.test", ["shop.test"], ["www.shop.test", "test"], id="host alone"),
        pytest.param("a=1; Domain=", "shop.test", ["shop.test"], ["www.shop.test"], id="an empty domain"),
        pytest.param("a=1; Domain=.", "shop.test", ["shop.test"], ["www.shop.test"], id="a dot for a domain"),
        pytest.param(
            "a=1; Domain=shop.test",
            "www.shop.test",
            ["shop.test", "www.shop.test", "a.b.shop.test"],
            ["test", "myshop.test", "shop.test.evil"],
            id="a domain and what is under it",
        ),
        pytest.param(
            "a=1; domain=.Shop.TEST", "shop.test", ["www.shop.test"], [], id="with a dot, in capitals"
        ),
        pytest.param(
            "a=1; Domain=x; Domain=shop.test", "shop.test", ["shop.test"], [], id="the last one counts"
        ),
        pytest.param("a=1; Domain=127.0.0.1", "127.0.0.1", ["127.0.0.1"], ["127.0.0.2"], id="an address"),
    ],
)
def test_a_cookie_goes_to_its_domain(header: str, host: str, goes: list[str], stays: list[str]) -> None:
    """RFC 6265, 5.1.3."""
    cookie = parse(header, host, "/", now_s=NOW_S)

    assert cookie is not None
    assert [name for name in goes if not cookie.goes_to(name, "/", secure=False)] == []
    assert [name for name in stays if cookie.goes_to(name, "/", secure=False)] == []


@pytest.mark.parametrize(
    ("header", "host"),
    [
        pytest.param("", "shop.test", id="nothing"),
        pytest.param("a", "shop.test", id="no equals sign"),
        pytest.param("=1", "shop.test", id="no name"),
        pytest.param("a\x01=1", "shop.test", id="a control character in the name"),
        pytest.param("a=\x7f", "shop.test", id="one in the value"),
        pytest.param("a=1; Domain=other.test", "shop.test", id="somebody else's domain"),
        pytest.param("a=1; Domain=www.shop.test", "shop.test", id="a domain under it"),
        pytest.param("a=1; Domain=0.0.1", "127.0.0.1", id="the end of an address"),
        pytest.param(f"a={'x' * 4096}", "shop.test", id="longer than any browser keeps"),
    ],
)
def test_what_makes_no_sense_is_no_cookie(header: str, host: str) -> None:
    """RFC 6265, 5.2 and 5.3."""
    assert parse(header, host, "/", now_s=NOW_S) is None


@pytest.mark.parametrize(
    ("header", "set_at", "goes", "stays"),
    [
        pytest.param("a=1", "/", ["/", "/x/y"], [], id="set at the root"),
        pytest.param("a=1", "/cart/items", ["/cart", "/cart/x"], ["/", "/carts"], id="by default its folder"),
        pytest.param("a=1; Path=/cart", "/", ["/cart", "/cart/"], ["/", "/cartoon"], id="a path"),
        pytest.param("a=1; Path=/cart/", "/", ["/cart/", "/cart/x"], ["/cart"], id="with a slash at its end"),
        pytest.param("a=1; Path=cart", "/x/y", ["/x"], ["/", "/cart"], id="one that is none: the default"),
        pytest.param("a=1; Path", "/x/y", ["/x/z"], ["/"], id="an empty one: the default"),
    ],
)
def test_a_cookie_goes_to_its_path(header: str, set_at: str, goes: list[str], stays: list[str]) -> None:
    """RFC 6265, 5.1.4."""
    cookie = parse(header, "shop.test", set_at, now_s=NOW_S)

    assert cookie is not None
    assert [path for path in goes if not cookie.goes_to("shop.test", path, secure=False)] == []
    assert [path for path in stays if cookie.goes_to("shop.test", path, secure=False)] == []


@pytest.mark.parametrize(
    ("said", "expires_s"),
    [
        pytest.param("", inf, id="nothing: as long as the client"),
        pytest.param("; Max-Age=60", NOW_S + 60, id="an age"),
        pytest.param("; Max-Age=-1", NOW_S - 1, id="an age below zero"),
        pytest.param("; Max-Age=--5", inf, id="no age"),
        pytest.param("; Max-Age=²", inf, id="an age in another script"),
        pytest.param("; Max-Age=60; Expires=Thu, 01 Jan 1970 00:00:10 GMT", NOW_S + 60, id="the age wins"),
        pytest.param("; Expires=Thu, 01 Jan 1970 00:00:10 GMT", 10.0, id="a date"),
        pytest.param(
            "; Expires=Thursday, 01-Jan-70 00:00:10 GMT", 10.0, id="a date as servers used to write it"
        ),
        pytest.param("; Expires=Thu, 01 Jan 1970 00:00:10", 10.0, id="a date without a zone is UTC"),
        pytest.param("; Expires=Thu, 01 Jan 1970 01:00:10 +0100", 10.0, id="a date with one"),
        pytest.param("; Expires=soon", inf, id="no date"),
        pytest.param("; Expires=Thu, 99 Jan 99999 00:00:10 GMT", inf, id="a date that never was"),
    ],
)
def test_a_cookie_ends_when_it_says(said: str, expires_s: float) -> None:
    """RFC 6265, 5.2.1, 5.2.2 and 5.3, step 3."""
    cookie = parse(f"a=1{said}", "shop.test", "/", now_s=NOW_S)

    assert cookie is not None
    assert cookie.expires_s == expires_s


def test_a_jar_sends_the_longest_path_first_and_the_older_of_equals() -> None:
    """RFC 6265, 5.4, step 2. A cookie set anew keeps its place."""
    jar = Jar()
    for header in ("a=1", "b=2", "c=3; Path=/x/y", "a=4", "d=5; Secure", "e=6; Path=/z"):
        jar.store(header, "shop.test", "/?q=/x/y/z")

    assert jar.header("shop.test", "/x/y?q", secure=False) == "c=3; a=4; b=2"
    assert jar.header("shop.test", "/x/y?q", secure=True) == "c=3; a=4; b=2; d=5"
    assert jar.header("other.test", "/", secure=True) == ""


def test_a_jar_forgets_what_has_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    """By its own time, by a date in the past (RFC 6265, 3.1), or because the client says so."""
    now_s = [NOW_S]
    monkeypatch.setattr("time.time", lambda: now_s[0])
    jar = Jar()
    for header in ("a=1; Max-Age=10", "b=2", "c=3", "b=; Max-Age=0", "never=1; Max-Age=0"):
        jar.store(header, "shop.test", "/")
    before = jar.values()
    now_s[0] += 10

    assert before == {"a": "1", "c": "3"}
    assert jar.header("shop.test", "/", secure=False) == "c=3"
    assert jar.values() == {"c": "3"}
    jar.clear()
    assert jar.values() == {}


def test_a_jar_is_full_some_day() -> None:
    """What is in it can still be set anew; nothing more is taken in."""
    jar = Jar()
    for number in range(400):
        jar.store(f"n{number}=x", "shop.test", "/")
    jar.store("n0=y", "shop.test", "/")

    assert len(jar.values()) == 300
    assert jar.values()["n0"] == "y"


@given(
    st.text(alphabet=st.characters(max_codepoint=255), max_size=60),
    st.sampled_from(["", "; Expires=", "; Max-Age="]),
)
def test_no_header_breaks_a_jar(text: str, attribute: str) -> None:
    """Whatever a server sets, what goes back is one line that can be sent."""
    jar = Jar()
    jar.store(f"a=b{attribute}{text}", "shop.test", "/")
    jar.store(text, "shop.test", "/")
    sent = jar.header("shop.test", "/", secure=True)

    assert sent.isprintable()
    assert sent.encode("latin-1").decode("latin-1") == sent


def test_a_client_carries_the_cookies_it_was_given(housing: Housing, calling: Calling) -> None:
    """To the same host, by their paths; each client its own."""

    def play(talk: Talk) -> None:
        while talk.hear():
            talk.say(answer(b"{}", b"Set-Cookie: session=s1; HttpOnly", b"Set-Cookie: cart=c1; Path=/cart"))

    house, client = housing(play), calling()
    for path in ("/", "/cart"):
        client.request("GET", house.url + path)
    client.request("GET", house.url, headers={"Cookie": "own=1"})
    calling().request("GET", house.url)
    sent = [[line for line in each.split(b"\r\n") if line.startswith(b"Cookie")] for each in house.requests]

    assert sent == [[], [b"Cookie: cart=c1; session=s1"], [b"Cookie: own=1"], []]
    assert client.cookies.values() == {"session": "s1", "cart": "c1"}
