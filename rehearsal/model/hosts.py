"""Which hosts are this machine. Pure: nothing is looked up."""

import ipaddress


def is_loopback(host: str) -> bool:
    """Tell whether a host is this machine by its very name; other names are not looked up."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
