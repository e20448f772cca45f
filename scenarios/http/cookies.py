"""A shopper's cookies (RFC 6265), as much of them as one client of one shop needs."""

import ipaddress
import re
import time
from dataclasses import dataclass
from datetime import UTC
from email.utils import parsedate_to_datetime
from math import inf

#: As many cookies of this length (name and value) as browsers keep at least (RFC 6265, 6.1).
_MOST, _LONGEST = 300, 4096
_AGE = re.compile(r"-?[0-9]{1,12}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Cookie:
    """One cookie; `domain` without its dot, `host_only` if it goes back to that host alone."""

    name: str
    value: str
    domain: str
    path: str
    host_only: bool
    secure: bool
    expires_s: float

    def goes_to(self, host: str, path: str, *, secure: bool) -> bool:
        """Tell whether a request to this host and path carries it (RFC 6265, 5.1.3, 5.1.4, 5.4)."""
        if self.secure and not secure:
            return False
        if not (host == self.domain or (not self.host_only and _is_under(host, self.domain))):
            return False
        return path == self.path or path.startswith(self.path if self.path.endswith("/") else f"{self.path}/")


class Jar:
    """Cookies of one client. Empty for most load, so whoever sends asks whether any are `held`."""

    def __init__(self) -> None:
        #: By domain, path and name.
        self.held: dict[tuple[str, str, str], Cookie] = {}

    def store(self, header: str, host: str, target: str) -> None:
        """Take one Set-Cookie header from an answer; what makes no sense is passed over (RFC 6265, 5.2)."""
        cookie = parse(header, host, target.partition("?")[0], now_s=time.time())
        if cookie is None:
            return
        key = (cookie.domain, cookie.path, cookie.name)
        if cookie.expires_s <= time.time():
            self.held.pop(key, None)
        elif key in self.held or len(self.held) < _MOST:
            # One that is replaced keeps its place in the order (5.3, step 11.3).
            self.held[key] = cookie

    def header(self, host: str, target: str, *, secure: bool) -> str:
        """Return the value of the Cookie header for a request; empty if none goes there."""
        path = target.partition("?")[0]
        fit = [each for each in self.held.values() if each.goes_to(host, path, secure=secure)]
        now_s = time.time()
        for cookie in fit:
            if cookie.expires_s <= now_s:
                del self.held[(cookie.domain, cookie.path, cookie.name)]
        # Longer paths first; the sort is stable, so older ones first among equals (5.4, step 2).
        alive = sorted((each for each in fit if each.expires_s > now_s), key=lambda each: -len(each.path))
        return "; ".join(f"{each.name}={each.value}" for each in alive)

    def values(self) -> dict[str, str]:
        """Return names and values."""
        return {cookie.name: cookie.value for cookie in self.held.values()}

    def clear(self) -> None:
        """Forget all."""
        self.held.clear()


def parse(header: str, host: str, path: str, *, now_s: float) -> Cookie | None:
    """Return the cookie that a Set-Cookie header from `host` and `path` sets; None if it sets none."""
    pair, *rest = header.split(";")
    name, equals, value = (part.strip() for part in pair.partition("="))
    if not (equals and name and (name + value).isprintable() and len(name) + len(value) <= _LONGEST):
        return None
    said = {key.strip().lower(): word.strip() for key, _, word in (each.partition("=") for each in rest)}
    domain = said.get("domain", "").removeprefix(".").lower()
    if domain and not (host == domain or _is_under(host, domain)):
        return None
    return Cookie(
        name=name,
        value=value,
        domain=domain or host,
        path=said["path"] if said.get("path", "").startswith("/") else _folder(path),
        host_only=not domain,
        secure="secure" in said,
        expires_s=_expiry(said, now_s),
    )


def _folder(path: str) -> str:
    """Return the default path (RFC 6265, 5.1.4): up to the last slash, without it."""
    return path.rpartition("/")[0] or "/"


def _is_under(host: str, domain: str) -> bool:
    """Tell whether a host is a subdomain (RFC 6265, 5.1.3). An address of numbers has no domains."""
    if not host.endswith(f".{domain}"):
        return False
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return True
    return False


def _expiry(said: dict[str, str], now_s: float) -> float:
    age = said.get("max-age", "")
    if _AGE.fullmatch(age):
        return now_s + int(age)
    try:
        when = parsedate_to_datetime(said["expires"])
        return (when if when.tzinfo else when.replace(tzinfo=UTC)).timestamp()
    except (KeyError, ValueError, OverflowError):
        return inf
