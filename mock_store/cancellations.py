"""An order taken back: its money, its units, its coupon and its gift card, all once and in one commit."""

import sqlite3

from mock_store import inventory, orders, payments, refunds
from mock_store.orders import CANCELLED
from mock_store.web import Refused


def cancel(connection: sqlite3.Connection, order_id: str, shopper: str) -> orders.Order:
    """Cancel an order and return it; of one that is cancelled already nothing changes.

    Refused: 404 unknown_order, 409 not_cancellable if it has expired or a payment of it is under way.
    """
    order = orders.by_id(connection, order_id)
    if order.shopper != shopper:
        raise Refused(404, "unknown_order")
    if order.status != CANCELLED:
        _cancel(connection, order)
    return orders.by_id(connection, order_id)


def _cancel(connection: sqlite3.Connection, order: orders.Order) -> None:
    paying = payments.open_of(connection, order.order_id) is not None
    final = order.status == orders.EXPIRED
    if paying or final or not orders.change(connection, order.order_id, was=order.status, status=CANCELLED):
        raise Refused(409, "not_cancellable")
    back = inventory.restock if order.settled else inventory.release
    back(connection, order.order_id)
    orders.give_back_vouchers(connection, order.order_id)
    if order.status == orders.PAID:
        refunds.owe(connection, refunds.Refund(order.payment_id, order.total_cents))
