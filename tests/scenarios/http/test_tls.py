"""https: who is trusted, and what cutting, tickets and plain speech do to it."""

import datetime as dt
import socket
import ssl
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import gevent.ssl
import pytest
from gevent.event import Event

from rehearsal.model.history import Outcome
from scenarios.reply import transport_outcome
from tests.scenarios.http.authority import Authority
from tests.scenarios.http.conftest import Calling, Housing
from tests.scenarios.http.hostile import OK, House, Talk, answer, echo

HEAD = b"HTTP/1.1 200 OK\r\n\r\n"
Served = Callable[..., str]


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """Return a certificate authority."""
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture
def good(authority: Authority) -> Path:
    """Return the file of a good certificate for 127.0.0.1."""
    return authority.issue("127.0.0.1")


def over_tls(certificate: Path, play: Callable[[Talk], None]) -> Callable[[Talk], None]:
    """Return a script that shakes hands and then plays."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)

    def secured(talk: Talk) -> None:
        talk.connection = gevent.ssl.SSLSocket(
            sock=talk.connection, server_side=True, _context=context, do_handshake_on_connect=False
        )
        with talk.connection:
            try:
                talk.connection.do_handshake()
            except OSError:
                return
            play(talk)

    return secured


def address(house: House, host: str = "127.0.0.1") -> str:
    """Return a house's address with TLS."""
    return f"https://{host}:{house.port}"


def test_a_shop_behind_tls_is_spoken_to_and_its_connection_kept(
    authority: Authority, good: Path, housing: Housing, calling: Calling
) -> None:
    """Its certificate is vouched for by the CA of the file; session tickets between answers do no harm."""
    house, client = housing(over_tls(good, echo)), calling(verify=str(authority.ca_file))
    replies = [client.request("GET", f"{address(house)}/{n}") for n in range(3)]

    assert [(reply.body, reply.error) for reply in replies] == [(b"/0", ""), (b"/1", ""), (b"/2", "")]
    assert house.connections == 1


@pytest.mark.parametrize(
    ("host", "days", "by_itself", "trusted"),
    [
        pytest.param("127.0.0.1", 0, False, False, id="an authority nobody knows"),
        pytest.param("127.0.0.2", 0, False, True, id="another host's"),
        pytest.param("localhost", 0, False, True, id="a name where an address is asked for"),
        pytest.param("127.0.0.1", 2, False, True, id="expired"),
        pytest.param("127.0.0.1", -2, False, True, id="not yet valid"),
        pytest.param("127.0.0.1", 0, True, True, id="signed by itself"),
    ],
)
def test_a_certificate_that_is_not_good_sends_nothing(
    authority: Authority,
    housing: Housing,
    calling: Calling,
    host: str,
    days: int,
    *,
    by_itself: bool,
    trusted: bool,
) -> None:
    """The request never leaves: a failure. Only who asks for no checks gets through."""
    certificate = authority.issue(host, age=dt.timedelta(days=days), signed_by_itself=by_itself)
    house = housing(over_tls(certificate, echo))
    strict = calling(verify=str(authority.ca_file) if trusted else True).request("GET", address(house))
    heard = list(house.requests)
    lax = calling(verify=False).request("GET", f"{address(house)}/x")

    assert (strict.error, transport_outcome(strict), heard) == ("tls", Outcome.FAIL, [])
    assert (lax.error, lax.body) == ("", b"/x")


def test_a_host_is_checked_by_its_name(authority: Authority, housing: Housing, calling: Calling) -> None:
    """`localhost` in the address, `localhost` in the certificate."""
    house = housing(over_tls(authority.issue("localhost"), echo))
    client = calling(verify=str(authority.ca_file))

    assert client.request("GET", f"{address(house, 'localhost')}/x").body == b"/x"
    assert client.request("GET", f"{address(house)}/x").error == "tls"


def _plain(talk: Talk) -> None:
    talk.connection.recv(100)
    talk.say(b"HTTP/1.1 400 Bad Request\r\n\r\n")


