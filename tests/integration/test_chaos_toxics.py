"""What each toxic of the real server does to a payment: charged or not, and what its client met."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import pytest

from chaos import toxics
from chaos.canary import refused
from chaos.toxics import Toxic
from chaos.toxiproxy import Toxiproxy
from chaos.world import canary_client

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
