"""What a redirect asks for (RFC 9110, 15.4; 301 and 302 as browsers do it)."""

from typing import Any

REDIRECTS = frozenset({301, 302, 303, 307, 308})

#: After these a GET follows, whatever was asked with.
_BECOME_GET = frozenset({301, 302, 303})
_PRIVATE = frozenset({"authorization", "cookie"})


def turned(
    method: str, sent: dict[str, Any], status: int, *, before: str, after: str
) -> tuple[str, dict[str, Any]]:
    """Return the method and options of the request that follows a redirect from one address to another."""
    headers = sent.get("headers") or {}
    if status in _BECOME_GET and method != "HEAD":
        method, sent = "GET", {**sent, "json": None, "data": None}
        headers = {name: value for name, value in headers.items() if not name.lower().startswith("content-")}
    if _origin(after) != _origin(before):
        # What is meant for one shop must not be told to another, as requests and curl hold it.
        headers = {name: value for name, value in headers.items() if name.lower() not in _PRIVATE}
    return method, {**sent, "headers": headers}


def _origin(url: str) -> str:
    return "/".join(url.split("/", 3)[:3]).lower()
