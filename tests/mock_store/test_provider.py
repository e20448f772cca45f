import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from mock_store import provider_ledger
from mock_store.assembly import World, open_provider
from mock_store.provider import Provider, provider_app
from mock_store.service_time import ServiceTime
from mock_store.work import Time, Work
from tests.mock_store.lab import Gate, provider_config

pytestmark = pytest.mark.anyio

AUTHORIZE = {"order_id": "o", "amount_cents": 500, "callback_url": "http://shop/callbacks/payment"}


class Bank:
    """A provider, and a customer's words for it."""

    def __init__(self, provider: Provider, client: httpx.AsyncClient) -> None:
        self.provider = provider
        self.client = client

    async def post(self, path: str, body: object, key: str = "k") -> tuple[int, Any]:
        """Return status and body."""
        response = await self.client.post(path, json=body, headers={"Idempotency-Key": key})
        return response.status_code, response.json()

    async def authorized(self, order_id: str = "o", key: str = "auth") -> str:
        """Return a new authorization's payment id."""
        status, body = await self.post("/authorize", {**AUTHORIZE, "order_id": order_id}, key)
        assert (status, body["status"]) == (200, "authorized")
        return str(body["payment_id"])

    async def capture(self, payment_id: str, key: str = "cap", **change: object) -> tuple[int, Any]:
        """Capture."""
        body = {"payment_id": payment_id, "order_id": "o", "amount_cents": 500, **change}
        return await self.post("/capture", body, key)

    async def payments(self, order_id: str = "o") -> list[str]:
        """Return the states of an order's payments."""
        body = (await self.client.get("/payments", params={"order_id": order_id})).json()
        return [entry["status"] for entry in body["payments"]]

    async def kinds(self) -> list[str]:
        """Return the kinds of the ledger's entries."""
        return [entry["kind"] for entry in (await self.client.get("/admin/ledger")).json()["entries"]]


@pytest.fixture
async def bank(tmp_path: Path) -> AsyncIterator[Bank]:
    """Return a provider whose callbacks stay under way."""
    async with open_provider(provider_config(tmp_path), World(sleep=Gate().sleep)) as provider:
        transport = httpx.ASGITransport(provider_app(provider))
        async with httpx.AsyncClient(transport=transport, base_url="http://bank") as client:
            yield Bank(provider, client)


async def test_it_is_there(bank: Bank) -> None:
    """Health needs no key."""
    assert (await bank.client.get("/health")).json() == {"status": "ok"}


async def test_a_charge_and_its_way_back(bank: Bank) -> None:
    """Authorize, capture, refund: three entries under their keys, and a payment that is refunded."""
    payment_id = await bank.authorized()
    captured = await bank.capture(payment_id)
    status, refunded = await bank.post("/refund", {"payment_id": payment_id, "amount_cents": 500}, "ref")

    assert (200, {"payment_id": payment_id, "status": "captured", "amount_cents": 500}) == captured
    assert (status, refunded["status"]) == (200, "refunded")
    assert await bank.payments() == ["refunded"]
    entries = (await bank.client.get("/admin/ledger")).json()["entries"]
    assert [(entry["kind"], entry["idempotency_key"]) for entry in entries] == [
        ("authorize", "auth"),
        ("capture", "cap"),
        ("refund", "ref"),
    ]
    assert {"entry_id": "e-2", "payment_id": payment_id, "order_id": "o", "amount_cents": 500} == {
        name: entries[1][name] for name in ("entry_id", "payment_id", "order_id", "amount_cents")
    }


async def test_a_replay_gets_the_saved_answer(bank: Bank) -> None:
    """The same key and body have one effect and one answer, refusals included."""
    payment_id = await bank.authorized()
    again = await bank.authorized()
    captures = [await bank.capture(payment_id) for _ in range(2)]
    refusals = [await bank.capture("p-none", "other") for _ in range(2)]

    assert payment_id == again
    assert captures[0] == captures[1]
    assert refusals == [(404, {"error": "unknown_payment"})] * 2
    assert await bank.kinds() == ["authorize", "capture"]
    assert len(bank.provider.storage.read(provider_ledger.undelivered)) == 1


@pytest.mark.parametrize(
    ("path", "body"),
    [("/authorize", {**AUTHORIZE, "amount_cents": 501}), ("/void", {"order_id": "o"})],
    ids=["another amount", "another path"],
)
async def test_a_key_serves_one_request(bank: Bank, path: str, body: object) -> None:
    """A key that was used for something else is refused."""
    await bank.authorized(key="k")

    assert await bank.post(path, body, "k") == (422, {"error": "idempotency_mismatch"})


