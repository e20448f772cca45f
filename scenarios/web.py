"""A shopper's browser for adapters: relative addresses, redirects, forms, headers that stay.

    page = self.web.post("/login/", form={**self.web.page.fields(), "email": self.mail})

Several requests may make up one step: their pages' replies count from the step's first request, so a step
takes as long as the shopper waits.
"""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode, urljoin

import msgspec

from rehearsal.model.clock import seconds
from scenarios.http.redirects import REDIRECTS, turned
from scenarios.page import Page
from scenarios.reply import NOT_SENT, Http, Reply

#: Beyond these a browser gives up, and so does a shopper.
MOST_REDIRECTS = 10
REDIRECT_LOOP = "redirect_loop"
_FORM = "application/x-www-form-urlencoded"
_NOTHING = Reply(sent_ns=0, done_ns=0)


class Web:
    """One shopper's requests. `headers` go with every one; `page` is the last page that came."""

    def __init__(self, http: Http, base: str) -> None:
        """Take the client, whose cookies are the shopper's, and the address that paths are added to."""
        self.http = http
        self.base = base
        self.headers: dict[str, str] = {}
        self.page = Page(_NOTHING, base)
        self._since_ns: int | None = None
        # Where each request of the step led that may have done something; "" where it was answered.
        self._acts: list[str] = []
        self._limit_s: float | None = None

    def begin(self) -> None:
        """Begin a step: the next request is its first, and the client's `give_up_s` is for all of it."""
        self._since_ns = None
        self._acts = []
        self._limit_s = self.http.give_up_s

    def bearer(self, token: str) -> None:
        """Send a bearer token with every request from now on (RFC 6750)."""
        self.headers["Authorization"] = f"Bearer {token}"

    def get(self, path: str, *, headers: Mapping[str, str] | None = None) -> Page:
        """Get a page; `path` is added to the base, relative or absolute as in a page's own links."""
        return self.send("GET", path, headers=headers)

    def post(
        self,
        path: str,
        *,
        json: Any = None,
        form: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Page:
        """Post JSON or a form's fields. Browsers name the page they come from, and so does this (Referer)."""
        return self.send("POST", path, json=json, form=form, headers=headers)

    def graphql(self, path: str, query: str, operation: str, **variables: Any) -> Page:
        """Post a GraphQL operation; its name tells it from others at the same address."""
        body = {"query": query, "operationName": operation, "variables": variables}
        return self.send("POST", path, json=body)

    def send(
        self,
        method: str,
        path: str,
        *,
        json: Any = None,
        form: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Page:
        """Send a request and follow its redirects; an endless chain of them is the error `redirect_loop`.

        A redirect to what is no address is itself the answer; one that cannot be followed is the error
        `led_to_…`, and what was asked for may have been done. ValueError if `path` makes no address.
        """
        url = urljoin(f"{self.base.rstrip('/')}/", path)
        said = {**self.headers, **(headers or {})}
        data: bytes | None = None
        if form is not None:
            data = urlencode(form, doseq=True).encode()
            said = {"Content-Type": _FORM, **said}
        if method != "GET":
            said.setdefault("Referer", self.page.url)
        sent: dict[str, Any] = {"json": json, "data": data, "headers": said}
        began, acts, reply = url, tuple(self._acts), self._asked(method, url, sent)
        for _ in range(MOST_REDIRECTS):
            location = reply.headers.get("location") if reply.status in REDIRECTS else None
            if location is None:
                break
            try:
                target = urljoin(url, location)
                turn, sent = turned(method, sent, reply.status, before=url, after=target)
                reply = self._asked(turn, target, sent, led_by=method)
            except ValueError:  # the shop's Location is no address
                break
            acts = tuple(self._acts) if turn == "GET" else tuple(self._acts[:-1])
            method, url = turn, target
        else:
            if reply.status in REDIRECTS:
                reply = msgspec.structs.replace(reply, error=REDIRECT_LOOP)
        self.page = Page(reply, url, began, method=method, acts=acts)
        return self.page

    def _asked(self, method: str, url: str, sent: Mapping[str, Any], *, led_by: str = "GET") -> Reply:
        """Send one request; its reply counts from the step's first, and its patience is what is left.

        `led_by` is the method of the request whose answer led here.
        """
        reply = self.http.request(method, url, **sent)
        if led_by != "GET":
            self._acts[-1] = url
        if reply.error not in NOT_SENT:
            self._acts += [""] if method != "GET" else []
        elif self._acts:
            # This did nothing, but what was asked before it in this step may have been done.
            reply = msgspec.structs.replace(reply, error=f"led_to_{reply.error}")
        if self._since_ns is None:
            self._since_ns = reply.sent_ns
        since_ns = min(self._since_ns, reply.sent_ns)
        if self._limit_s is not None:
            # Never nothing: a limit of 0 s would be no limit of a shopper's but a refusal to connect.
            self.http.give_up_s = max(0.001, self._limit_s - seconds(reply.done_ns - since_ns))
        return msgspec.structs.replace(reply, sent_ns=since_ns)
