"""The wrapper and the toxics against the real server: its traps, and what each fault does to a payment."""

import os
import socket
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import msgspec
import pytest

from chaos import toxics, toxiproxy_binary
from chaos.canary import refused
from chaos.heal import heal_leases
from chaos.lease_file import TOXIPROXY, write_lease
from chaos.process_table import ProcessTable
from chaos.toxics import Toxic
from chaos.toxiproxy import Toxiproxy, start_server
from chaos.world import canary_client
from rehearsal.model.errors import RehearsalError, Unreachable
from rehearsal.process import Child

pytestmark = pytest.mark.integration

ANSWER = b'{"status":"captured"}'


class Shop(ThreadingHTTPServer):
    """Counts what it has charged."""

    request_queue_size = 128
    daemon_threads = True

    def __init__(self) -> None:
        """Listen on any loopback port."""
        super().__init__(("127.0.0.1", 0), Charge)
        self.charges = 0
        self.lock = threading.Lock()
        self.charged = threading.Event()

    def handle_error(self, *_: object) -> None:
        """Keep quiet about clients that are cut off: that is what these tests do."""

    @property
    def address(self) -> str:
        """Return host:port."""
        return f"127.0.0.1:{self.server_address[1]}"


class Charge(BaseHTTPRequestHandler):
    """Charges on POST, then answers."""

    server: Shop
    protocol_version = "HTTP/1.1"  # at the end of a 1.0 connection a lost answer reads as EOF

    def do_POST(self) -> None:
        """Charge."""
        self.rfile.read(int(self.headers["Content-Length"]))
        with self.server.lock:
            self.server.charges += 1
        self.server.charged.set()
        self.send_response(200)
        self.send_header("Content-Length", str(len(ANSWER)))
        self.end_headers()
        self.wfile.write(ANSWER)

    def log_message(self, *_: object) -> None:
        """Keep quiet."""


def free_port() -> int:
    """Return a loopback port that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="module")
def binary() -> Path:
    """Return the real server; `make test` has seen to it that there is one."""
    found = toxiproxy_binary.locate(os.environ)
    if found is None:
        pytest.fail(toxiproxy_binary.MEND)
    return found.path


@pytest.fixture
def table(tmp_path: Path) -> Iterator[ProcessTable]:
    """Return a table of processes that end with the test."""
    run_id = f"test-{os.getpid()}-{tmp_path.name}"
    with ProcessTable(tmp_path / "leases", run_id=run_id, run_dir=tmp_path) as opened:
        yield opened


@pytest.fixture
def toxiproxy(binary: Path, table: ProcessTable, tmp_path: Path) -> Toxiproxy:
    """Return a running server."""
    return start_server(table, binary, free_port(), log=tmp_path / "tp.log", label=TOXIPROXY)


@pytest.fixture
def shop() -> Iterator[Shop]:
    """Return a server that charges."""
    with Shop() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def pay(toxiproxy: Toxiproxy, shop: Shop) -> str:
    """Open the listener `pay` to the shop and return its URL."""
    return toxiproxy.create("pay", listen="127.0.0.1:0", upstream=shop.address).url


def charge(url: str) -> str:
    """Try to pay; return the answer's body, or the name of the error."""
    with canary_client(timeout_s=0.4) as http:
        try:
            return http.post(f"{url}/capture", json={}).text
        except httpx.HTTPError as error:
            return type(error).__name__


@pytest.mark.parametrize(
    ("toxic", "met", "charges"),
    [
        pytest.param(toxics.requests_lost(), "ReadTimeout", 0, id="a lost request charges nothing"),
        pytest.param(toxics.answers_lost(), "ReadTimeout", 1, id="a lost answer has charged"),
        pytest.param(toxics.answers_reset(), "ReadError", 1, id="a reset answer has charged"),
        pytest.param(toxics.answers_cut(0), "RemoteProtocolError", 1, id="a cut answer has charged"),
        pytest.param(toxics.answers_late(50), ANSWER.decode(), 1, id="a late answer arrives"),
        pytest.param(toxics.answers_throttled(100), ANSWER.decode(), 1, id="a slow answer arrives"),
        pytest.param(
            toxics.answers_sliced(average_bytes=50, variation_bytes=5, delay_us=10),
            ANSWER.decode(),
            1,
            id="a sliced answer arrives",
        ),
        pytest.param(toxics.closing_late(10), ANSWER.decode(), 1, id="a late closing harms nobody"),
    ],
)
def test_what_a_toxic_means(
    toxiproxy: Toxiproxy, shop: Shop, pay: str, toxic: Toxic, met: str, charges: int
) -> None:
    """The direction of a toxic decides whether the shopper was charged; healing it leaves no trace."""
    toxiproxy.add_toxic("pay", toxic)

    assert met == charge(pay)
    if charges:
        shop.charged.wait(timeout=5)
    assert charges == shop.charges

    assert toxiproxy.heal("pay").clean
    assert charge(pay) == ANSWER.decode()
    assert charges + 1 == shop.charges


