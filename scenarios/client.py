"""The load's HTTP client: keep-alive, one deadline a request, an error class for every fate (see `reply`).

It never raises for what the other side does, never repeats a request by itself (an attempt the history
does not show would be a lie), never follows a redirect unasked, and never reads more than its limit.
"""

from collections.abc import Collection, Mapping
from typing import Any

import msgspec

from rehearsal.model.clock import NS_PER_S, Clock
from scenarios.http.answer import BadAnswer
from scenarios.http.cookies import Jar
from scenarios.http.decoding import decode
from scenarios.http.dial import dial
from scenarios.http.link import Link
from scenarios.http.origin import BadUrl, Origin, split
from scenarios.reply import Reply

_NOT_ALLOWED = "not_allowed"
#: Headers of an answer that ask for more than their being read.
_TELLING = frozenset({b"set-cookie", b"content-encoding"})
_BODILESS = frozenset({"GET", "HEAD", "OPTIONS", "DELETE", "TRACE"})


class Client:
    """One shopper's connections and cookies. Instants it reports count from `origin_ns`.

    Several greenlets may ask at once; each request under way has a connection of its own. A shopper who
    will not wait sets `give_up_s`: after that long the answer is no longer waited for (`given_up`).
    """

    def __init__(
        self,
        clock: Clock,
        origin_ns: int,
        *,
        connect_timeout_s: float = 1.0,
        timeout_s: float = 5.0,
        allow: Collection[str] = (),
        verify: bool | str = True,
    ) -> None:
        """Take the clock and limits: to connect, and for a whole request, connecting included.

        `allow` names the hosts besides this machine that may be spoken to, whatever the shop says; `verify`
        is False for certificates nobody vouches for, or a file of CAs to trust.
        """
        self.give_up_s: float | None = None
        self.cookies = Jar()
        self._now_ns = clock.now_ns
        self._origin_ns = origin_ns
        self._connect_timeout_s = connect_timeout_s
        self._timeout_s = timeout_s
        self._allow = frozenset(allow)
        self._verify = verify
        self._origins: dict[str, Origin | None] = {}

    def request(
        self,
        method: str,
        url: str,
        *,
        json: Any = None,
        data: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        timeout_s: float | None = None,
    ) -> Reply:
        """Send one request and return its reply, whatever happens to it.

        `json` is encoded; `data` is sent as it is, its type said by the headers. ValueError for a header
        that would break the request in two, or an address that is none.
        """
        sent_ns = self._now_ns()
        base, target = split(url)
        try:
            origin = self._origins[base]
        except KeyError:
            origin = self._origin(base)
        if origin is None:
            return self._reply(sent_ns, _NOT_ALLOWED)
        body = data if json is None else msgspec.json.encode(json)
        block = self._head(method, target, origin, headers, body, is_json=json is not None)
        deadline_ns = sent_ns + round((timeout_s or self._timeout_s) * NS_PER_S)
        limit_ns = deadline_ns
        if self.give_up_s is not None:
            limit_ns = min(deadline_ns, sent_ns + round(self.give_up_s * NS_PER_S))
        link, error = self._link(origin, limit_ns)
        if link is None:
            return self._reply(sent_ns, error)
        error = link.exchange(block, limit_ns, head_only=method == "HEAD")
        if link.usable:
            origin.idle.append(link)
        if error:
            return self._reply(
                sent_ns, "given_up" if error == "timeout" and limit_ns < deadline_ns else error
            )
        return self._read(sent_ns, link, origin, target)

    def close(self) -> None:
        """Close all idle connections."""
        for origin in self._origins.values():
            if origin is not None:
                origin.close()

    def _origin(self, base: str) -> Origin | None:
        origin: Origin | None = Origin(base)
        if origin is not None and not origin.allowed(self._allow):
            origin = None
        self._origins[base] = origin
        return origin

    def _head(
        self,
        method: str,
        target: str,
        origin: Origin,
        headers: Mapping[str, str] | None,
        body: bytes | None,
        *,
        is_json: bool,
    ) -> bytes:
        head = method + " " + target + origin.fixed
        lines = 3
        if headers:
            head += "".join([f"{name}: {value}\r\n" for name, value in headers.items()])
            lines += len(headers)
        if self.cookies:
            cookie = self.cookies.header(origin.host, target, secure=origin.scheme == "https")
            if cookie:
                head += f"Cookie: {cookie}\r\n"
                lines += 1
        if is_json:
            head += "Content-Type: application/json\r\n"
            lines += 1
        if body is not None or method not in _BODILESS:
            head += f"Content-Length: {len(body or b'')}\r\n"
            lines += 1
        if head.count("\n") != lines or head.count("\r") != lines:
            raise ValueError("a header's name or value holds a line break")
        return (head + "\r\n").encode("latin-1") + (body or b"")

    def _link(self, origin: Origin, limit_ns: int) -> tuple[Link | None, str]:
        while origin.idle:
            link = origin.idle.pop()
            if link.alive():
                return link, ""
        left_s = (limit_ns - self._now_ns()) / NS_PER_S
        if left_s <= 0:
            return None, "connect_timeout"
        return dial(origin, min(self._connect_timeout_s, left_s), verify=self._verify)

    def _read(self, sent_ns: int, link: Link, origin: Origin, target: str) -> Reply:
        reader = link.reader
        head, body = reader.headers, reader.body
        for name, value in head:
            if name in _TELLING:
                text = value.decode("latin-1")
                if name == b"set-cookie":
                    self.cookies.store(text, origin.host, target)
                else:
                    try:
                        body = decode(body, text)
                    except BadAnswer:
                        return self._reply(sent_ns, "bad_answer")
        done_ns = self._now_ns()
        return Reply(
            sent_ns=sent_ns - self._origin_ns,
            done_ns=done_ns - self._origin_ns,
            status=reader.status,
            body=body,
            head=head,
        )

    def _reply(self, sent_ns: int, error: str) -> Reply:
        return Reply(sent_ns=sent_ns - self._origin_ns, done_ns=self._now_ns() - self._origin_ns, error=error)


__all__ = ["BadUrl", "Client"]
