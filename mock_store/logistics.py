"""Where a parcel is: nothing is packed before it is paid, or confirmed to be paid later."""

from mock_store import orders


def state(order: orders.Order) -> str:
    """Return what the warehouse does with an order."""
    if order.settled:
        return "preparing"
    return "cancelled" if order.status in {orders.EXPIRED, orders.CANCELLED} else "awaiting_payment"
