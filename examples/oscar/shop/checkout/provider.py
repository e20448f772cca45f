"""The shop's client of its payment provider."""

import json
from http import HTTPStatus
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from django.conf import settings
from oscar.apps.payment.exceptions import PaymentError, UnableToTakePayment


def charge(order_number: str, amount_cents: int) -> str:
    """Charge once and return the provider's id; UnableToTakePayment if declined, else PaymentError."""
    body = json.dumps({"order": order_number, "amount_cents": amount_cents}).encode()
    address = f"{settings.SHOP_PAYMENT_URL}/charges"
    request = Request(address, body, {"Content-Type": "application/json"})  # noqa: S310 - our own setting
    try:
        with urlopen(request, timeout=settings.SHOP_PAYMENT_TIMEOUT_S) as answer:  # noqa: S310 - as above
            return str(json.load(answer)["id"])
    except HTTPError as error:
        if error.code == HTTPStatus.PAYMENT_REQUIRED:
            raise UnableToTakePayment("The card was declined.") from error
        raise PaymentError(f"The payment provider answered {error.code}.") from error
    except (OSError, ValueError, KeyError) as error:
        raise PaymentError(f"The payment provider did not answer: {error}") from error
