"""The face that a Locust user knows (`self.client.get(...)`) over the load's own client."""

from base64 import b64encode
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Protocol
from urllib.parse import urlencode, urljoin

from scenarios.client import Client
from scenarios.http.redirects import REDIRECTS, turned
from scenarios.reply import Reply
from scenarios.response import Response, failure_of

_MOST_REDIRECTS = 10
_FORM = "application/x-www-form-urlencoded"


Content = Mapping[str, Any] | str | bytes | None
Verb = Callable[..., Response]


class Take(Protocol):
    """Where finished requests go; instants in nanoseconds of the client's clock, `error` empty if good."""

    def __call__(self, method: str, name: str, error: str, due_ns: int, sent_ns: int, reply: Reply) -> None:
        """Count one request; of redirects followed, `sent_ns` is the first's and `reply` the last's."""


class HttpSession:
    """One user's requests: get, post, put, patch, delete, head and options, as `request` without its method.

    `due_ns` is when the next request was due; it is used up by it. A HEAD follows no redirects unless asked.
    """

    def __init__(self, base_url: str, client: Client, take: Take) -> None:
        """Take the shop's address, to which paths are added, a client, and where requests are counted."""
        self.base_url = base_url.rstrip("/")
        self.http = client
        self.headers: dict[str, str] = {}
        self.due_ns: int | None = None
        #: Answers so far.
        self.asked = 0
        self._take = take
        # Not methods that hand their options on: that would cost a request a dictionary, and then another.
        ask = self.request
        self.get: Verb = partial(ask, "GET")
        self.post: Verb = partial(ask, "POST")
        self.put: Verb = partial(ask, "PUT")
        self.patch: Verb = partial(ask, "PATCH")
        self.delete: Verb = partial(ask, "DELETE")
        self.head: Verb = partial(ask, "HEAD", allow_redirects=False)
        self.options: Verb = partial(ask, "OPTIONS")

    @property
    def cookies(self) -> dict[str, str]:
        """Return this user's cookies."""
        return self.http.cookies.values()

    def request(  # noqa: PLR0913 - what requests and Locust take
        self,
        method: str,
        path: str,
        data: Content = None,
        json: Any = None,
        *,
        name: str | None = None,
        params: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        auth: tuple[str, str] | None = None,
        timeout: float | tuple[float, float] | None = None,
        catch_response: bool = False,
        allow_redirects: bool = True,
    ) -> Response:
        """Send a request and return its response; it is counted under `name`, else under its path.

        `timeout` is for the whole request, in seconds; of a pair, as requests takes it, the second is meant.
        """
        # Joined only where that is needed: the client knows the base already.
        base, url = (self.base_url, path) if path.startswith("/") else ("", self._address(path))
        if params:
            url += ("&" if "?" in url else "?") + urlencode(params, doseq=True)
        said: Mapping[str, str] = self.headers if headers is None else {**self.headers, **headers}
        if auth is not None:
            said = {**said, "Authorization": _basic(*auth)}
        if data is not None:
            data, said = _body_of(data, said)
        limit_s = timeout[1] if isinstance(timeout, tuple) else timeout
        # Before it is sent: an arrival's due time belongs to the request that begins first.
        due_ns, self.due_ns = self.due_ns, None
        reply = self.http.request(
            method, url, json=json, data=data, headers=said, timeout_s=limit_s, base=base
        )
        # A request refused by this machine itself has let nobody else run.
        self.asked += reply.status > 0
        sent_ns = reply.sent_ns
        history: list[Response] = []
        if allow_redirects and reply.status in REDIRECTS:
            sent = {"json": json, "data": data, "headers": said, "timeout_s": limit_s}
            url, reply = self._follow(method, base + url, sent, reply, history)
            base = ""
        if due_ns is None:
            due_ns = sent_ns
        response = Response(reply, url, history, base)
        if catch_response:
            response.book = lambda why: self._take(method, name or path, why, due_ns, sent_ns, reply)
        else:
            self._take(method, name or path, failure_of(reply), due_ns, sent_ns, reply)
        return response

    def _address(self, path: str) -> str:
        return path if path.startswith(("http://", "https://")) else self.base_url + path

    def _follow(
        self, method: str, url: str, sent: dict[str, Any], reply: Reply, history: list[Response]
    ) -> tuple[str, Reply]:
        """Follow redirects to the last address and reply. One that leads nowhere is itself the answer."""
        while reply.status in REDIRECTS and len(history) < _MOST_REDIRECTS:
            location = reply.headers.get("location")
            if location is None:
                break
            before = Response(reply, url, [])
            try:
                target = urljoin(url, location)
                method, sent = turned(method, sent, reply.status, before=url, after=target)
                reply, url = self.http.request(method, target, **sent), target
            except ValueError:  # the shop's Location is no address
                break
            history.append(before)
        return url, reply


def _body_of(
    data: Mapping[str, Any] | str | bytes, headers: Mapping[str, str]
) -> tuple[bytes, Mapping[str, str]]:
    if isinstance(data, bytes):
        return data, headers
    if isinstance(data, str):
        return data.encode(), headers
    return urlencode(data, doseq=True).encode(), {"Content-Type": _FORM, **headers}


def _basic(user: str, password: str) -> str:
    return "Basic " + b64encode(f"{user}:{password}".encode()).decode()
