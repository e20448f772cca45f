"""What each toxic of the real server means to a payment: charged or not, and what its client met."""

import threading
from collections.abc import Iterator

import httpx
import pytest

from chaos import toxics
from chaos.canary import refused
from chaos.met import Fate, judged, meet
from chaos.toxics import Stream, Toxic, ToxicKind
from chaos.toxiproxy import Toxiproxy
from chaos.world import canary_client
from tests.integration.till import ANSWER, Till, charge, naively, patience_s, pay

pytestmark = [pytest.mark.integration, pytest.mark.calm]

SERVED = ANSWER.decode()


@pytest.fixture
def till() -> Iterator[Till]:
    """Return a server that charges."""
    with Till() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def url(toxiproxy: Toxiproxy, till: Till) -> str:
    """Open the listener `pay` to the till and return its URL."""
    return toxiproxy.create("pay", listen="127.0.0.1:0", upstream=till.address).url


def toxic(kind: ToxicKind, stream: Stream, **attributes: int) -> Toxic:
    """Return a toxic that has no name of its own in the catalogue."""
    return Toxic(name="t", kind=kind, stream=stream, attributes=attributes)


def requests(kind: ToxicKind, **attributes: int) -> Toxic:
    """Return a toxic on the way there."""
    return toxic(kind, Stream.REQUEST, **attributes)


TIMEOUT, RESET, LIMIT = ToxicKind.TIMEOUT, ToxicKind.RESET_PEER, ToxicKind.LIMIT_DATA
#: A request may be on its way in two pieces, and be cut after the first.
CUT = "ReadError or RemoteProtocolError"
SLICED = toxics.answers_sliced(average_bytes=50, variation_bytes=5, delay_us=10)


@pytest.mark.parametrize(
    ("bad", "met", "charges"),
    [
        pytest.param(
            toxics.requests_lost(), "ReadTimeout", (0, 0), id="a lost request charges nothing, ever"
        ),
        pytest.param(toxics.answers_lost(), "ReadTimeout", (1, 0), id="a lost answer has charged"),
        pytest.param(requests(TIMEOUT, timeout=100), CUT, (0, 0), id="silence, then EOF"),
        pytest.param(toxic(TIMEOUT, Stream.ANSWER, timeout=100), CUT, (1, 0), id="EOF, but charged"),
        pytest.param(requests(RESET, timeout=0), CUT, (0, 0), id="a reset request charges nothing"),
        pytest.param(toxics.answers_reset(), CUT, (1, 0), id="a reset answer has charged"),
        pytest.param(requests(LIMIT, bytes=0), CUT, (0, 0), id="a cut request of nothing"),
        pytest.param(toxics.answers_cut(0), CUT, (1, 0), id="a cut answer has charged"),
        pytest.param(
            toxics.requests_frozen(), "ReadTimeout", (0, 1), id="a frozen request charges when healed"
        ),
        pytest.param(toxics.answers_throttled(0), "ReadTimeout", (1, 0), id="a frozen answer has charged"),
        pytest.param(
            toxics.requests_late(3000), "ReadTimeout", (0, 1), id="a late request charges when healed"
        ),
        pytest.param(toxics.answers_late(3000), "ReadTimeout", (1, 0), id="a late answer has charged"),
        pytest.param(toxics.answers_late(50), SERVED, (1, 0), id="an answer that is a little late arrives"),
        pytest.param(toxics.answers_throttled(100), SERVED, (1, 0), id="a slow answer arrives"),
        pytest.param(SLICED, SERVED, (1, 0), id="a sliced answer arrives"),
        pytest.param(toxics.closing_late(10), SERVED, (1, 0), id="a late closing harms nobody"),
    ],
)
def test_what_a_toxic_means(
    toxiproxy: Toxiproxy, till: Till, url: str, bad: Toxic, met: str, charges: tuple[int, int]
) -> None:
    """Its direction decides whether the shopper was charged; what it held back is delivered on healing.

    `charges` are those at once and those that the healing sets free.
    """
    toxiproxy.add_toxic("pay", bad)

    at_once, on_healing = charges

    assert charge(url, timeout_s=patience_s(met)) in met.split(" or ")
    assert till.charged(at_once)
    assert at_once == till.charges

    assert toxiproxy.heal("pay").clean
    assert till.charged(at_once + on_healing)
    assert charge(url) == SERVED
    assert at_once + on_healing + 1 == till.charges


