"""Prices as shops write them, in integer minor units."""

import re
from decimal import Decimal, InvalidOperation

_NUMBER = re.compile(r"-?\d[\d.,'\u00a0\u202f ]*")


def cents(price: object, *, digits: int = 2) -> int:
    """Return a price (text, int, float or Decimal of major units) in minor units, 10 ** `digits` to one.

    In a text, whatever stands around the number is ignored ("£1,299.00"); of point and comma the last one
    that is followed by exactly `digits` digits is the decimal sign. ValueError if there is no number.
    """
    if isinstance(price, str):
        found = _NUMBER.search(price)
        if found is None:
            raise ValueError(f"{price!r} holds no price")
        return _of_text(found[0], digits)
    try:
        return int((Decimal(str(price)) * 10**digits).to_integral_value())
    except InvalidOperation:
        raise ValueError(f"{price!r} is no price") from None


def _of_text(number: str, digits: int) -> int:
    sign: int = -1 if number.startswith("-") else 1
    whole, _, part = number.replace(",", ".").rpartition(".")
    decimals = "".join(filter(str.isdigit, part))
    if not (whole and digits and len(decimals) == digits):
        whole, decimals = number, ""
    units: int = int("".join(filter(str.isdigit, whole)) or "0")
    return sign * (units * int(10**digits) + int(decimals or "0"))