async def test_a_key_at_work_is_in_use(bank: Bank) -> None:
    """While the first request of a key is served, a second is told so; afterwards it gets the answer."""
    gate = Gate()
    work = Work(mean_ms=1, rng=bank.provider.callbacks._rng)
    station = ServiceTime(servers=1, work=work, time=Time(sleep=gate.sleep))
    object.__setattr__(bank.provider, "station", station)
    first = asyncio.ensure_future(bank.post("/authorize", AUTHORIZE))
    await gate.reached_by(1)
    second = await bank.post("/authorize", AUTHORIZE)
    gate.open()

    assert second == (409, {"error": "key_in_use"})
    assert await first == await bank.post("/authorize", AUTHORIZE)


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/authorize", {"order_id": "o"}),
        ("/authorize", {**AUTHORIZE, "amount_cents": -1}),
        ("/capture", []),
        ("/refund", {"payment_id": "p"}),
        ("/void", {}),
        ("/void", {"order_id": "o", "payment_id": "p"}),
    ],
    ids=["no amount", "a negative amount", "not an object", "a refund of nothing", "no void", "two voids"],
)
async def test_bad_bodies_are_refused(bank: Bank, path: str, body: object) -> None:
    """A request that cannot be right has no effect."""
    assert await bank.post(path, body) == (400, {"error": "bad_request"})
    assert await bank.kinds() == []


@pytest.mark.parametrize("path", ["/authorize", "/capture", "/refund", "/void"])
async def test_every_post_needs_a_key(bank: Bank, path: str) -> None:
    """Without an idempotency key nothing is done."""
    body = {**AUTHORIZE, "payment_id": "p", "amount_cents": 1}
    if path == "/void":
        body = {"order_id": "o"}

    response = await bank.client.post(path, json=body)

    assert (response.status_code, response.json()) == (400, {"error": "bad_request"})


@pytest.mark.parametrize(
    ("change", "error"),
    [({"amount_cents": 499}, "amount_mismatch"), ({"order_id": "p"}, "amount_mismatch")],
    ids=["another amount", "another order"],
)
async def test_a_capture_must_match_its_authorization(bank: Bank, change: dict[str, Any], error: str) -> None:
    """Nothing else than what was authorized is captured."""
    payment_id = await bank.authorized()

    assert (409, {"error": error}) == await bank.capture(payment_id, **change)


async def test_an_authorization_is_captured_once(bank: Bank) -> None:
    """A second capture under another key is refused."""
    payment_id = await bank.authorized()
    await bank.capture(payment_id, "1")

    assert await bank.capture(payment_id, "2") == (409, {"error": "already_captured"})


async def test_after_a_void_nothing_is_captured(bank: Bank) -> None:
    """A voided order takes neither a zombie capture nor a new authorization."""
    payment_id = await bank.authorized()
    voided = await bank.post("/void", {"order_id": "o"}, "void")

    assert voided == (200, {"status": "voided"})
    assert await bank.capture(payment_id) == (409, {"error": "voided"})
    assert await bank.post("/authorize", AUTHORIZE, "new") == (409, {"error": "voided"})
    assert await bank.payments() == ["voided"]


async def test_an_order_can_be_voided_before_it_is_known(bank: Bank) -> None:
    """A void that overtakes the authorization closes the order to it."""
    await bank.post("/void", {"order_id": "o"}, "void")

    assert await bank.post("/authorize", AUTHORIZE) == (409, {"error": "voided"})


async def test_a_void_of_captured_money_says_so(bank: Bank) -> None:
    """What was captured stays captured; what else the order has is closed."""
    payment_id = await bank.authorized(key="1")
    await bank.authorized(key="2")
    await bank.capture(payment_id)

    status, body = await bank.post("/void", {"order_id": "o"}, "void")

    expected = {"error": "already_captured", "payment_id": payment_id, "amount_cents": 500}
    assert (409, expected) == (status, body)
    assert await bank.payments() == ["captured", "voided"]


async def test_one_payment_can_be_voided(bank: Bank) -> None:
    """A void by payment closes it alone, however often it is asked; captured money it leaves."""
    first, second = await bank.authorized(key="1"), await bank.authorized(key="2")
    await bank.capture(second)

    voids = [await bank.post("/void", {"payment_id": first}, key) for key in "vw"]
    refused = await bank.post("/void", {"payment_id": second}, "x")

    assert voids == [(200, {"status": "voided"})] * 2
    assert (refused[0], refused[1]["error"]) == (409, "already_captured")
    assert (await bank.kinds()).count("void") == 1


@pytest.mark.parametrize(
    ("amount_cents", "captured", "expected"),
    [(499, True, "amount_mismatch"), (500, False, "not_captured")],
    ids=["another amount", "nothing was taken"],
)
async def test_only_what_was_taken_is_given_back(
    bank: Bank, amount_cents: int, expected: str, *, captured: bool
) -> None:
    """A refund matches a capture."""
    payment_id = await bank.authorized()
    if captured:
        await bank.capture(payment_id)

    body = {"payment_id": payment_id, "amount_cents": amount_cents}
    assert (409, {"error": expected}) == await bank.post("/refund", body, "ref")
