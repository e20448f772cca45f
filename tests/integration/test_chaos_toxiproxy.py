"""The wrapper against the real server, trap by trap."""

import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import msgspec
import pytest

from chaos import toxics
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


@pytest.fixture
def pay(toxiproxy: Toxiproxy) -> str:
    """Open the listener `pay`, behind which nobody is, and return its URL."""
    return toxiproxy.create("pay", listen="127.0.0.1:0", upstream="127.0.0.1:1").url


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
            answering.settimeout(1.0)
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


def test_create_on_a_taken_port(toxiproxy: Toxiproxy, pay: str) -> None:
    """The library ends in a KeyError; the wrapper says what is the matter."""
    with pytest.raises(RehearsalError, match="address already in use"):
        toxiproxy.create("edge", listen=pay.removeprefix("http://"), upstream="127.0.0.1:1")


def test_two_servers_in_one_process(
    toxiproxy: Toxiproxy,
    table: ProcessTable,
    toxiproxy_server: Path,
    free_port: Callable[[], int],
    tmp_path: Path,
) -> None:
    """The library keeps one address for all; the wrapper keeps each server to itself."""
    other = start_server(table, toxiproxy_server, free_port(), log=tmp_path / "tp2.log", label="other")
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
    toxiproxy: Toxiproxy, table: ProcessTable, toxiproxy_server: Path, tmp_path: Path
) -> None:
    """Another server at that port is never taken for our own."""
    port = httpx.URL(toxiproxy.url).port or 0

    with pytest.raises(Unreachable, match=f"port {port} is taken"):
        start_server(table, toxiproxy_server, port, log=tmp_path / "tp2.log", label="second")

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
    with canary_client() as http:
        assert refused(http, "pay", pay).proven
    assert heal_leases(tmp_path / "leases").healed == ()


def test_heal_with_a_wedged_server(
    toxiproxy: Toxiproxy, table: ProcessTable, free_port: Callable[[], int], tmp_path: Path
) -> None:
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