@pytest.mark.parametrize(
    ("bad", "met", "charges"),
    [
        pytest.param(toxics.requests_lost(), "ReadTimeout", 1, id="lost requests"),
        pytest.param(toxics.answers_lost(), "ReadTimeout", 2, id="lost answers"),
        pytest.param(toxics.answers_reset(), CUT, 2, id="a reset is only an EOF there"),
        pytest.param(toxics.answers_cut(0), CUT, 2, id="cut answers"),
        pytest.param(toxics.answers_late(50), SERVED, 2, id="late answers"),
    ],
)
def test_on_a_connection_that_stood_before(
    toxiproxy: Toxiproxy, till: Till, url: str, bad: Toxic, met: str, charges: int
) -> None:
    """Toxics strike kept-alive connections too, all but the reset, which needs a new one."""
    with httpx.Client(timeout=20.0, trust_env=False) as kept:
        assert pay(kept, url) == SERVED
        toxiproxy.add_toxic("pay", bad)
        kept.timeout = httpx.Timeout(patience_s(met))

        assert pay(kept, url) in met.split(" or ")

    assert till.charged(charges)
    assert charges == till.charges


def test_late_request_charges_after_its_client_has_gone(toxiproxy: Toxiproxy, till: Till, url: str) -> None:
    """A held-back request is delivered in its own time: the client that gave up is charged all the same."""
    toxiproxy.add_toxic("pay", toxics.requests_late(2000))

    assert charge(url, timeout_s=0.25) == "ReadTimeout"
    assert till.charges == 0
    assert till.charged(1)


def test_a_cut_answer_reads_as_success(toxiproxy: Toxiproxy, till: Till, url: str) -> None:
    """A client that believes in the status line alone takes a lost payment for a paid one."""
    toxiproxy.add_toxic("pay", toxics.answers_cut(40))

    assert naively(url) == (200, b"")
    assert till.charges == 1
    assert charge(url) in CUT.split(" or ")


def test_a_cut_request_may_be_carried_out(toxiproxy: Toxiproxy, till: Till, url: str) -> None:
    """Forty bytes are enough for a server that acts on what it has; its client cannot know."""
    toxiproxy.add_toxic("pay", requests(LIMIT, bytes=40))

    assert charge(url) in CUT.split(" or ")
    assert till.charged(1)


def test_closed_listener(toxiproxy: Toxiproxy, till: Till, url: str) -> None:
    """A closed listener refuses connections, and what is refused was certainly not charged."""
    with httpx.Client(timeout=20.0, trust_env=False) as kept:
        assert pay(kept, url) == SERVED
        toxiproxy.disable("pay")
        with canary_client() as http:
            seen = refused(http, "pay", url)

        assert seen.proven
        assert charge(url) == "ConnectError"
        assert pay(kept, url) in {"ConnectError", *CUT.split(" or ")}

    assert till.charges == 1
    assert toxiproxy.heal_all() == ("pay",)
    assert toxiproxy.heal_all() == ()
    assert charge(url) == SERVED


def test_a_dead_server_looks_like_a_lost_answer(toxiproxy: Toxiproxy) -> None:
    """Behind a listener that accepts, nobody can tell a dead server from one that charged and died."""
    url = toxiproxy.create("dead", listen="127.0.0.1:0", upstream="127.0.0.1:1").url

    assert charge(url) in CUT.split(" or ")


def test_attributes_change_on_connections_that_stand(toxiproxy: Toxiproxy, till: Till, url: str) -> None:
    """A delay that is drawn anew holds at once, and no connection is lost by it."""
    toxiproxy.add_toxic("pay", toxics.answers_late(60_000))
    with httpx.Client(timeout=20.0, trust_env=False) as kept:
        toxiproxy.change_toxic("pay", toxics.answers_late(1))

        assert pay(kept, url) == SERVED


@pytest.mark.parametrize(
    ("bad", "met_as"),
    [
        (toxics.requests_lost(), "ReadTimeout"),
        (toxics.answers_lost(), "ReadTimeout"),
        (toxics.answers_reset(), CUT),
        (toxics.answers_cut(10), CUT),
        (toxics.answers_late(300), SERVED),
        (toxics.requests_frozen(), "ReadTimeout"),
        (toxics.answers_throttled(1), SERVED),
    ],
    ids=lambda row: row.name if isinstance(row, Toxic) else "",
)
def test_canaries_know_toxics_when_they_meet_them(
    toxiproxy: Toxiproxy, till: Till, url: str, bad: Toxic, met_as: str
) -> None:
    """Without the toxic a canary proves nothing, with it the canary meets what it does.

    A canary that the machine kept waiting looks like one that was delayed: the quickest of a few counts.
    """
    with canary_client(timeout_s=20.0) as http:
        before = min((meet(http, f"{url}/health") for _ in range(9)), key=lambda met: met.took_s)
    with canary_client(timeout_s=patience_s(met_as)) as http:
        toxiproxy.add_toxic("pay", bad)
        met = meet(http, f"{url}/health")

    assert not judged("pay", (bad,), before).proven
    assert met.fate is not Fate.REFUSED
    assert judged("pay", (bad,), met).proven
