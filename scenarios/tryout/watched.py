"""A shopper's client under the doctor's eyes: it does what it always does, and every request is noted."""

import re
import time
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

from rehearsal.model.clock import NS_PER_MS
from scenarios.page import Page
from scenarios.reply import Http, Reply
from scenarios.tryout.told import Exchange

_OPERATION = re.compile(r"\b(?:query|mutation|subscription)\s+(\w+)")
_TITLE = r"(?is)<title[^>]*>\s*(.{0,80}?)\s*</title"
_ACTION = re.compile(r"""(?i)<form\b[^>]*\baction\s*=\s*["']?(https?://[^"'\s>]+)""")
#: Retry-After (RFC 9110, 10.2.3), RateLimit and RateLimit-Policy (draft-ietf-httpapi-ratelimit-headers), and
#: the older X-RateLimit-… in their many spellings.
_LIMITS = re.compile(r"^(retry-after|(x-)?rate-?limit.*)$")


class Watched:
    """Wraps a client; whatever else the client offers is there too. `noted` are the requests so far."""

    def __init__(self, http: Http, wall_s: Callable[[], float] = time.time) -> None:
        """Take the client, and the clock by which the shop's own is compared (seconds since the epoch)."""
        self._http = http
        self._wall_s = wall_s
        self.noted: list[Exchange] = []

    def __getattr__(self, name: str) -> Any:
        """Return what the client itself offers, such as its cookies."""
        return getattr(self._http, name)

    @property
    def give_up_s(self) -> float | None:
        """Return how long an answer is waited for; None: to the client's own limit."""
        return self._http.give_up_s

    @give_up_s.setter
    def give_up_s(self, limit_s: float | None) -> None:
        self._http.give_up_s = limit_s

    def request(
        self,
        method: str,
        url: str,
        *,
        json: Any = None,
        data: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Reply:
        """Send one request, and note what became of it."""
        reply = self._http.request(method, url, json=json, data=data, headers=headers)
        asked = {
            "method": method,
            "url": url,
            "operation": operation_of(json),
            "sends_json": json is not None,
        }
        self.noted.append(_exchange(asked, reply, self._wall_s()))
        return reply

    def take(self) -> tuple[Exchange, ...]:
        """Return what was noted since the last time."""
        taken, self.noted = tuple(self.noted), []
        return taken


def operation_of(json: Any) -> str:
    """Return the name of a GraphQL operation, "" if a body holds none."""
    if not isinstance(json, dict) or not isinstance(json.get("query"), str):
        return ""
    found = _OPERATION.search(json["query"])
    return str(json.get("operationName") or (found[1] if found else ""))


def _exchange(asked: Mapping[str, Any], reply: Reply, at_s: float) -> Exchange:
    said, page = reply.headers, Page(reply=reply, url=asked["url"])
    return Exchange(
        **asked,
        status=reply.status,
        error=reply.error,
        ms=round((reply.done_ns - reply.sent_ns) / NS_PER_MS, 1),
        at_s=at_s,
        length=len(reply.body),
        content="text/html" if page.is_html else said.get("content-type", "").partition(";")[0].strip(),
        title=page.find(_TITLE) if page.is_html else "",
        location=said.get("location", ""),
        date=said.get("date", ""),
        leads=_leads(page) if page.is_html else (),
        limits={name: value for name, value in said.items() if _LIMITS.match(name)},
    )


def _leads(page: Page) -> tuple[str, ...]:
    hosts = (urlsplit(address).hostname for address in _ACTION.findall(page.text))
    return tuple(dict.fromkeys(host for host in hosts if host))
