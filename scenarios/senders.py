"""How clients that an adapter brings are spoken to: httpx's, requests', or a function of its own."""

import inspect
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import msgspec

from rehearsal.model.errors import RehearsalError
from scenarios.bounds import Bounds
from scenarios.http.answer import BODY_LIMIT, BadAnswer
from scenarios.storefront import Storefront

_PIECE = 65536

Pairs = tuple[tuple[str, str], ...]
#: Status, headers and body of an answer.
Answered = tuple[int, Pairs, bytes]


class Ask(msgspec.Struct, frozen=True, kw_only=True):
    """One request, and how many seconds it has: to connect, and for all of it."""

    method: str
    url: str
    headers: dict[str, str]
    body: bytes | None
    connect_s: float
    whole_s: float


Send = Callable[[Ask], Answered]


def sender_of(client: Any, *, ca_file: str = "") -> Send:
    """Return how a client sends: an httpx.Client, a requests.Session, or a function.

    The function is called as `send(method, url, headers, body, timeout_s)` and returns status, headers (a
    mapping, or pairs) and body. RehearsalError for anything else.
    """
    if _takes(client, "stream", "follow_redirects"):
        return lambda ask: _by_httpx(client, ask)
    if _takes(client, "request", "allow_redirects"):
        return lambda ask: _by_requests(client, ask, ca_file)
    if callable(client):
        return lambda ask: _by_function(client, ask)
    raise RehearsalError(
        f"The adapter's connect() returned {type(client).__name__}, which is not known here; return an "
        "httpx.Client, a requests.Session, or a function (see scenarios/storefront.py)."
    )


def check_client(adapter: type[Storefront], bounds: Bounds) -> None:
    """Raise RehearsalError if the client that an adapter brings cannot be made, or is none that is known."""
    try:
        client: Any = adapter.connect(bounds)
    except RehearsalError:
        raise
    except Exception as error:
        raise RehearsalError(
            f"{adapter.__name__}.connect() broke ({type(error).__name__}: {error}); mend it, or leave it out."
        ) from error
    if client is None:
        return
    sender_of(client)
    if (close := getattr(client, "close", None)) is not None:
        close()


def _takes(client: Any, method: str, option: str) -> bool:
    try:
        return option in inspect.signature(getattr(client, method)).parameters
    except (AttributeError, TypeError, ValueError):
        return False


def _by_httpx(client: Any, ask: Ask) -> Answered:
    whole_s = ask.whole_s
    with client.stream(
        ask.method,
        ask.url,
        content=ask.body,
        headers=ask.headers,
        follow_redirects=False,
        timeout=(ask.connect_s, whole_s, whole_s, whole_s),
    ) as answer:
        return answer.status_code, tuple(answer.headers.multi_items()), _whole(answer.iter_bytes())


def _by_requests(client: Any, ask: Ask, ca_file: str) -> Answered:
    trusted = {"verify": ca_file} if ca_file else {}
    with client.request(
        ask.method,
        ask.url,
        data=ask.body,
        headers=ask.headers,
        allow_redirects=False,
        stream=True,
        timeout=(ask.connect_s, ask.whole_s),
        **trusted,
    ) as answer:
        return answer.status_code, tuple(answer.headers.items()), _whole(answer.iter_content(_PIECE))


def _by_function(client: Callable[..., Any], ask: Ask) -> Answered:
    answered = client(ask.method, ask.url, ask.headers, ask.body, ask.whole_s)
    try:
        status, headers, body = answered
        pairs = headers.items() if isinstance(headers, Mapping) else headers
        return int(status), tuple((str(name), str(value)) for name, value in pairs), bytes(body)
    except (TypeError, ValueError):
        raise RehearsalError(
            f"The function that the adapter's connect() returned gave {type(answered).__name__}; "
            "let it return status, headers and body."
        ) from None


def _whole(pieces: Iterable[bytes]) -> bytes:
    """Return a body; BadAnswer if it is larger than what the load's own client reads."""
    body = bytearray()
    for piece in pieces:
        body += piece
        if len(body) > BODY_LIMIT:
            raise BadAnswer("the answer is larger than the limit")
    return bytes(body)
