"""A client that the adapter brings, held to what the load's own is held to: one attempt, one honest reply.

Its exceptions become error classes, its redirects are not followed unasked, its answers have a whole deadline
and a limit, it speaks to allowed hosts only, and its instants are the run's.
"""

from collections.abc import Mapping
from typing import Any

import gevent
import msgspec

from rehearsal.model.clock import Clock
from rehearsal.model.errors import RehearsalError
from rehearsal.model.history import NOT_ALLOWED
from scenarios.bounds import Bounds
from scenarios.http.always import Always
from scenarios.http.answer import BadAnswer
from scenarios.http.origin import Origin, split
from scenarios.reply import Reply
from scenarios.senders import Ask, sender_of
from scenarios.strangers.fate import UNKNOWN, error_of

#: Headers about the framing of a body that is whole by now.
_FRAMING = frozenset({"connection", "content-encoding", "content-length", "transfer-encoding", "upgrade"})
#: What HTTP clients call the exceptions that all others of theirs are kinds of.
_OF_CLIENTS = frozenset({"HTTPError", "HTTPException", "RequestException", "RequestError", "ClientError"})


class OwnClient:
    """One shopper's client as the adapter made it. Several greenlets may ask at once, if it lets them."""

    def __init__(self, client: Any, clock: Clock, origin_ns: int, bounds: Bounds) -> None:
        """Take what `Storefront.connect` returned; RehearsalError if it is no client."""
        self.give_up_s: float | None = None
        self._client = client
        self._send = sender_of(client, ca_file=bounds.ca_file)
        self._now_ns = clock.now_ns
        self._origin_ns = origin_ns
        self._bounds = bounds
        self._allow = frozenset(bounds.allow)
        self._marked = {name.lower() for name in bounds.headers}

    def request(
        self,
        method: str,
        url: str,
        *,
        json: Any = None,
        data: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Reply:
        """Send one request and return its reply, whatever happens to it.

        ValueError for an address that is none, or a header that would break the request in two;
        RehearsalError if the adapter's client raises what is no fate of a request.
        """
        sent_ns = self._now_ns()
        if not Origin(split(url)[0]).allowed(self._allow):
            return self._failed(sent_ns, NOT_ALLOWED)
        own_s, patience_s = self._bounds.timeout_s, self.give_up_s
        whole_s = own_s if patience_s is None else min(own_s, patience_s)
        ask = Ask(
            method=method,
            url=url,
            headers=self._headers(headers or {}, is_json=json is not None),
            body=data if json is None else msgspec.json.encode(json),
            connect_s=min(self._bounds.connect_timeout_s, whole_s),
            whole_s=whole_s,
        )
        reply = self._answered(ask, sent_ns)
        if reply.error == "timeout" and whole_s < own_s:
            return msgspec.structs.replace(reply, error="given_up")
        return reply

    def forget(self) -> None:
        """Forget all cookies, as far as the client has any: the next visit is another shopper's."""
        clear = getattr(getattr(self._client, "cookies", None), "clear", None)
        if clear is not None:
            clear()

    def close(self) -> None:
        """Close the client, if it can be closed."""
        close = getattr(self._client, "close", None)
        if close is not None:
            close()

    def _answered(self, ask: Ask, sent_ns: int) -> Reply:
        # A client's own timeouts are for each piece of an answer; an answer that drips would never end.
        limit = gevent.Timeout(ask.whole_s)
        try:
            with limit:
                status, pairs, body = self._send(ask)
        except gevent.Timeout as over:
            if over is not limit:
                raise
            return self._failed(sent_ns, "timeout")
        except BadAnswer:
            return self._failed(sent_ns, "bad_answer")
        except Exception as error:
            if not _is_fate(error):
                words = f"The adapter's client broke: {type(error).__name__}: {error}"
                raise RehearsalError(words) from error
            return self._failed(sent_ns, error_of(error))
        done_ns = self._now_ns() - self._origin_ns
        return Reply(
            sent_ns=sent_ns - self._origin_ns,
            done_ns=done_ns,
            status=status,
            body=body,
            head=head_of(status, pairs),
        )

    def _headers(self, said: Mapping[str, str], *, is_json: bool) -> dict[str, str]:
        own = {name: value for name, value in said.items() if name.lower() not in self._marked}
        if is_json and "content-type" not in {name.lower() for name in own}:
            own["Content-Type"] = "application/json"
        Always(own)  # looks at them: not every client does
        return {**own, **self._bounds.headers}

    def _failed(self, sent_ns: int, error: str) -> Reply:
        return Reply(sent_ns=sent_ns - self._origin_ns, done_ns=self._now_ns() - self._origin_ns, error=error)


def head_of(status: int, pairs: tuple[tuple[str, str], ...]) -> bytes:
    """Return a head as `scenarios.http.head` reads it, without what was said of the body's framing."""
    told = [f"{name}: {' '.join(value.split())}\r\n" for name, value in pairs if name.lower() not in _FRAMING]
    return f"HTTP/1.1 {status} -\r\n{''.join(told)}\r\n".encode("latin-1", "replace")


def _is_fate(error: Exception) -> bool:
    """Tell whether an exception is about the request, and not a mistake in the adapter."""
    kinds = {kind.__name__ for kind in type(error).__mro__}
    return isinstance(error, OSError) or bool(kinds & _OF_CLIENTS) or error_of(error) != UNKNOWN
