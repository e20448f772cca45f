"""The face that a Locust user knows (`self.client.get(...)`) over the load's own client."""

from base64 import b64encode
from collections.abc import Mapping
from typing import Any, Protocol
from urllib.parse import urlencode, urljoin

from scenarios.client import Client
from scenarios.reply import Reply
from scenarios.response import REDIRECTS, Response, failure_of

_MOST_REDIRECTS = 10
#: After these a GET follows, whatever was asked with (RFC 9110, 15.4; 301 and 302 as browsers do it).
_BECOME_GET = frozenset({301, 302, 303})
_FORM = "application/x-www-form-urlencoded"


class Take(Protocol):
    """Where finished requests go; instants in nanoseconds of the client's clock, `error` empty if good."""

    def __call__(self, method: str, name: str, error: str, due_ns: int, sent_ns: int, reply: Reply) -> None:
        """Count one request; of redirects followed, `sent_ns` is the first's and `reply` the last's."""


class HttpSession:
    """One user's requests. `due_ns` is when the next request was due; it is used up by it."""

    def __init__(self, base_url: str, client: Client, take: Take) -> None:
        """Take the shop's address, to which paths are added, a client, and where requests are counted."""
        self.base_url = base_url.rstrip("/")
        self.http = client
        self.headers: dict[str, str] = {}
        self.due_ns: int | None = None
        self._take = take

    @property
    def cookies(self) -> dict[str, str]:
        """Return this user's cookies."""
        return self.http.cookies.values()

    def request(
        self,
        method: str,
        path: str,
        *,
        name: str | None = None,
        timeout: float | tuple[float, float] | None = None,
        catch_response: bool = False,
        allow_redirects: bool = True,
        **content: Any,
    ) -> Response:
        """Send a request and return its response; it is counted under `name`, else under its path.

        `content` are json, data, params, headers and auth, as requests takes them. `timeout` is for the
        whole request, in seconds; of a pair, as requests takes it, the second is meant.
        """
        ask = self._ask(method, path, **content)
        ask.timeout_s = timeout[1] if isinstance(timeout, tuple) else timeout
        reply = ask.send(self.http)
        sent_ns = reply.sent_ns
        history: list[Response] = []
        if allow_redirects and reply.status in REDIRECTS:
            reply = self._follow(ask, reply, history)
        due_ns, self.due_ns = sent_ns if self.due_ns is None else self.due_ns, None
        counted = name or path
        if catch_response:
            return Response(
                reply, ask.url, history, lambda why: self._take(method, counted, why, due_ns, sent_ns, reply)
            )
        self._take(method, counted, failure_of(reply), due_ns, sent_ns, reply)
        return Response(reply, ask.url, history, None)

    def _ask(  # noqa: PLR0913 - what requests takes
        self,
        method: str,
        path: str,
        *,
        json: Any = None,
        data: Mapping[str, Any] | str | bytes | None = None,
        params: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        auth: tuple[str, str] | None = None,
    ) -> "_Ask":
        url = path if path.startswith(("http://", "https://")) else self.base_url + path
        if params:
            url += ("&" if "?" in url else "?") + urlencode(params, doseq=True)
        sent = self.headers if headers is None else {**self.headers, **headers}
        if auth is not None:
            sent = {**sent, "Authorization": _basic(*auth)}
        if data is None or isinstance(data, bytes):
            return _Ask(method, url, json, data, sent)
        if isinstance(data, str):
            return _Ask(method, url, json, data.encode(), sent)
        return _Ask(method, url, json, urlencode(data, doseq=True).encode(), {"Content-Type": _FORM, **sent})

    def _follow(self, ask: "_Ask", reply: Reply, history: list[Response]) -> Reply:
        """Follow redirects and return the last reply. One that leads nowhere is itself the answer."""
        while reply.status in REDIRECTS and len(history) < _MOST_REDIRECTS:
            location = reply.headers.get("location")
            if location is None:
                break
            before = Response(reply, ask.url, [], None)
            try:
                ask.turn(reply.status, urljoin(ask.url, location))
                reply = ask.send(self.http)
            except ValueError:  # the shop's Location is no address
                break
            history.append(before)
        return reply

    def get(self, path: str, **options: Any) -> Response:
        """Send a GET."""
        return self.request("GET", path, **options)

    def post(self, path: str, data: Any = None, json: Any = None, **options: Any) -> Response:
        """Send a POST."""
        return self.request("POST", path, data=data, json=json, **options)

    def put(self, path: str, data: Any = None, **options: Any) -> Response:
        """Send a PUT."""
        return self.request("PUT", path, data=data, **options)

    def patch(self, path: str, data: Any = None, **options: Any) -> Response:
        """Send a PATCH."""
        return self.request("PATCH", path, data=data, **options)

    def delete(self, path: str, **options: Any) -> Response:
        """Send a DELETE."""
        return self.request("DELETE", path, **options)

    def head(self, path: str, **options: Any) -> Response:
        """Send a HEAD; redirects are not followed unless asked."""
        options.setdefault("allow_redirects", False)
        return self.request("HEAD", path, **options)

    def options(self, path: str, **options: Any) -> Response:
        """Send an OPTIONS."""
        return self.request("OPTIONS", path, **options)


class _Ask:
    """A request as it will be sent; a redirect turns it into the next."""

    __slots__ = ("data", "headers", "json", "method", "timeout_s", "url")

    def __init__(
        self, method: str, url: str, json: Any, data: bytes | None, headers: Mapping[str, str]
    ) -> None:
        self.method = method
        self.url = url
        self.json = json
        self.data = data
        self.headers = headers
        self.timeout_s: float | None = None

    def send(self, http: Client) -> Reply:
        """Send it once."""
        return http.request(
            self.method,
            self.url,
            json=self.json,
            data=self.data,
            headers=self.headers,
            timeout_s=self.timeout_s,
        )

    def turn(self, status: int, url: str) -> None:
        """Become what a redirect of this status asks for (RFC 9110, 15.4)."""
        if status in _BECOME_GET and self.method != "HEAD":
            self.method, self.json, self.data = "GET", None, None
            self.headers = {k: v for k, v in self.headers.items() if not k.lower().startswith("content-")}
        if _origin(url) != _origin(self.url):
            # What is meant for one shop must not be told to another, as requests and curl hold it.
            self.headers = {k: v for k, v in self.headers.items() if k.lower() != "authorization"}
        self.url = url


def _origin(url: str) -> str:
    return "/".join(url.split("/", 3)[:3]).lower()


def _basic(user: str, password: str) -> str:
    return "Basic " + b64encode(f"{user}:{password}".encode()).decode()