def test_late_request_charges_after_its_client_has_gone(toxiproxy: Toxiproxy, shop: Shop, pay: str) -> None:
    """A held-back request is delivered later: the client that gave up is charged all the same."""
    toxiproxy.add_toxic("pay", toxics.requests_late(600))

    assert charge(pay) == "ReadTimeout"
    assert shop.charges == 0
    assert shop.charged.wait(timeout=5)


def test_closed_listener(toxiproxy: Toxiproxy, shop: Shop, pay: str) -> None:
    """A closed listener refuses connections, and what is refused was certainly not charged."""
    toxiproxy.disable("pay")
    with canary_client() as http:
        seen = refused(http, "pay", pay)

    assert seen.proven
    assert charge(pay) == "ConnectError"
    assert shop.charges == 0
    assert toxiproxy.heal_all() == ("pay",)
    assert toxiproxy.heal_all() == ()
    assert charge(pay) == ANSWER.decode()


def test_heal_of_a_closed_listener_with_toxics(toxiproxy: Toxiproxy, pay: str) -> None:
    """Several faults on one listener are healed together."""
    toxiproxy.add_toxic("pay", toxics.answers_lost())
    toxiproxy.add_toxic("pay", toxics.requests_lost())
    toxiproxy.disable("pay")

    assert toxiproxy.heal("pay").clean
    assert toxiproxy.state("pay").url == pay


@pytest.fixture
def flooded(toxiproxy: Toxiproxy) -> Iterator[str]:
    """Return a listener with a toxic, and a client behind it that does not read its long answer."""
    with socket.create_server(("127.0.0.1", 0)) as flood:
        address = f"127.0.0.1:{flood.getsockname()[1]}"
        listener = toxiproxy.create("flood", listen="127.0.0.1:0", upstream=address)
        toxiproxy.add_toxic("flood", toxics.answers_late(1))
        host, _, port = listener.listen.partition(":")
        with socket.create_connection((host, int(port))), flood.accept()[0] as answering:
            answering.settimeout(0.3)
            with pytest.raises(TimeoutError):
                answering.sendall(bytes(64_000_000))
            yield listener.name


def test_heal_closes_a_flooded_listener_first(toxiproxy: Toxiproxy, flooded: str) -> None:
    """In the safe order a listener is healed at once, even with a client that does not read."""
    assert toxiproxy.heal(flooded).clean


def test_why_the_order_matters(toxiproxy: Toxiproxy, flooded: str) -> None:
    """Removing the toxic from the open listener hangs, and then no listing is answered any more."""
    with canary_client(timeout_s=0.3) as http, pytest.raises(httpx.ReadTimeout):
        http.delete(f"{toxiproxy.url}/proxies/{flooded}/toxics/answers_late")

    with pytest.raises(Unreachable, match="dead or wedged"):
        Toxiproxy(toxiproxy.url, timeout_s=0.3).states()


def test_enable_on_a_taken_port(toxiproxy: Toxiproxy, pay: str) -> None:
    """The library takes it for success; the wrapper says that the listener is not open."""
    toxiproxy.disable("pay")
    with socket.socket() as thief:
        thief.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        thief.bind(("127.0.0.1", httpx.URL(pay).port or 0))
        thief.listen()
        with pytest.raises(RehearsalError, match="address already in use"):
            toxiproxy.enable("pay")

    assert not toxiproxy.state("pay").enabled
    assert toxiproxy.enable("pay").enabled


@pytest.mark.usefixtures("pay")
def test_misspelt_attribute(toxiproxy: Toxiproxy) -> None:
    """The server takes a key it does not know and does nothing with it; the value refuses it first."""
    raw = {"type": "latency", "name": "t", "stream": "downstream", "attributes": {"latncy": 900}}
    with canary_client() as http:
        accepted = http.post(f"{toxiproxy.url}/proxies/pay/toxics", json=raw)

    assert accepted.json()["attributes"] == {"latency": 0, "jitter": 0}
    with pytest.raises(msgspec.ValidationError, match="latncy"):
        msgspec.convert(raw, Toxic)