def _closed(talk: Talk) -> None:
    talk.connection.recv(65536)


def _rude(talk: Talk) -> None:
    talk.connection.recv(1)


def _reset(talk: Talk) -> None:
    talk.connection.recv(1)
    talk.reset()


@pytest.mark.parametrize(
    ("play", "error"),
    [
        pytest.param(_plain, "tls", id="plain HTTP"),
        pytest.param(_closed, "tls", id="a close in the handshake"),
        pytest.param(_rude, "tls", id="a close before the greeting is read"),
        pytest.param(_reset, "tls", id="a reset in the handshake"),
        pytest.param(lambda talk: talk.hang(), "connect_timeout", id="a handshake that hangs"),
        pytest.param(lambda talk: talk.say_for_ever(b"\x16"), "tls", id="a handshake of noise"),
    ],
)
def test_a_handshake_that_fails_sends_nothing(
    housing: Housing, calling: Calling, play: Callable[[Talk], None], error: str
) -> None:
    """Certainly without effect."""
    house = housing(play)
    limit_s = 0.1 if error == "connect_timeout" else 30.0
    reply = calling(connect_timeout_s=limit_s, verify=False).request("GET", address(house))

    assert (reply.error, transport_outcome(reply), house.requests) == (error, Outcome.FAIL, [])


def test_a_body_of_many_records_arrives_whole_both_ways(
    authority: Authority, good: Path, housing: Housing, calling: Calling
) -> None:
    """Larger than any buffer in between."""
    body = bytes(range(256)) * 8_000

    def play(talk: Talk) -> None:
        while request := talk.hear():
            talk.say(answer(request.partition(b"\r\n\r\n")[2]))

    house, client = housing(over_tls(good, play)), calling(verify=str(authority.ca_file))

    assert [client.request("POST", address(house), data=body).body for _ in range(2)] == [body] * 2
    assert house.connections == 1


def _goodbye(talk: Talk) -> None:
    # Says it and does not wait for the other side's.
    session: Any = talk.connection
    with suppress(ssl.SSLWantReadError):
        session._sslobj.shutdown()


def _cut(talk: Talk) -> None:
    talk.connection.shutdown(socket.SHUT_RDWR)


def _noise(talk: Talk) -> None:
    raw = socket.socket(fileno=socket.dup(talk.connection.fileno()))
    with raw:
        raw.sendall(b"\x17\x03\x03\x00\x20" + bytes(32))


@pytest.mark.parametrize(
    ("said", "end", "error"),
    [
        pytest.param(HEAD + b"to the end", _goodbye, "", id="the end of a body, said goodbye"),
        pytest.param(HEAD + b"to the end", _cut, "short_body", id="the same without goodbye"),
        pytest.param(OK[:-1], _goodbye, "short_body", id="a body shorter than its length"),
        pytest.param(OK[:-1], _cut, "short_body", id="likewise, cut"),
        pytest.param(OK[:9], _goodbye, "eof", id="half a head"),
        pytest.param(OK[:9], _cut, "eof", id="half a head, cut"),
        pytest.param(OK, _goodbye, "", id="a whole answer"),
        pytest.param(OK, _cut, "", id="a whole answer, then cut"),
        pytest.param(HEAD + b"to the", _noise, "reset", id="a record that nobody sealed"),
    ],
)
def test_only_a_goodbye_ends_a_body_without_a_length(
    good: Path, housing: Housing, calling: Calling, said: bytes, end: Callable[[Talk], None], error: str
) -> None:
    """A connection that is merely cut may have been cut by anybody (RFC 8446, 6.1)."""
    ended = Event()

    def play(talk: Talk) -> None:
        if talk.number:
            echo(talk)
        elif talk.hear():
            talk.say(said)
            end(talk)
            ended.set()

    house, client = housing(over_tls(good, play)), calling(verify=False)
    first = client.request("GET", address(house))
    ended.wait()
    second = client.request("GET", f"{address(house)}/second")

    assert first.error == error
    assert (second.error, second.body) == ("", b"/second")


