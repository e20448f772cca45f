"""What became of a request that somebody else's client made, in the words of `reply`.

Clients tell by exceptions, wrapped in one another. The innermost that is known here decides.
"""

import errno
import socket
import ssl
from collections.abc import Iterator
from typing import Any, NamedTuple

from rehearsal.model.history import NO_SOCKET, NOT_ALLOWED, Outcome
from scenarios.reply import NOT_SENT, Reply, transport_outcome
from scenarios.strangers.guard import NotAllowed

_SERVER_ERROR = 500
_CLIENT_ERROR = 400
#: Steps from an exception to what caused it: chains may be circles.
_DEEPEST = 16
_WORDS = 200

#: The first match counts, so that kinds stand before what they are kinds of.
_BY_TYPE: tuple[tuple[type[BaseException], str], ...] = (
    (NotAllowed, NOT_ALLOWED),
    # Closed without a goodbye, and maybe after the request had come.
    (ssl.SSLEOFError, "eof"),
    (ssl.SSLZeroReturnError, "eof"),
    (ssl.SSLError, "tls"),
    (socket.gaierror, "dns"),
    (ConnectionRefusedError, "connect_refused"),
    (ConnectionResetError, "reset"),
    (ConnectionAbortedError, "reset"),
    (BrokenPipeError, "reset"),
    (TimeoutError, "timeout"),
)
#: This machine has no descriptor or port left: no word about the shop.
_OURS = frozenset({errno.EMFILE, errno.ENFILE, errno.EADDRNOTAVAIL, errno.ENOBUFS})
#: By the names of requests', urllib3's, httpx's, http.client's and geventhttpclient's exceptions.
_BY_NAME = {
    "ConnectTimeout": "connect_timeout",
    "ConnectTimeoutError": "connect_timeout",
    "NameResolutionError": "dns",
    "PoolTimeout": "connect_timeout",
    "ReadTimeout": "timeout",
    "WriteTimeout": "timeout",
    "ReadTimeoutError": "timeout",
    "IncompleteRead": "short_body",
    "RemoteDisconnected": "eof",
    "HTTPConnectionClosed": "eof",
    "InvalidChunkLength": "bad_answer",
    "HTTPParseError": "bad_answer",
    "HTTPProtocolViolationError": "bad_answer",
    "BadStatusLine": "bad_answer",
    "LineTooLong": "bad_answer",
    "DecodeError": "bad_answer",
    "ContentDecodingError": "bad_answer",
}
#: Nothing else is known of such an exception than that there was no whole answer.
UNKNOWN = "no_answer"
#: The locustfile itself called the answer wrong.
WRONG = "wrong_answer"


class Fate(NamedTuple):
    """An attempt's outcome, error class, HTTP status (0 without an answer) and the client's own words."""

    outcome: Outcome
    error: str
    status: int
    note: str


def fate_of(exception: object, status: int) -> Fate:
    """Judge what Locust's request event says. Without an exception all is well: the file has the last word.

    5xx and broken connections leave open what the shop did (info); 4xx, and answers the file calls wrong,
    are failures; so is what certainly never left this machine.
    """
    if exception is None:
        return Fate(Outcome.OK, "", status, "")
    note = str(exception)[:_WORDS]
    if status >= _SERVER_ERROR:
        return Fate(Outcome.INFO, f"http_{status}", status, note)
    if status >= _CLIENT_ERROR:
        return Fate(Outcome.FAIL, f"http_{status}", status, note)
    error = error_of(exception)
    if status and error == UNKNOWN:
        return Fate(Outcome.FAIL, WRONG, status, note)
    return Fate(Outcome.FAIL if error in NOT_SENT else Outcome.INFO, error, status, note)


def fate_of_reply(reply: Reply, error: str) -> Fate:
    """Judge a request of our own client; `error` is what it counts as failed for, "" for a good one."""
    if not error:
        return Fate(Outcome.OK, "", reply.status, "")
    if outcome := transport_outcome(reply):
        return Fate(outcome, reply.error or f"http_{reply.status}", reply.status, error[:_WORDS])
    known = error == f"http_{reply.status}"
    return Fate(Outcome.FAIL, error if known else WRONG, reply.status, error[:_WORDS])


def error_of(exception: object) -> str:
    """Return the error class of an exception of some HTTP client, UNKNOWN if nothing tells it."""
    found = [error for link in _chain(exception) if (error := _class_of(link))]
    if found and found[-1] == "timeout" and "connect_timeout" in found:
        return "connect_timeout"  # to a socket, connecting too late is a timeout as any other
    return found[-1] if found else UNKNOWN


def _class_of(link: BaseException) -> str:
    # By name first: to http.client, what is a remote end's early goodbye is a kind of reset.
    if error := _BY_NAME.get(type(link).__name__, "") or _by_words(link):
        return error
    if isinstance(link, OSError) and link.errno in _OURS:
        return NO_SOCKET
    return next((error for kind, error in _BY_TYPE if isinstance(link, kind)), "")


def _by_words(link: BaseException) -> str:
    """Return what httpx has in words only: its RemoteProtocolError is every answer that is not whole."""
    if type(link).__name__ != "RemoteProtocolError":
        return ""
    words = str(link)
    if "without sending a response" in words:
        return "eof"
    return "short_body" if "without sending complete message" in words else "bad_answer"


def _chain(exception: object) -> Iterator[BaseException]:
    """Give an exception and what caused it, outermost first."""
    seen: list[Any] = []
    link = exception
    while isinstance(link, BaseException) and link not in seen and len(seen) < _DEEPEST:
        seen.append(link)
        yield link
        link = _cause(link)


def _cause(link: BaseException) -> object:
    held = (getattr(link, "reason", None), getattr(link, "original", None), *link.args)
    inner = next((each for each in held if isinstance(each, BaseException)), None)
    return inner or link.__cause__ or link.__context__