@pytest.mark.parametrize(
    ("act", "sentence"),
    [
        pytest.param(
            lambda t: t.add_toxic("pay", toxics.answers_lost()),
            "toxic already exists",
            id="the same toxic twice",
        ),
        pytest.param(
            lambda t: t.create("pay", listen="127.0.0.1:0", upstream="127.0.0.1:1"),
            "already exists",
            id="the same listener twice",
        ),
        pytest.param(lambda t: t.state("nobody"), "proxy not found", id="a listener that is not there"),
        pytest.param(lambda t: t.disable("a/b"), "refused a/b", id="a name with a slash"),
    ],
)
def test_refusals(toxiproxy: Toxiproxy, pay: str, act: Callable[[Toxiproxy], object], sentence: str) -> None:
    """What the server refuses is a sentence with the server's own reason."""
    toxiproxy.add_toxic("pay", toxics.answers_lost())

    with pytest.raises(RehearsalError, match=sentence):
        act(toxiproxy)

    assert toxiproxy.state("pay").url == pay


def test_create_on_a_taken_port(toxiproxy: Toxiproxy, shop: Shop) -> None:
    """The library ends in a KeyError; the wrapper says what is the matter."""
    with pytest.raises(RehearsalError, match="address already in use"):
        toxiproxy.create("pay", listen=shop.address, upstream="127.0.0.1:1")


def test_two_servers_in_one_process(
    toxiproxy: Toxiproxy, table: ProcessTable, binary: Path, tmp_path: Path
) -> None:
    """The library keeps one address for all; the wrapper keeps each server to itself."""
    other = start_server(table, binary, free_port(), log=tmp_path / "tp2.log", label="other")
    toxiproxy.create("one", listen="127.0.0.1:0", upstream="127.0.0.1:1")
    other.create("two", listen="127.0.0.1:0", upstream="127.0.0.1:1")
    toxiproxy.disable("one")

    assert list(toxiproxy.states()) == ["one"]
    assert list(other.states()) == ["two"]
    assert other.state("two").clean


def test_proxies_of_the_environment_are_ignored(
    toxiproxy: Toxiproxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    """HTTP_PROXY is meant for the Internet, not for the control API."""
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")

    assert Toxiproxy(toxiproxy.url).states() == {}


def test_start_on_a_taken_port(
    toxiproxy: Toxiproxy, table: ProcessTable, binary: Path, tmp_path: Path
) -> None:
    """Another server at that port is never taken for our own."""
    port = httpx.URL(toxiproxy.url).port or 0

    with pytest.raises(Unreachable, match=f"port {port} is taken"):
        start_server(table, binary, port, log=tmp_path / "tp2.log", label="second")

    assert not table.alive("second")


def test_frozen_server() -> None:
    """A server that accepts and does not answer is given up after the timeout."""
    with socket.socket() as deaf:
        deaf.bind(("127.0.0.1", 0))
        deaf.listen()
        toxiproxy = Toxiproxy(f"http://127.0.0.1:{deaf.getsockname()[1]}", timeout_s=0.2)

        with pytest.raises(Unreachable, match="ReadTimeout"):
            toxiproxy.states()


def test_heal_after_the_harness_was_killed(
    toxiproxy: Toxiproxy, table: ProcessTable, pay: str, tmp_path: Path
) -> None:
    """A dead run's listeners are opened again, then its server is ended; a second healing finds nothing."""
    toxiproxy.add_toxic("pay", toxics.answers_lost())
    toxiproxy.create("edge", listen="127.0.0.1:0", upstream="127.0.0.1:1")
    toxiproxy.disable("edge")
    gone = Child(label="conductor", pid=2**22 - 1, created=1.0, argv=())
    lease = msgspec.structs.replace(table.lease, conductor=gone, toxiproxy_url=toxiproxy.url)
    write_lease(tmp_path / "leases", lease)

    (healed,) = heal_leases(tmp_path / "leases").healed

    assert healed.listeners == ("edge", "pay")
    assert healed.processes == (TOXIPROXY,)
    assert healed.problems == ()
    assert charge(pay) == "ConnectError"
    assert heal_leases(tmp_path / "leases").healed == ()


def test_heal_with_a_wedged_server(toxiproxy: Toxiproxy, table: ProcessTable, tmp_path: Path) -> None:
    """A control API that cannot be asked is reported; ending the server ends its faults."""
    gone = Child(label="conductor", pid=2**22 - 1, created=1.0, argv=())
    nowhere = f"http://127.0.0.1:{free_port()}"
    lease = msgspec.structs.replace(table.lease, conductor=gone, toxiproxy_url=nowhere)
    write_lease(tmp_path / "leases", lease)

    (healed,) = heal_leases(tmp_path / "leases").healed

    assert "It was ended together with its listeners." in healed.problems[0]
    assert healed.processes == (TOXIPROXY,)
    assert not table.alive(TOXIPROXY)
    assert toxiproxy.url != nowhere
