"""A region over HTTP: its paths, and what each hands to the shop behind them."""

from typing import Any, Literal

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from mock_store import (
    cancellations,
    carts,
    catalogue,
    charge,
    flash_sale,
    logistics,
    orders,
    payments,
    queue_tokens,
)
from mock_store.admin_app import admin_routes
from mock_store.bodies import BuyBody, CallbackBody, CancelBody, ItemBody, OrderBody, PayBody, VoucherBody
from mock_store.checkout import Tender
from mock_store.defects import Defect
from mock_store.early_ack import FromMemory
from mock_store.hasty import Hasty
from mock_store.journal import Committed, Journal
from mock_store.region import Region
from mock_store.web import answer, body_as, header, starlette


def journal_of(region: Region) -> Journal:
    """Return the books of a region: those of a correct shop, unless a defect keeps others."""
    if region.has(Defect.ACK_BEFORE_COMMIT):
        return FromMemory(region)
    return Hasty(region) if region.has(Defect.CAPTURE_BEFORE_COMMIT) else Committed(region)


class Storefront:
    """The endpoints of one region. Business paths pass through the station of servers; the rest do not."""

    def __init__(self, region: Region) -> None:
        """Serve a region."""
        self._region = region
        self._journal = journal_of(region)

    async def product(self, request: Request) -> Response:
        """Show a product."""
        await self._region.station.serve()
        sku = request.path_params["sku"]
        region = self._region
        shown = region.pages.product(sku)
        page = catalogue.page(shown, region.name, region.wall_ns() if shown.flash else region.now_ns())
        return answer({**page, "as_of_ms": region.pages.age_ms(sku)})

    async def buy(self, request: Request) -> Response:
        """Buy in the flash sale."""
        body = await body_as(request, BuyBody)
        wish = flash_sale.Wish(
            shopper=header(request, "X-Shopper"),
            key=header(request, "Idempotency-Key"),
            sku=request.path_params["sku"],
            qty=body.qty,
            token=request.headers.get("X-Queue-Token", ""),
        )
        await self._region.station.serve()
        order, new = await flash_sale.buy(self._region, wish)
        return answer({"sku": wish.sku, "qty": wish.qty, **self._order(order)}, 201 if new else 200)

    async def queue(self, request: Request) -> Response:
        """Draw a number for the flash sale."""
        shopper, key = header(request, "X-Shopper"), header(request, "Idempotency-Key")
        sku = request.path_params["sku"]
        await self._region.station.serve()
        token = await self._region.storage.write(queue_tokens.draw, shopper, key, sku)
        return answer({"token": token.token, "place": token.place, "region": self._region.name})

    async def cart(self, request: Request) -> Response:
        """Show a cart."""
        await self._region.station.serve()
        shopper = request.path_params["shopper"]
        return answer(self._region.storage.read(carts.view, shopper, self._region))

    async def add_to_cart(self, request: Request) -> Response:
        """Put units into a cart."""
        body = await body_as(request, ItemBody)
        key = header(request, "Idempotency-Key")
        shopper = request.path_params["shopper"]
        addition = carts.Addition(shopper=shopper, key=key, sku=body.sku, qty=body.qty)
        await self._region.station.serve()
        cart = await self._region.storage.write(carts.add, addition, self._region)
        return Response(cart, media_type="application/json")

    async def enter_coupon(self, request: Request) -> Response:
        """Enter a coupon into a cart."""
        return await self._enter(request, "coupon")

    async def enter_gift_card(self, request: Request) -> Response:
        """Enter a gift card into a cart."""
        return await self._enter(request, "gift_card")

    async def order_cart(self, request: Request) -> Response:
        """Order what is in the cart."""
        body = await body_as(request, OrderBody)
        shopper, key = header(request, "X-Shopper"), header(request, "Idempotency-Key")
        await self._region.station.serve(carts.share_of(self._region, shopper, body.rules))
        asked = carts.CartOrder(shopper=shopper, key=key, note=body.note)
        order, lines, new = await carts.order(self._region, asked)
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

    async def cancel(self, request: Request) -> Response:
        """Take an order back."""
        await body_as(request, CancelBody)
        shopper, _ = header(request, "X-Shopper"), header(request, "Idempotency-Key")
        await self._region.station.serve()
        order_id = request.path_params["order_id"]
        order = await self._region.storage.write(cancellations.cancel, order_id, shopper)
        return answer({"order_id": order.order_id, "status": order.status, "region": self._region.name})

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
        self._region.channels.of_payment(capture.payment_id).note_callback()
        await self._journal.callback(body.event_id, capture)
        return answer({})

    async def _enter(self, request: Request, kind: Literal["coupon", "gift_card"]) -> Response:
        body = await body_as(request, VoucherBody)
        voucher = carts.Voucher(
            shopper=request.path_params["shopper"],
            key=header(request, "Idempotency-Key"),
            kind=kind,
            code=body.code,
        )
        await self._region.station.serve()
        cart = await self._region.storage.write(carts.enter, voucher, self._region)
        return Response(cart, media_type="application/json")

    def _order(self, order: orders.Order) -> dict[str, Any]:
        return {
            "order_id": order.order_id,
            "total_cents": order.total_cents,
            "coupon": order.coupon,
            "discount_cents": order.discount_cents,
            "gift_card": order.gift_card,
            "gift_cents": order.gift_cents,
            "status": order.status,
            "region": self._region.name,
            "expires_in_s": orders.expires_in_s(order, self._region.now_ns()),
        }


def region_app(region: Region) -> Starlette:
    """Return the application of a region."""
    shop = Storefront(region)
    return starlette(
        [
            Route("/products/{sku}", shop.product),
            Route("/flash-sale/{sku}/buy", shop.buy, methods=["POST"]),
            Route("/flash-sale/{sku}/queue", shop.queue, methods=["POST"]),
            Route("/orders/{order_id}", shop.order_state),
            Route("/orders/{order_id}/pay", shop.pay, methods=["POST"]),
            Route("/orders/{order_id}/logistics", shop.logistics),
            Route("/orders/{order_id}/cancel", shop.cancel, methods=["POST"]),
            Route("/orders", shop.order_cart, methods=["POST"]),
            Route("/carts/{shopper}", shop.cart),
            Route("/carts/{shopper}/items", shop.add_to_cart, methods=["POST"]),
            Route("/carts/{shopper}/coupon", shop.enter_coupon, methods=["POST"]),
            Route("/carts/{shopper}/gift-card", shop.enter_gift_card, methods=["POST"]),
            Route("/callbacks/payment", shop.callback, methods=["POST"]),
            *admin_routes(region),
        ]
    )
