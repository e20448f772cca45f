import socket
import ssl
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from itertools import count, repeat
from pathlib import Path
from typing import Any

import httpx
import pytest

from rehearsal.model.errors import RehearsalError, Stopped, Unreachable
from rehearsal.model.readings import FinalReadings
from rehearsal.pipeline import readings
from rehearsal.pipeline.readings import Reader, reading_client
from scenarios.mock_storefront import MockStorefront
from scenarios.storefront import Endpoints, GetJson, Storefront
from tests.scenarios.http.authority import Authority

ENDPOINTS = Endpoints(url="http://d", admin_urls=("http://a", "http://b"), ledger_url="http://p")


def reader(
    answers: Callable[[httpx.Request], httpx.Response],
    adapter: type[Storefront] = MockStorefront,
) -> Reader:
    """Return a reader whose network is a function."""
    return Reader(adapter, ENDPOINTS, httpx.Client(transport=httpx.MockTransport(answers)))


def shop(request: httpx.Request) -> httpx.Response:
    """Answer as a settled mock shop does."""
    bodies: dict[str, Any] = {
        "/admin/stock": {"stock": [{"sku": "f", "initial": 5, "available": 2, "reserved": 0, "sold": 3}]},
        "/admin/orders": {
            "orders": [
                {"order_id": "o", "shopper": "s", "intent": "i", "status": "paid", "channel": "card",
                 "total_cents": 7, "region": "a", "payment_id": "p",
                 "lines": [{"sku": "f", "qty": 3, "price_cents": 7}]}
            ]
        },
        "/admin/ledger": {
            "entries": [{"entry_id": "e", "kind": "capture", "payment_id": "p", "order_id": "o",
                         "amount_cents": 7, "idempotency_key": "k"}]
        },
        "/admin/pending": {"pending_payments": 0, "reserved_units": 0, "unreconciled": 0},
    }  # fmt: skip
    body = bodies.get(request.url.path)
    return httpx.Response(404 if body is None else 200, json=body)


def test_final_readings_of_the_mock_shop() -> None:
    """Orders come from every region, charges from the provider's ledger; what is not offered is not read."""
    asked: list[str] = []

    def answers(request: httpx.Request) -> httpx.Response:
        asked.append(str(request.url))
        return shop(request)

    found = reader(answers).final()

    assert found.stock is not None
    assert found.orders is not None
    assert found.charges is not None
    assert (found.stock[0].sold, found.orders[0].lines[0].qty, found.charges[0].kind) == (3, 3, "capture")
    assert {"http://a/admin/orders", "http://b/admin/orders", "http://p/admin/ledger"} <= set(asked)
    assert (found.coupons, found.calls) == (None, None)


def test_stock_is_read_from_the_region_that_lives() -> None:
    """The first address may be dead during a drill; with none alive there is no reading."""

    def only(host: str) -> Callable[[httpx.Request], httpx.Response]:
        def answers(request: httpx.Request) -> httpx.Response:
            if request.url.host != host:
                raise httpx.ConnectError("refused")
            return shop(request)

        return answers

    assert reader(only("b")).stock("f") == 2
    assert reader(only("b")).stock("other") is None
    assert reader(only("nobody")).stock("f") is None


def test_quiesce_waits_until_nothing_is_undecided(monkeypatch: pytest.MonkeyPatch) -> None:
    """It asks both regions again until each says 0, and lets a stop through in between."""
    left = [3, 1, 0, 1, 0, 0]

    def answers(_request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json={"pending_payments": left.pop(0)})

    checks: list[int] = []
    monkeypatch.setattr(readings, "_ASK_EVERY_S", 0.0)
    assert reader(answers).quiesce(60.0, lambda: checks.append(1)) == 0
    assert len(checks) == 2


def test_quiesce_gives_up_and_says_what_is_left() -> None:
    """At its limit the number still undecided is returned, not hidden."""
    slow = reader(lambda _: httpx.Response(200, json={"pending_payments": 4}))

    assert slow.quiesce(0.0, lambda: None) == 4


@pytest.mark.parametrize(
    "answer", [httpx.Response(500), httpx.Response(200, text="<html>")], ids=["a 5xx", "no JSON"]
)
def test_a_reading_that_fails_is_named(answer: httpx.Response) -> None:
    """Which address gave no reading, and why."""
    with pytest.raises(Unreachable, match="http://a/admin/orders gave no reading"):
        reader(lambda _: answer).final()


