"""The step of the checkout at which money is taken."""

from decimal import Decimal
from typing import Any, Protocol

from oscar.apps.checkout import views
from oscar.apps.payment.models import Source, SourceType

from shop.checkout.provider import charge


class Price(Protocol):
    """What is used here of Oscar's price."""

    incl_tax: Decimal
    currency: str


class PaymentDetailsView(views.PaymentDetailsView):
    """Oscar's view, which charges the card before the order is placed.

    Whatever the provider answers, Oscar answers 302 to the thank-you page if the order was placed, and 200
    with a page of the checkout if it was not.
    """

    def handle_payment(self, order_number: str, total: Price, **_: Any) -> None:
        """Charge the order's total; UnableToTakePayment if declined, PaymentError if nobody can say."""
        reference = charge(order_number, int(total.incl_tax * 100))
        kind, _created = SourceType.objects.get_or_create(name="Card")
        amount = total.incl_tax
        source = Source(source_type=kind, currency=total.currency, reference=reference)
        source.amount_allocated = source.amount_debited = amount
        self.add_payment_source(source)
        self.add_payment_event("charged", amount, reference=reference)
