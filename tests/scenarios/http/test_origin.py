"""Addresses: taken apart, quoted, refused."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scenarios.client import BadUrl
from scenarios.http.origin import Origin, split, target_of
from tests.scenarios.http.conftest import Calling


@pytest.mark.parametrize(
    ("url", "base", "target"),
    [
        ("http://h", "http://h", "/"),
        ("http://h/", "http://h", "/"),
        ("http://h:81/a/b?c=d&e", "http://h:81", "/a/b?c=d&e"),
        ("http://h?q=/x", "http://h", "/?q=/x"),
        ("http://h#part/x?y", "http://h", "/"),
        ("http://h/a#part", "http://h", "/a"),
        ("http://h/a?b#part?c", "http://h", "/a?b"),
        ("http://u:p@h/a@b", "http://u:p@h", "/a@b"),
        ("https://[::1]:9/a", "https://[::1]:9", "/a"),
        ("http://h/a//b/../c", "http://h", "/a//b/../c"),
        ("http://h/ü?ß=ö", "http://h", "/%C3%BC?%C3%9F=%C3%B6"),
        ("http://h/a b%20c%zz", "http://h", "/a%20b%20c%zz"),
        ("http://h/a\r\nX: y", "http://h", "/a%0D%0AX:%20y"),
        ("http://h/\x00\x7f", "http://h", "/%00%7F"),
        ('http://h/"{}|\\^`<>', "http://h", '/"{}|\\^`<>'),
    ],
)
def test_an_address_is_taken_apart(url: str, base: str, target: str) -> None:
    """Base and target, ready to be sent; a fragment is the reader's own affair (RFC 3986, 3.5)."""
    assert split(url) == (base, target)


@given(
    st.text(max_size=30).filter(
        lambda text: text.isascii() or text.encode("utf-8", "ignore").decode() == text
    )
)
def test_a_target_once_made_stays_as_it_is(text: str) -> None:
    """And holds nothing that could end the request line."""
    target = target_of(text)

    assert re.fullmatch(r"/[!-~]*", target)
    assert target_of(target) == target
    assert split(f"http://h{target}") == ("http://h", target)


@given(
    st.sampled_from(["http", "https"]),
    st.from_regex(r"[a-z0-9.-]{1,20}(:[1-9][0-9]{0,3})?", fullmatch=True),
    st.from_regex(r"(/[a-zA-Z0-9._~%-]{0,8}){1,4}(\?[a-z=&]{0,9})?", fullmatch=True),
)
def test_an_address_comes_apart_where_it_was_joined(scheme: str, authority: str, target: str) -> None:
    """Nothing is lost and nothing added."""
    assert split(f"{scheme}://{authority}{target}") == (f"{scheme}://{authority}", target)


@pytest.mark.parametrize(
    ("base", "host", "port", "authority", "credentials"),
    [
        ("http://Shop.Test", "shop.test", 80, "Shop.Test", ""),
        ("https://shop.test", "shop.test", 443, "shop.test", ""),
        ("HTTP://h:81", "h", 81, "h:81", ""),
        ("http://h:", "h", 80, "h:", ""),
        ("http://[::1]:8", "::1", 8, "[::1]:8", ""),
        ("http://u:p%40@h", "h", 80, "h", "Basic dTpwQA=="),
        ("http://u@h", "h", 80, "h", "Basic dTo="),
        ("http://127.0.0.1@evil.test", "evil.test", 80, "evil.test", "Basic MTI3LjAuMC4xOg=="),
    ],
)
def test_a_base_says_where_to_go(base: str, host: str, port: int, authority: str, credentials: str) -> None:
    """Host, port, what the Host header says, and who asks."""
    origin = Origin(base)

    assert (origin.host, origin.port, origin.authority, origin.credentials) == (
        host,
        port,
        authority,
        credentials,
    )


@pytest.mark.parametrize(
    "url",
    [
        pytest.param("", id="nothing"),
        pytest.param("/path", id="a path alone"),
        pytest.param("shop.test/path", id="no scheme"),
        pytest.param("ftp://h/", id="another scheme"),
        pytest.param("http://h:0/", id="port 0"),
        pytest.param("http://h:65536/", id="a port too high"),
        pytest.param("http://h:x/", id="a port that is none"),
        pytest.param("http://[::1/", id="half an IPv6 address"),
        pytest.param("http://ü/", id="a name in another script"),
        pytest.param("http://a b/", id="a blank"),
        pytest.param("http://a\x7fb/", id="a control character"),
    ],
)
def test_what_is_no_address_is_refused(calling: Calling, url: str) -> None:
    """A mistake of the caller's: an error that says so, and no reply."""
    with pytest.raises(BadUrl, match="is no http address"):
        calling().request("GET", url)


def test_a_name_has_no_literal_address() -> None:
    """Only what is an address already needs no resolver."""
    literals = [
        [address[0] for _, address in Origin(f"http://{host}").literal()]
        for host in ("127.0.0.1", "[::1]", "h")
    ]

    assert literals == [["127.0.0.1"], ["::1"], []]
    assert Origin(f"http://{'x' * 64}").literal() == []
