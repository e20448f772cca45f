"""A region over HTTP: its paths, and what each hands to the shop behind them."""

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from mock_store import admin, carts, catalogue, charge, flash_sale, inventory, logistics, orders, payments
from mock_store.checkout import Tender
from mock_store.defects import Defect
from mock_store.early_ack import FromMemory
from mock_store.journal import Committed, Journal
from mock_store.region import Region
from mock_store.web import answer, body_as, header, starlette

Qty = Annotated[int, Meta(ge=1, le=1000)]


class BuyBody(msgspec.Struct, frozen=True):
    """Body of a flash-sale buy."""

    qty: Qty


class ItemBody(msgspec.Struct, frozen=True):
    """Body of an addition to a cart."""

    sku: str
    qty: Qty


class OrderBody(msgspec.Struct, frozen=True):
    """Body of the order of a cart: nothing more to say."""


class PayBody(msgspec.Struct, frozen=True):
    """Body of a payment."""

    channel: Literal["card", "pay_later"]
    amount_cents: Annotated[int, Meta(ge=0, le=2**53)]


class CallbackBody(msgspec.Struct, frozen=True):
    """Body of the provider's callback."""

    event_id: str
    type: Literal["payment.captured"]
    payment_id: str
    order_id: str
    amount_cents: Annotated[int, Meta(ge=0, le=2**53)]


class SaleBody(msgspec.Struct, frozen=True):
    """Body of a change of the sale: T-0 on CLOCK_MONOTONIC."""

    opens_at_ns: Annotated[int, Meta(ge=0, le=2**62)]


class Storefront:
    """The endpoints of one region. Business paths pass through the station of servers; the rest do not."""

    def __init__(self, region: Region) -> None:
        """Serve a region."""
        self._region = region
        early = region.has(Defect.ACK_BEFORE_COMMIT)
        self._journal: Journal = FromMemory(region) if early else Committed(region)

    async def health(self, _: Request) -> Response:
        """Say that the region is there."""
        return answer({"region": self._region.name, "status": "ok"})

    async def product(self, request: Request) -> Response:
        """Show a product."""
        await self._region.station.serve()
        sku = request.path_params["sku"]
        region = self._region
        return answer(region.storage.read(catalogue.page, sku, region.name, region.now_ns()))

    async def buy(self, request: Request) -> Response:
        """Buy in the flash sale."""
        body = await body_as(request, BuyBody)
        wish = flash_sale.Wish(
            shopper=header(request, "X-Shopper"),
            key=header(request, "Idempotency-Key"),
            sku=request.path_params["sku"],
            qty=body.qty,
        )
        await self._region.station.serve()
        order, new = await flash_sale.buy(self._region, wish)
        return answer({"sku": wish.sku, "qty": wish.qty, **self._order(order)}, 201 if new else 200)

    async def cart(self, request: Request) -> Response:
        """Show a cart."""
        await self._region.station.serve()
        shopper = request.path_params["shopper"]
        return answer(self._region.storage.read(carts.view, shopper, self._region.name))

    async def add_to_cart(self, request: Request) -> Response:
        """Put units into a cart."""
        body = await body_as(request, ItemBody)
        key = header(request, "Idempotency-Key")
        shopper = request.path_params["shopper"]
        addition = carts.Addition(shopper=shopper, key=key, sku=body.sku, qty=body.qty)
        await self._region.station.serve()
        cart = await self._region.storage.write(carts.add, addition, self._region.name)
        return Response(cart, media_type="application/json")

    async def order_cart(self, request: Request) -> Response:
        """Order what is in the cart."""
        await body_as(request, OrderBody)
        shopper, key = header(request, "X-Shopper"), header(request, "Idempotency-Key")
        await self._region.station.serve()
        order, lines, new = await self._region.storage.write(carts.order, shopper, key, self._region)
        return answer({**self._order(order), "lines": lines}, 201 if new else 200)

    async def pay(self, request: Request) -> Response:
        """Pay an order."""
        body = await body_as(request, PayBody)
        tender = Tender(
            order_id=request.path_params["order_id"],
            shopper=header(request, "X-Shopper"),
            key=header(request, "Idempotency-Key"),
            channel=body.channel,
            amount_cents=body.amount_cents,
        )
        await self._region.station.serve()
        reply = await charge.pay(self._region, self._journal, tender)
        return answer({**reply.body, "region": self._region.name}, reply.status)

    async def order_state(self, request: Request) -> Response:
        """Say how an order stands."""
        await self._region.station.serve()
        order_id = request.path_params["order_id"]
        order, state = self._region.storage.read(payments.order_and_state, order_id)
        body = {
            "order_id": order.order_id,
            "status": order.status,
            "payment": state,
            "channel": order.channel,
            "payment_id": order.payment_id,
            "amount_cents": order.total_cents,
            "region": self._region.name,
        }
        return answer(body)

    async def logistics(self, request: Request) -> Response:
        """Say where the parcel of an order is."""
        await self._region.station.serve()
        order = self._region.storage.read(orders.by_id, request.path_params["order_id"])
        state = logistics.state(order)
        return answer({"order_id": order.order_id, "state": state, "region": self._region.name})

    async def callback(self, request: Request) -> Response:
        """Take the provider's word that money was captured."""
        body = await body_as(request, CallbackBody)
        capture = payments.Capture(
            payment_id=body.payment_id, order_id=body.order_id, amount_cents=body.amount_cents
        )
        self._region.gateway.note_callback()
        await self._journal.callback(body.event_id, capture)
        return answer({})

    async def stock(self, _: Request) -> Response:
        """Read all stock."""
        return answer({"stock": self._region.storage.read(inventory.snapshot)})

    async def all_orders(self, _: Request) -> Response:
        """Read all orders."""
        return answer({"orders": self._region.storage.read(admin.all_orders)})

    async def set_sale(self, request: Request) -> Response:
        """Set when the flash sale opens."""
        body = await body_as(request, SaleBody)
        await self._region.storage.write(catalogue.set_opening, body.opens_at_ns)
        return answer({})

    async def pending(self, _: Request) -> Response:
        """Count what is not settled yet."""
        return answer(self._region.storage.read(admin.pending))

    def _order(self, order: orders.Order) -> dict[str, Any]:
        return {
            "order_id": order.order_id,
            "total_cents": order.total_cents,
            "status": order.status,
            "region": self._region.name,
            "expires_in_s": orders.expires_in_s(order, self._region.now_ns()),
        }


def region_app(region: Region) -> Starlette:
    """Return the application of a region."""
    shop = Storefront(region)
    return starlette(
        [
            Route("/health", shop.health),
            Route("/products/{sku}", shop.product),
            Route("/flash-sale/{sku}/buy", shop.buy, methods=["POST"]),
            Route("/orders/{order_id}", shop.order_state),
            Route("/orders/{order_id}/pay", shop.pay, methods=["POST"]),
            Route("/orders/{order_id}/logistics", shop.logistics),
            Route("/orders", shop.order_cart, methods=["POST"]),
            Route("/carts/{shopper}", shop.cart),
            Route("/carts/{shopper}/items", shop.add_to_cart, methods=["POST"]),
            Route("/callbacks/payment", shop.callback, methods=["POST"]),
            Route("/admin/stock", shop.stock),
            Route("/admin/orders", shop.all_orders),
            Route("/admin/pending", shop.pending),
            Route("/admin/sale", shop.set_sale, methods=["POST"]),
        ]
    )
