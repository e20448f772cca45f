"""A region's books over HTTP, for whoever audits the shop: one snapshot each, without service time."""

import sqlite3
from collections.abc import Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from mock_store import admin, catalogue, coupons, gift_cards, inventory
from mock_store.bodies import SaleBody
from mock_store.region import Region
from mock_store.web import answer, body_as

#: The lists that may be read at /admin/NAME; in the answer `-` is `_`.
_LISTS: dict[str, Callable[[sqlite3.Connection], Any]] = {
    "stock": inventory.snapshot,
    "orders": admin.all_orders,
    "coupons": coupons.snapshot,
    "gift-cards": gift_cards.snapshot,
    "transitions": admin.transitions,
    "events": admin.events,
}


def admin_routes(region: Region) -> list[Route]:
    """Return the paths below /admin of a region."""

    async def pending(_: Request) -> Response:
        return answer(region.storage.read(admin.pending))

    async def set_sale(request: Request) -> Response:
        body = await body_as(request, SaleBody)
        await region.storage.write(catalogue.set_sale, body.opens_at_ns, body.closes_at_ns)
        return answer({})

    lists = [Route(f"/admin/{name}", _reading(region, name)) for name in _LISTS]
    return [*lists, Route("/admin/pending", pending), Route("/admin/sale", set_sale, methods=["POST"])]


def _reading(region: Region, name: str) -> Callable[[Request], Any]:
    async def read(_: Request) -> Response:
        return answer({name.replace("-", "_"): region.storage.read(_LISTS[name])})

    return read
