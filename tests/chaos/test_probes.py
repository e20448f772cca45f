"""Each protocol's greeting met by real sockets: understood, refused, silent, cut off, strange."""

import socket
import ssl
import struct
from pathlib import Path

import pytest

from chaos import probes as subject
from chaos import toxics
from chaos.met import Fate
from chaos.probes import GREETINGS, greet, meets
from chaos.toxics import Stream, Toxic, ToxicKind
from rehearsal.model.plan_shop import Link, Probe
from tests.chaos.servers import saying
from tests.scenarios.http.authority import Authority

SSL_REQUEST = struct.pack("!ii", 8, 80877103)
HELLO = GREETINGS[Probe.TLS].says
MYSQL = b"\x4a\x00\x00\x00\x0a8.4.0\x00"


def link(port: int, probe: Probe) -> Link:
    """Return a link that listens at a port."""
    return Link(name="db", upstream="127.0.0.1:1", listen=f"127.0.0.1:{port}", probe=probe)


@pytest.mark.parametrize(
    ("probe", "says", "asked", "fate"),
    [
        pytest.param(Probe.POSTGRES, [b"N"], SSL_REQUEST, Fate.ANSWERED, id="postgres without TLS"),
        pytest.param(Probe.POSTGRES, [b"S"], SSL_REQUEST, Fate.ANSWERED, id="postgres with TLS"),
        pytest.param(Probe.POSTGRES, [b"HTTP/1.1 400"], SSL_REQUEST, Fate.STRANGE, id="no postgres"),
        pytest.param(Probe.POSTGRES, [], SSL_REQUEST, Fate.ENDED, id="postgres cut off"),
        pytest.param(Probe.MYSQL, [MYSQL], b"", Fate.ANSWERED, id="mysql"),
        pytest.param(Probe.MYSQL, [MYSQL[:3], MYSQL[3:]], b"", Fate.ANSWERED, id="mysql in pieces"),
        pytest.param(Probe.MYSQL, [b"\x10\0\0\0\xff\x69\x04no"], b"", Fate.ANSWERED, id="mysql refusing"),
        pytest.param(Probe.MYSQL, [b"220 mail"], b"", Fate.STRANGE, id="no mysql"),
        pytest.param(Probe.TLS, [b"\x16\x03\x03\0\x7a"], HELLO, Fate.ANSWERED, id="tls"),
        pytest.param(Probe.TLS, [b"\x15\x03\x03\0\x02\x02\x70"], HELLO, Fate.ANSWERED, id="tls refusing"),
        pytest.param(Probe.TLS, [b"HTTP/1.1 400"], HELLO, Fate.STRANGE, id="no tls"),
        pytest.param(Probe.REDIS, [b"+PONG\r\n"], b"PING\r\n", Fate.ANSWERED, id="redis"),
        pytest.param(Probe.REDIS, [b"-NOAUTH\r\n"], b"PING\r\n", Fate.ANSWERED, id="redis with a password"),
        pytest.param(Probe.REDIS, [b"what?"], b"PING\r\n", Fate.STRANGE, id="no redis"),
        pytest.param(Probe.TCP, [b"hello"], b"", Fate.ANSWERED, id="anything that speaks"),
        pytest.param(Probe.TCP, [], b"", Fate.ENDED, id="nobody behind Toxiproxy"),
    ],
)
def test_what_a_server_says(probe: Probe, says: list[bytes], asked: bytes, fate: Fate) -> None:
    """The greeting is the protocol's own, and only its answer counts as one."""
    with saying(*says, after=len(asked)) as (port, heard):
        met = greet(link(port, probe), timeout_s=5.0)

    assert (met.fate, b"".join(heard)) == (fate, asked)


@pytest.mark.parametrize("probe", [probe for probe in Probe if probe is not Probe.HTTP])
def test_a_closed_listener(probe: Probe, unused_port: int) -> None:
    """Every probe proves it."""
    assert greet(link(unused_port, probe), timeout_s=5.0).fate is Fate.REFUSED


