"""A region's books over HTTP, for whoever audits the shop: one snapshot each, without service time."""

import sqlite3
from collections.abc import Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from mock_store import admin, catalogue, confirmations, coupons, gift_cards, inventory, queue_tokens
from mock_store.bodies import SaleBody
from mock_store.region import Region
from mock_store.web import answer, body_as

#: Paths below /admin, the name of the list in the answer, and how it is read.
_LISTS: tuple[tuple[str, str, Callable[[sqlite3.Connection], Any]], ...] = (
    ("stock", "stock", inventory.snapshot),
    ("orders", "orders", admin.all_orders),
    ("coupons", "coupons", coupons.snapshot),
    ("gift-cards", "gift_cards", gift_cards.snapshot),
    ("transitions", "transitions", admin.transitions),
    ("events", "events", admin.events),
    ("confirmations", "confirmations", confirmations.snapshot),
    ("queue", "tokens", queue_tokens.snapshot),
)


def admin_routes(region: Region) -> list[Route]:
    """Return the paths below /admin of a region."""

    async def pending(_: Request) -> Response:
        return answer(region.storage.read(admin.pending))

    async def set_sale(request: Request) -> Response:
        body = await body_as(request, SaleBody)
        await region.storage.write(catalogue.set_sale, body.opens_at_ns, body.closes_at_ns)
        return answer({})

    lists = [Route(f"/admin/{path}", _reading(region, name, read)) for path, name, read in _LISTS]
    return [*lists, Route("/admin/pending", pending), Route("/admin/sale", set_sale, methods=["POST"])]


def _reading(
    region: Region, name: str, read: Callable[[sqlite3.Connection], Any]
) -> Callable[[Request], Any]:
    async def reading(_: Request) -> Response:
        return answer({name: region.storage.read(read)})

    return reading
