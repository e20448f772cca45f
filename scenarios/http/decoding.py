"""Content codings (RFC 9110, section 8.4): gzip and deflate, never beyond the limit."""

import zlib

from scenarios.http.answer import BODY_LIMIT, BadAnswer

_GZIP = 16 + zlib.MAX_WBITS


def decode(body: bytes, coding: str) -> bytes:
    """Return a body as it was before its coding; BadAnswer if it is broken, too large, or coded otherwise."""
    names = [name.strip().lower() for name in coding.split(",") if name.strip()]
    for name in reversed(names):
        body = _decoded(body, name)
    return body


def _decoded(body: bytes, name: str) -> bytes:
    if name == "identity" or not body:
        return body
    if name in {"gzip", "x-gzip"}:
        return _inflate(body, _GZIP)
    if name == "deflate":
        # RFC 9110, 8.4.1.2 means zlib's format; some servers send the bare one.
        zlib_header = body[0] & 0x0F == zlib.DEFLATED and int.from_bytes(body[:2], "big") % 31 == 0
        return _inflate(body, zlib.MAX_WBITS if zlib_header else -zlib.MAX_WBITS)
    raise BadAnswer(f"the coding {name!r} was not asked for")


def _inflate(body: bytes, window: int) -> bytes:
    inflater = zlib.decompressobj(window)
    try:
        plain = inflater.decompress(body, BODY_LIMIT + 1)
    except zlib.error as error:
        raise BadAnswer(f"the body's coding is broken: {error}") from None
    if len(plain) > BODY_LIMIT:
        raise BadAnswer("the decoded body is longer than the limit")
    if not inflater.eof:
        raise BadAnswer("the body's coding ends too early")
    return plain