@pytest.mark.parametrize(
    ("probe", "says", "fate"),
    [
        pytest.param(Probe.POSTGRES, [], Fate.SILENT, id="postgres"),
        pytest.param(Probe.MYSQL, [], Fate.SILENT, id="mysql"),
        pytest.param(Probe.MYSQL, [b"HTTP/1.1 408"], Fate.STRANGE, id="another protocol, kept open"),
        pytest.param(Probe.TCP, [], Fate.ACCEPTED, id="a connection that is kept counts as there"),
    ],
)
def test_a_server_that_keeps_silent(
    probe: Probe, says: list[bytes], fate: Fate, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Waiting is bounded: here the time is over once all that was said has been read."""
    monkeypatch.setattr(subject, "QUIET_S", 0.01)
    instants = iter([0.0, *(0.0 for _ in says), 5.0, 5.0])
    with saying(*says, hang_up=False) as (port, _):
        met = greet(link(port, probe), timeout_s=5.0, now_s=lambda: next(instants))

    assert met.fate is fate


def test_a_connection_that_is_reset() -> None:
    """A reset is not an answer."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        # RFC 9293 3.10.7: data for a closed socket is answered by a reset; linger 0 sends one at once.
        server.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        client = socket.create_connection(server.getsockname())
        peer, _ = server.accept()
        peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        peer.close()
        with client, pytest.MonkeyPatch.context() as patch:
            patch.setattr("chaos.probes.socket.create_connection", lambda *_: client)
            met = greet(link(1, Probe.REDIS), timeout_s=5.0)

    assert met.fate is Fate.RESET


def toxic(kind: ToxicKind, stream: Stream = Stream.ANSWER, **attributes: int) -> Toxic:
    """Return a toxic."""
    return Toxic(name="t", kind=kind, stream=stream, attributes=attributes)


@pytest.mark.parametrize(
    ("probe", "bad", "expected"),
    [
        pytest.param(Probe.POSTGRES, toxics.answers_late(300), True, id="late answers"),
        pytest.param(Probe.POSTGRES, toxics.requests_lost(), True, id="lost requests"),
        pytest.param(Probe.POSTGRES, toxics.answers_cut(100), False, id="one byte is not cut at 100"),
        pytest.param(Probe.HTTP, toxics.answers_cut(50), True, id="a page is cut at 50"),
        pytest.param(Probe.POSTGRES, toxics.answers_throttled(1), False, id="one byte at 1 kB/s"),
        pytest.param(Probe.HTTP, toxics.answers_throttled(1), True, id="a page at 1 kB/s"),
        pytest.param(Probe.POSTGRES, toxics.requests_frozen(), True, id="frozen"),
        pytest.param(
            Probe.HTTP,
            toxics.answers_sliced(average_bytes=10, variation_bytes=3, delay_us=50_000),
            True,
            id="a page in slices",
        ),
        pytest.param(
            Probe.REDIS,
            toxics.answers_sliced(average_bytes=10, variation_bytes=3, delay_us=50_000),
            False,
            id="a word in no slices",
        ),
        pytest.param(Probe.MYSQL, toxics.requests_lost(), False, id="the server speaks first"),
        pytest.param(Probe.MYSQL, toxics.answers_lost(), True, id="and its greeting can be lost"),
        pytest.param(Probe.TCP, toxics.answers_late(300), False, id="nobody speaks"),
        pytest.param(Probe.HTTP, toxics.closing_late(300), False, id="who closes first never notices"),
        pytest.param(Probe.HTTP, toxic(ToxicKind.NOOP), False, id="nothing is done"),
        pytest.param(Probe.POSTGRES, toxics.answers_reset(), True, id="a reset"),
    ],
)
def test_what_a_probe_can_meet(probe: Probe, bad: Toxic, expected: bool) -> None:
    """What it cannot is not to be taken for a fault that does not work."""
    assert meets(probe, bad) is expected


def test_the_hello_is_one_a_tls_server_answers(tmp_path: Path) -> None:
    """A real server takes it for the beginning of a handshake, and answers before it shows a certificate."""
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(Authority(tmp_path).issue("localhost"))
    came, sent = ssl.MemoryBIO(), ssl.MemoryBIO()
    came.write(HELLO)
    with pytest.raises(ssl.SSLWantReadError):
        server.wrap_bio(came, sent, server_side=True).do_handshake()

    assert GREETINGS[Probe.TLS].understood(sent.read())
