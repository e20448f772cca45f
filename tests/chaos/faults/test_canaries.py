import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest

from chaos.faults.canaries import (
    CentMeets,
    Write,
    declined,
    forgotten,
    refused_by_database,
    server_error,
)
from rehearsal.model.faults import FaultKind

CUTOVER = FaultKind.REGION_CUTOVER


@dataclass
class Carts:
    """A region's carts: every `every`-th write is answered `status`, and kept or not."""

    status: int = 500
    every: int = 3
    keeps: bool = True
    writes: int = 0
    carts: dict[str, list[str]] = field(default_factory=dict)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        """Answer as the region does."""
        if request.url.path == "/admin/stock":
            rows = [{"sku": "flash", "available": 5}, {"sku": "p1", "available": 900}]
            return httpx.Response(200, json={"stock": rows})
        shopper = request.url.path.split("/")[2]
        if request.method == "GET":
            return httpx.Response(200, json={"lines": [{"sku": sku} for sku in self.carts.get(shopper, [])]})
        self.writes += 1
        hit = self.writes % self.every == 0
        if self.keeps or not hit:
            self.carts.setdefault(shopper, []).append(json.loads(request.content)["sku"])
        return httpx.Response(self.status if hit else 200, json={})


@pytest.mark.parametrize(
    ("carts", "kept", "proven", "words"),
    [
        pytest.param(Carts(), True, True, "a cart was answered 500, and has its product", id="lost"),
        pytest.param(Carts(keeps=False), True, False, "lacks its product", id="never written"),
        pytest.param(Carts(keeps=False), False, True, "lacks its product", id="refused"),
        pytest.param(Carts(), False, False, "has its product", id="refused, yet written"),
        pytest.param(Carts(), None, True, "a cart was answered 500", id="the status is enough"),
        pytest.param(Carts(every=99), True, False, "10 carts took a product, the last with 200", id="spared"),
    ],
)
def test_a_write(shop: Any, site: Any, carts: Carts, kept: bool | None, proven: bool, words: str) -> None:
    """What an error means shows in the cart afterwards; what is put there is nothing scarce."""
    shop.answer, place = carts, site(CUTOVER)

    seen = Write("mode", (500,), kept)(place)

    assert seen.proven is proven
    assert words in seen.saw
    assert {sku for skus in carts.carts.values() for sku in skus} <= {"p1"}
    assert place.own.get("mode", 0) == (carts.every < 10)


def test_a_write_into_silence(shop: Any, site: Any) -> None:
    """A region that does not answer proves nothing."""
    shop.answer = lambda _: httpx.Response(503)

    assert not Write("mode", (500,))(site(CUTOVER)).proven


@pytest.mark.parametrize(
    ("answer", "proven"),
    [
        pytest.param(lambda _: httpx.Response(503), True, id="refused"),
        pytest.param(lambda _: httpx.Response(200), False, id="read"),
        pytest.param(
            lambda request: httpx.Response(503 if request.url.host == "region-a" else 200),
            False,
            id="one reads",
        ),
    ],
)
def test_database(
    shop: Any, site: Any, answer: Callable[[httpx.Request], httpx.Response], proven: bool
) -> None:
    """A database is down when no region reads a cart."""
    shop.answer = answer

    assert refused_by_database(site(FaultKind.DATABASE_DOWN)).proven is proven


def test_a_silent_region_is_no_refusal(shop: Any, site: Any) -> None:
    """A refusal is an answer."""

    def serve(request: httpx.Request) -> httpx.Response:
        raise httpx.ReadTimeout("slow", request=request)

    shop.answer = serve

    assert not refused_by_database(site(FaultKind.DATABASE_DOWN)).proven


@pytest.mark.parametrize(
    ("is_hit", "status"),
    [pytest.param(server_error, 500, id="error"), pytest.param(declined, 402, id="decline")],
)
def test_a_share_of_cents_is_hit(
    shop: Any, site: Any, provider: Any, is_hit: Callable[..., bool], status: int
) -> None:
    """Cents are paid until one meets the fault; those that are hit are counted as our own."""
    books, paid = provider(), 0

    def serve(request: httpx.Request) -> httpx.Response:
        nonlocal paid
        if request.url.path == "/authorize":
            paid += 1
            if paid % 4 == 0:
                return httpx.Response(status, json={"error": "x"})
        return books(request)  # type: ignore[no-any-return]

    shop.answer, place = serve, site(FaultKind.PAYMENT_ERRORS)
    seen = CentMeets("errors", is_hit)(place)
    spared = CentMeets("errors", lambda _: False)(place)

    assert seen.proven
    assert seen.saw == f"canary-r1-4: authorization was answered {status}"
    assert place.own == {"errors": 1}
    assert not spared.proven
    assert books.kinds().count("capture") == books.kinds().count("refund")


@pytest.mark.parametrize(("forgets", "proven"), [(True, True), (False, False)])
def test_a_key_that_is_forgotten(shop: Any, site: Any, provider: Any, forgets: bool, proven: bool) -> None:
    """One key and two payments: the provider has forgotten."""
    books, asked = provider(), 0

    def serve(request: httpx.Request) -> httpx.Response:
        nonlocal asked
        if request.url.path == "/authorize":
            asked += 1
            return httpx.Response(200, json={"payment_id": f"p-{asked if forgets else 1}"})
        return books(request)  # type: ignore[no-any-return]

    shop.answer = serve
    seen = forgotten(site(FaultKind.KEYS_FORGOTTEN))

    assert seen.proven is proven
    assert books.kinds() == ["void"]