def test_an_answer_and_its_goodbye_in_one_segment_are_both_heard(
    good: Path, housing: Housing, calling: Calling
) -> None:
    """The answer counts, and the connection is not used again."""

    def play(talk: Talk) -> None:
        if talk.number:
            echo(talk)
            return
        talk.hear()
        talk.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_CORK, 1)
        talk.connection.sendall(OK)
        _goodbye(talk)

    house, client = housing(over_tls(good, play)), calling(verify=False)
    replies = [client.request("GET", f"{address(house)}/{n}") for n in range(2)]

    assert [reply.body for reply in replies] == [b"{}", b"/1"]
    assert house.connections == 2


def test_an_endless_body_over_tls_is_cut_off(good: Path, housing: Housing, calling: Calling) -> None:
    """The limits are those of the plain bytes."""

    def play(talk: Talk) -> None:
        talk.hear()
        talk.say(HEAD)
        talk.say_for_ever(b"x" * 65536)

    assert calling(verify=False).request("GET", address(housing(over_tls(good, play)))).error == "bad_answer"


@pytest.mark.parametrize("text", [None, "no certificate"])
def test_a_file_of_authorities_that_is_none_is_said_at_once(
    tmp_path: Path, calling: Calling, text: str | None
) -> None:
    """Not at the first request, as a failure of the shop."""
    file = tmp_path / "ca.pem"
    if text is not None:
        file.write_text(text)

    with pytest.raises(OSError, match=r"No such file|PEM|NO_CERTIFICATE"):
        calling(verify=str(file))


def test_who_speaks_before_being_asked_is_not_listened_to(
    good: Path, housing: Housing, calling: Calling
) -> None:
    """An answer in one segment with the handshake's end would be read before anything waits for it."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(good)
    # In TLS 1.3 the last word of a handshake is the client's.
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    session = context.wrap_bio(incoming, outgoing, server_side=True)

    def play(talk: Talk) -> None:
        for _ in range(2):
            incoming.write(talk.connection.recv(65536))
            with suppress(ssl.SSLWantReadError):
                session.do_handshake()
                session.write(OK)
            talk.say(outgoing.read())

    reply = calling(verify=False).request("GET", address(housing(play)))

    assert (reply.error, transport_outcome(reply)) == ("tls", Outcome.FAIL)


class Cut:
    """Shakes hands, answers one request up to the end of the connection, and cuts all it says at a byte."""

    def __init__(self, certificate: Path, left: int) -> None:
        """Take the certificate and how many bytes get through."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        self.left = left
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._session = context.wrap_bio(self._incoming, self._outgoing, server_side=True)

    def __call__(self, talk: Talk) -> None:
        """Play the connection."""
        while self.left > 0 and (heard := talk.connection.recv(65536)):
            self._incoming.write(heard)
            with suppress(ssl.SSLWantReadError):
                self._session.do_handshake()
                self._session.read(65536)
                self._session.write(HEAD + b"to the end")
                self._session.unwrap()
            said = self._outgoing.read()
            through = said[: self.left]
            self.left -= len(said)
            talk.say(through)


def test_a_session_cut_at_any_byte_is_no_whole_answer(good: Path, housing: Housing, calling: Calling) -> None:
    """Not one byte before the goodbye's last; from there on it is one."""
    ample = 1 << 20
    uncut = Cut(good, ample)
    assert calling(verify=False).request("GET", address(housing(uncut))).body == b"to the end"
    total = ample - uncut.left
    # A handshake's length varies by a byte or two with its signature.
    cuts = [*range(0, total - 200, 97), *range(total - 200, total - 4)]
    replies = [calling(verify=False).request("GET", address(housing(Cut(good, cut)))) for cut in cuts]

    assert {reply.error for reply in replies} - {"reset"} == {"tls", "eof", "short_body"}
    assert calling(verify=False).request("GET", address(housing(Cut(good, total + 4)))).error == ""
