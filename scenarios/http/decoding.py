"""Content codings (RFC 9110, section 8.4): gzip and deflate, never beyond the limit."""

import zlib

from scenarios.http.answer import BODY_LIMIT, BadAnswer

_GZIP = 16 + zlib.MAX_WBITS
_MAGIC = b"\x1f\x8b"
#: Codings upon codings: a body that decodes to itself exists, so their number has to have a limit.
_LAYERS = 3


def decode(body: bytes, coding: str) -> bytes:
    """Return a body as it was before its coding; BadAnswer if it is broken, too large, or coded otherwise.

    `coding` is the value of Content-Encoding; of several such headers, all joined with commas.
    """
    names = [name.strip().lower() for name in coding.split(",") if name.strip()]
    if len(names) > _LAYERS:
        raise BadAnswer("the body is coded more often than anyone would")
    for name in reversed(names):
        body = _decoded(body, name)
    return body


def _decoded(body: bytes, name: str) -> bytes:
    if name == "identity" or not body:
        return body
    if name in {"gzip", "x-gzip"}:
        return _members(body)
    if name == "deflate":
        # RFC 9110, 8.4.1.2 means zlib's format; some servers send the bare one.
        zlib_header = body[0] & 0x0F == zlib.DEFLATED and int.from_bytes(body[:2], "big") % 31 == 0
        return _inflate(body, zlib.MAX_WBITS if zlib_header else -zlib.MAX_WBITS, BODY_LIMIT)[0]
    raise BadAnswer(f"the coding {name!r} was not asked for")


def _members(body: bytes) -> bytes:
    """Return all members of a gzip body (RFC 1952, 2.2) as one; padding after them is passed over."""
    plain, rest = _inflate(body, _GZIP, BODY_LIMIT)
    while rest.startswith(_MAGIC):
        more, rest = _inflate(rest, _GZIP, BODY_LIMIT - len(plain))
        plain += more
    return plain


def _inflate(body: bytes, window: int, limit: int) -> tuple[bytes, bytes]:
    """Return what comes out, and what is left over after its end."""
    inflater = zlib.decompressobj(window)
    try:
        plain = inflater.decompress(body, limit + 1)
    except zlib.error as error:
        raise BadAnswer(f"the body's coding is broken: {error}") from None
    if len(plain) > limit:
        raise BadAnswer("the decoded body is longer than the limit")
    if not inflater.eof:
        raise BadAnswer("the body's coding ends too early")
    return plain, inflater.unused_data
