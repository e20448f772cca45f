"""Shares as they are written everywhere, in reports, findings and on terminals: `12.5 %`."""


def percent(share: float, digits: int = 1) -> str:
    """Return a share in per cent with so many decimals, a space before the sign (SI Brochure, 5.4.7)."""
    return f"{100 * share:.{digits}f} %"
