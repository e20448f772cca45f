"""Prices as shops write them, in integer minor units."""

import re
from decimal import Decimal

#: Thousands in groups of three, or digits as they come; then perhaps a decimal sign and more digits.
_NUMBER = re.compile(
    r"(?P<sign>-?)(?:[£$€¥₹]\s?)?"
    r"(?:(?P<grouped>[1-9]\d{0,2}(?P<mark>[.,'\u2019\u00a0\u202f ])\d{3}(?:(?P=mark)\d{3})*)(?!\d)"
    r"|(?P<plain>\d+))"
    r"(?:[.,](?P<part>\d+))?"
)
_GROUP = 3


def cents(price: object, *, digits: int = 2) -> int:
    """Return a price (text, int, float or Decimal of major units) in minor units, 10 ** `digits` to one.

    In a text, whatever stands around the first number is ignored ("£1,299.00"). A point or comma before just
    three digits marks thousands ("1.299"), unless the currency has three digits itself; before any other
    number of them it is the decimal sign ("19.9", "19.9900"). ValueError if there is no number.
    """
    if isinstance(price, str):
        found = _NUMBER.search(price)
        if found is None:
            raise ValueError(f"{price!r} holds no price")
        return _minor(_major(found, digits), digits)
    try:
        return _minor(Decimal(str(price)), digits)
    except (ArithmeticError, ValueError):
        raise ValueError(f"{price!r} is no price") from None


def _major(found: re.Match[str], digits: int) -> Decimal:
    whole, part = found["grouped"] or found["plain"], found["part"] or ""
    if digits == _GROUP and found["mark"] in {".", ","} and not part and whole.count(found["mark"]) == 1:
        whole, _, part = whole.partition(found["mark"])
    units = "".join(filter(str.isdigit, whole))
    return Decimal(f"{found['sign']}{units}.{part or 0}")


def _minor(major: Decimal, digits: int) -> int:
    return int((major * 10**digits).to_integral_value())
