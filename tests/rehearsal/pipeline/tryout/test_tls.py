"""Certificates as the load will see them: believed, or why not."""

import datetime as dt
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from rehearsal.pipeline.tryout.sight import State
from rehearsal.pipeline.tryout.tls import look, tls_seen, why
from tests.hostile.shop import HostileShop, serving
from tests.scenarios.http.authority import DAY, Authority

NOW = dt.datetime.now(dt.UTC)


@contextmanager
def shown(certificate: Path) -> Iterator[str]:
    """Give the address of a server that shows this certificate."""
    with serving(HostileShop(tls=certificate)) as shop:
        yield shop.url


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    """Return an authority that only `ca_file` makes believed."""
    return Authority(tmp_path)


@pytest.mark.parametrize(
    ("host", "age", "itself", "trusted", "words"),
    [
        pytest.param("127.0.0.1", 2, False, True, "expired on", id="expired"),
        pytest.param("127.0.0.1", -1, False, True, "not valid before", id="of tomorrow"),
        pytest.param("shop.example", 0, False, True, "for shop.example, not for 127.0.0.1", id="wrong host"),
        pytest.param("127.0.0.1", 0, True, False, "self-signed certificate; name a file", id="self-signed"),
        pytest.param("127.0.0.1", 0, False, False, "of CN=Test CA, whom nobody here trusts", id="stranger"),
    ],
)
def test_a_bad_certificate_is_named(
    authority: Authority, host: str, age: int, itself: bool, trusted: bool, words: str
) -> None:
    """One sentence: whose it is, why it is not believed, and what mends that."""
    certificate = authority.issue(host, age=age * DAY, signed_by_itself=itself)
    with shown(certificate) as url:
        sight = look(url, str(authority.ca_file) if trusted else "", now=NOW)

    assert sight.state is State.WRONG
    assert sight.sentence.startswith(f"{url.removeprefix('https://')} shows a ")
    assert words in sight.sentence


@pytest.mark.parametrize(
    ("now", "state"),
    [
        pytest.param(NOW - 30 * DAY, State.OK, id="for long"),
        pytest.param(NOW, State.WARN, id="until tomorrow"),
    ],
)
def test_a_good_certificate_says_until_when(authority: Authority, now: dt.datetime, state: State) -> None:
    """A promotion comes weeks after its rehearsal: what ends before then is a warning."""
    with shown(authority.issue("127.0.0.1")) as url:
        sight = look(url, str(authority.ca_file), now=now)

    assert sight.state is state
    assert "believed until" in sight.sentence


def test_a_port_that_speaks_no_tls_is_named() -> None:
    """The usual mistake is https where http is meant."""
    with serving(HostileShop()) as shop:
        sight = look(shop.url.replace("http://", "https://"), "", now=NOW)

    assert sight.state is State.WRONG
    assert "does not finish a TLS handshake" in sight.sentence


def test_a_port_where_nobody_listens_is_named() -> None:
    """That is no fault of a certificate."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        sight = look(f"https://127.0.0.1:{held.getsockname()[1]}", "", now=NOW)

    assert sight.state is State.WRONG
    assert "cannot be connected to" in sight.sentence


def test_a_certificate_for_nobody_is_named(authority: Authority) -> None:
    """The authority's own has no host at all."""
    key = authority.key
    private = authority.folder / "bare.pem"
    pem = authority.ca_file.read_bytes()
    private.write_bytes(authority.private(key) + pem)
    with shown(private) as url:
        sight = look(url, str(authority.ca_file), now=NOW)

    assert sight.state is State.WRONG
    assert "for no host at all, not for 127.0.0.1" in sight.sentence


def test_any_other_reason_is_told_in_openssls_words(authority: Authority) -> None:
    """A certificate that is not for servers, say: its number is not among ours."""
    with shown(authority.issue("127.0.0.1", signed_by_itself=True)) as url:
        host, port = "127.0.0.1", int(url.rpartition(":")[2])
        error = ssl.SSLCertVerificationError()
        error.verify_code, error.verify_message = 26, "unsuitable certificate purpose"
        words = why(error, host, port)

    assert words == "shows a certificate that is not believed (unsuitable certificate purpose); mend it"


def test_each_origin_is_looked_at_once(authority: Authority) -> None:
    """Plain addresses have no certificate."""
    with shown(authority.issue("127.0.0.1")) as url:
        seen = tls_seen(("http://a.example", "", f"{url}/x", f"{url}/y"), str(authority.ca_file), now=NOW)

    assert list(seen) == [url.removeprefix("https://")]
