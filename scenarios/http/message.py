"""A request as it goes over the wire (RFC 9112): the client frames it, the caller's headers win elsewhere."""

from collections.abc import Mapping

from scenarios.http.origin import ACCEPT, Origin

_BODILESS = frozenset({"GET", "HEAD", "OPTIONS", "DELETE", "TRACE"})
_KNOWN = _BODILESS | {"POST", "PUT", "PATCH"}
_JSON = "Content-Type: application/json\r\n"
#: Headers that stand among the fixed lines, or that only the client can know.
_PLACED = frozenset({"accept-encoding", "authorization", "content-length", "host"})
#: Headers the client writes itself unless the caller does.
_OURS = _PLACED | {"content-type", "cookie", "transfer-encoding"}
_READABLE = frozenset({"", "gzip", "x-gzip", "deflate", "identity"})


def encode(
    start: tuple[str, str],
    origin: Origin,
    headers: Mapping[str, str] | None,
    body: bytes | None,
    *,
    cookie: str,
    is_json: bool,
) -> bytes:
    """Return a whole request; `start` are its method and target.

    ValueError for a header that would break the request in two, or is outside of ISO-8859-1.
    """
    if not (headers or cookie) and start[0] in _KNOWN:
        return _bare(start, origin, body, is_json=is_json)
    return _composed(start, origin, headers or {}, body, cookie=cookie, is_json=is_json)


def _bare(start: tuple[str, str], origin: Origin, body: bytes | None, *, is_json: bool) -> bytes:
    """Return a request into which no word of the caller's goes that could break it in two."""
    method, target = start
    if body is None and method in _BODILESS:
        return f"{method} {target}{origin.fixed}\r\n".encode("latin-1")
    content = body or b""
    head = f"{method} {target}{origin.fixed}{_JSON if is_json else ''}Content-Length: {len(content)}\r\n\r\n"
    return head.encode("latin-1") + content


def _composed(
    start: tuple[str, str],
    origin: Origin,
    headers: Mapping[str, str],
    body: bytes | None,
    *,
    cookie: str,
    is_json: bool,
) -> bytes:
    method, target = start
    fixed, lines = origin.fixed, origin.lines
    if headers:
        said = {name.lower() for name in headers}
        if not (said.isdisjoint(_OURS) and said.isdisjoint(origin.always.names)):
            fixed, lines, headers = _settled(origin, headers)
            cookie = "" if "cookie" in said else cookie
            is_json = is_json and "content-type" not in said
    head = method + " " + target + fixed
    if headers:
        head += "".join([f"{name}: {value}\r\n" for name, value in headers.items()])
        lines += len(headers)
    if cookie:
        head += f"Cookie: {cookie}\r\n"
        lines += 1
    if is_json:
        head += _JSON
        lines += 1
    if body is not None or method not in _BODILESS:
        head += f"Content-Length: {len(body or b'')}\r\n"
        lines += 1
    if head.count("\n") != lines or head.count("\r") != lines:
        raise ValueError("a header's name or value, or the method, holds a line break")
    return (head + "\r\n").encode("latin-1") + (body or b"")


def _settled(origin: Origin, headers: Mapping[str, str]) -> tuple[str, int, dict[str, str]]:
    """Return the fixed lines, their number, and the other headers, where the caller writes some of ours."""
    own = {name.lower(): value for name, value in headers.items() if name.lower() in _OURS}
    if "transfer-encoding" in own:
        raise ValueError("the client frames bodies itself: leave Transfer-Encoding out")
    accept = own.get("accept-encoding", ACCEPT)
    # A browser's header, copied, asks for what could not be read.
    codings = {word.partition(";")[0].strip().lower() for word in accept.split(",")}
    fixed, lines = origin.head(
        own.get("host", origin.authority),
        accept if codings <= _READABLE else ACCEPT,
        own.get("authorization", origin.credentials),
    )
    placed = _PLACED | origin.always.names
    return fixed, lines, {name: value for name, value in headers.items() if name.lower() not in placed}