def test_an_adapter_that_breaks_is_named() -> None:
    """A stranger's code may raise anything; the sentence names the adapter."""

    class Broken(Storefront):
        @classmethod
        def final_readings(cls, get_json: GetJson, endpoints: Endpoints) -> FinalReadings:
            raise KeyError("stock")

    broken = reader(shop, Broken)
    with pytest.raises(RehearsalError, match=r"Broken\.final_readings broke: KeyError: 'stock'"):
        broken.final()


def test_an_adapter_that_reads_nothing_gives_nothing() -> None:
    """Without readings everything is None, nothing is pending and no stock is drawn."""
    plain = reader(shop, Storefront)

    assert plain.final() == FinalReadings()
    assert plain.quiesce(1.0, lambda: None) == 0
    assert plain.stock("f") is None


def test_an_adapter_that_breaks_over_an_answer_is_told() -> None:
    """Another shop may answer anything; each reading then ends in a sentence that names the method."""

    def other(_: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json={})

    asked = reader(other)

    with pytest.raises(RehearsalError, match=r"MockStorefront\.stock broke: KeyError"):
        asked.stock("f")
    with pytest.raises(RehearsalError, match=r"MockStorefront\.final_readings broke"):
        asked.final()


def test_an_adapter_that_breaks_while_settling_is_told() -> None:
    """So does the question what is still undecided."""

    def listed(_: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json=[1])

    with pytest.raises(RehearsalError, match=r"MockStorefront\.unsettled broke"):
        reader(listed).quiesce(1.0, lambda: None)


def test_a_shop_that_fell_is_read_as_far_as_it_tells() -> None:
    """Where no final state can be read, the reason stands in its place; a stop stays a stop."""

    def fallen(_: httpx.Request) -> httpx.Response:
        return httpx.Response(500)

    def stop() -> None:
        raise Stopped("Stopped by Ctrl-C.")

    def busy(_: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json={"pending_payments": 1})

    found = reader(fallen).settled(1.0, lambda: None)

    assert found == FinalReadings(unread="http://a/admin/pending gave no reading: it answers 500.")
    assert reader(shop).settled(1.0, lambda: None) == reader(shop).final()
    with pytest.raises(Stopped):
        reader(busy).settled(1.0, stop)


def test_a_shop_without_a_ledger_is_read_without_charges() -> None:
    """Another shop's provider has no address in the plan: charges are unknown, the rest is read."""
    elsewhere = Endpoints(url="http://a", admin_urls=("http://a",))
    client = httpx.Client(transport=httpx.MockTransport(shop))
    found = Reader(MockStorefront, elsewhere, client).settled(1.0, lambda: None)

    assert (found.charges, found.unread) == (None, "")
    assert found.orders is not None


def test_a_body_that_drips_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each piece comes in time, the end never: after ten seconds there is no reading."""
    clock = count(0, 4)
    monkeypatch.setattr(time, "monotonic", lambda: next(clock))

    def dripping(_: httpx.Request) -> httpx.Response:
        return httpx.Response(200, content=repeat(b" "))

    assert "gave no whole reading in 10 s" in reader(dripping).settled(1.0, lambda: None).unread


def test_readings_over_https_trust_the_authority_that_the_load_trusts(tmp_path: Path) -> None:
    """With `target.ca_file` the shop's own certificate is good; without it, nobody's is."""
    authority = Authority(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(authority.issue("127.0.0.1"))

    def serve() -> None:
        for _ in range(2):
            raw, _ = listener.accept()
            with raw, suppress(OSError), context.wrap_socket(raw, server_side=True) as connection:
                connection.recv(65536)
                connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")

    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"https://127.0.0.1:{listener.getsockname()[1]}"
        shop = threading.Thread(target=serve)
        shop.start()
        with (
            reading_client() as stranger,
            pytest.raises(httpx.ConnectError, match="CERTIFICATE_VERIFY_FAILED"),
        ):
            stranger.get(url)
        with reading_client(str(authority.ca_file)) as client:
            answer = client.get(url)
        shop.join()

    assert answer.text == "{}"


NEVER = threading.Event()


class Endless(MockStorefront):
    """Its reading never returns."""

    @classmethod
    def final_readings(cls, get_json: GetJson, endpoints: Endpoints) -> FinalReadings:
        """Wait for what does not come."""
        NEVER.wait()
        return FinalReadings()


def test_a_reading_that_never_returns_is_left_behind() -> None:
    """The drill is judged by what shoppers met, and the sentence says who did not answer."""
    client = httpx.Client(transport=httpx.MockTransport(shop))
    read = Reader(Endless, ENDPOINTS, client, limit_s=0.05).settled(1.0, lambda: None)
    NEVER.set()

    assert read.unread.startswith("Endless.final_readings had not returned after 0.05 s")
    assert read.orders is None
