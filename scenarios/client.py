"""The load's HTTP client: keep-alive, one deadline a request, an error class for every fate (see `reply`).

It never raises for what the other side does, never repeats a request by itself (an attempt the history
does not show would be a lie), never follows a redirect unasked, and never reads more than its limit.
"""

import time
from collections.abc import Collection, Mapping
from typing import Any

import msgspec

from rehearsal.model.clock import NS_PER_S, Clock, SystemClock
from scenarios.http.always import Always
from scenarios.http.answer import BadAnswer
from scenarios.http.cookies import Jar
from scenarios.http.decoding import decode
from scenarios.http.dial import dial
from scenarios.http.head import Head, tells
from scenarios.http.link import Link
from scenarios.http.message import encode
from scenarios.http.origin import BadUrl, Origin, is_odd, split
from scenarios.http.tls import context_of
from scenarios.reply import Reply

_MONOTONIC_NS = SystemClock.now_ns


class Client:
    """One shopper's connections and cookies. Instants it reports count from `origin_ns`.

    Several greenlets may ask at once; each request under way has a connection of its own. A shopper who
    will not wait sets `give_up_s`: after that long the answer is no longer waited for (`given_up`).

    A reply's `sent_ns` is taken before all else, so its service time includes connecting where a connection
    had to be made, as in Locust, JMeter and Gatling (k6's http_req_duration and wrk2 leave it out): a shopper
    waits for that too, and a full accept queue shows nowhere else. Its `done_ns` is the instant at which the
    last byte had been read, before decoding: that is the load's own work.
    """

    def __init__(  # noqa: PLR0913 - each limit is another
        self,
        clock: Clock,
        origin_ns: int,
        *,
        connect_timeout_s: float = 1.0,
        timeout_s: float = 5.0,
        allow: Collection[str] = (),
        verify: bool | str = True,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        """Take the clock that instants are told by, and limits: to connect, and for a whole request.

        `allow` names the hosts besides this machine that may be spoken to, whatever the shop says; `verify`
        is False for certificates nobody vouches for, or a file of CAs to trust. OSError if that cannot be
        read. `headers` go with every request, wherever it goes.
        """
        self._origins: dict[str, Origin] = {}
        self.give_up_s: float | None = None
        self.cookies = Jar()
        self._now_ns = clock.now_ns
        self._origin_ns = origin_ns
        self._connect_timeout_s = connect_timeout_s
        self._timeout_ns = round(timeout_s * NS_PER_S)
        self._allow = frozenset(allow)
        self._verify = verify
        self._always = Always(headers or {})
        if isinstance(verify, str):
            context_of(verify)

    def __del__(self) -> None:
        # The loop holds on to whatever it watches: connections left to themselves would never close.
        self.close()

    def request(  # noqa: PLR0913 - each says another thing of one request
        self,
        method: str,
        url: str,
        *,
        json: Any = None,
        data: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        timeout_s: float | None = None,
        base: str = "",
    ) -> Reply:
        """Send one request and return its reply, whatever happens to it.

        With `base` (scheme and authority), `url` may be what is asked for there, beginning with a slash.
        `json` is encoded; `data` is sent as it is, its type said by the headers. ValueError for a header
        that would break the request in two, or an address that is none.
        """
        sent_ns = self._now_ns()
        origin, target = self._origins.get(base), url
        if origin is None or is_odd(url):
            origin, target = self._where(base + url)
        if origin is None:
            return self._failed(sent_ns, "not_allowed")
        timeout_ns = self._timeout_ns if timeout_s is None else round(timeout_s * NS_PER_S)
        limit_ns = sent_ns + timeout_ns
        if limit_ns <= sent_ns:
            return self._failed(sent_ns, "connect_timeout")
        cookie = self._cookie(origin, target) if self.cookies.held else ""
        body = data if json is None else msgspec.json.encode(json)
        wire = encode((method, target), origin, headers, body, cookie=cookie, is_json=json is not None)
        if self.give_up_s is not None:
            limit_ns = min(limit_ns, sent_ns + round(self.give_up_s * NS_PER_S))
        link, error = self._link(origin, limit_ns)
        if link is not None:
            error = link.exchange(wire, self._on_this_machine(limit_ns), head_only=method == "HEAD")
            if link.usable:
                origin.keep(link)
            if not error:
                return self._read(sent_ns, link, origin, target)
        impatient = error == "timeout" and limit_ns < sent_ns + timeout_ns
        return self._failed(sent_ns, "given_up" if impatient else error)

    def forget(self) -> None:
        """Forget all cookies: the next visit is another shopper's."""
        self.cookies = Jar()

    def close(self) -> None:
        """Close all idle connections; those under way close with their answers. The client can go on."""
        while self._origins:
            self._origins.popitem()[1].close()

    def _where(self, url: str) -> tuple[Origin | None, str]:
        base, target = split(url)
        return self._origins.get(base) or self._origin(base), target

    def _origin(self, base: str) -> Origin | None:
        origin = Origin(base, self._always)
        if not origin.allowed(self._allow):
            return None
        self._origins[base] = origin
        return origin

    def _on_this_machine(self, limit_ns: int) -> int:
        # A worker elsewhere counts in its master's time, the loop's deadlines in this machine's.
        if self._now_ns is _MONOTONIC_NS:
            return limit_ns
        return time.monotonic_ns() + limit_ns - self._now_ns()

    def _cookie(self, origin: Origin, target: str) -> str:
        return self.cookies.header(origin.host, target, secure=origin.scheme == "https")

    def _link(self, origin: Origin, limit_ns: int) -> tuple[Link | None, str]:
        # Each is asked about, even if it was used a moment ago (a thirtieth of a request's work): without
        # that, a second answer that came with the first is taken for the next request's.
        while origin.idle:
            link = origin.idle.pop()
            if link.alive():
                return link, ""
        left_s = (limit_ns - self._now_ns()) / NS_PER_S
        if left_s <= 0:
            return None, "connect_timeout"
        return dial(origin, min(self._connect_timeout_s, left_s), verify=self._verify)

    def _read(self, sent_ns: int, link: Link, origin: Origin, target: str) -> Reply:
        done_ns = self._now_ns()
        status, head, body = link.reader.take()
        coding = ""
        for name, value in Head(head) if tells(head) else ():
            if name == b"set-cookie":
                self.cookies.store(value.decode("latin-1"), origin.host, target)
            elif name == b"content-encoding":
                coding += value.decode("latin-1") + ","
        if coding:
            try:
                body = decode(body, coding)
            except BadAnswer:
                return self._failed(sent_ns, "bad_answer")
        return Reply(
            sent_ns=sent_ns - self._origin_ns,
            done_ns=done_ns - self._origin_ns,
            status=status,
            body=body,
            head=head,
        )

    def _failed(self, sent_ns: int, error: str) -> Reply:
        done_ns = self._now_ns() - self._origin_ns
        return Reply(sent_ns=sent_ns - self._origin_ns, done_ns=done_ns, error=error)


__all__ = ["BadUrl", "Client"]
