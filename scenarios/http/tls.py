"""TLS over buffers: the connection moves bytes, this turns them into plain ones and back."""

import ssl
from contextlib import suppress
from functools import lru_cache

_CHUNK = 65536


class Tls:
    """One side of a TLS connection (RFC 8446), kept in memory; nothing here touches the network."""

    def __init__(self, context: ssl.SSLContext, host: str) -> None:
        self._incoming = ssl.MemoryBIO()
        self._outgoing = ssl.MemoryBIO()
        self._session = context.wrap_bio(self._incoming, self._outgoing, server_hostname=host)
        self.ended = False

    def greet(self, wire: bytes) -> tuple[bytes, bool]:
        """Go on with the handshake; return what to send and whether it is done. ssl.SSLError if refused."""
        self._incoming.write(wire)
        try:
            self._session.do_handshake()
        except ssl.SSLWantReadError:
            return self._outgoing.read(), False
        return self._outgoing.read(), True

    def seal(self, plain: bytes) -> bytes:
        """Return what goes over the wire for `plain`, and what TLS has to say for itself."""
        self._session.write(plain)
        return self._outgoing.read()

    def open(self, wire: bytes) -> bytes:
        """Return what `wire` says; empty if more must come, or nothing does (`ended`).

        ssl.SSLError if it is broken.
        """
        self._incoming.write(wire)
        plain: list[bytes] = []
        with suppress(ssl.SSLWantReadError):
            while part := self._session.read(_CHUNK):
                plain.append(part)
            self.ended = True
        return b"".join(plain)


@lru_cache(maxsize=8)
def context_of(verify: bool | str) -> ssl.SSLContext:  # noqa: FBT001 - as in requests and httpx
    """Return a client's settings: True checks certificates, a path names the CAs to trust, False checks none.

    OSError if the file of CAs cannot be read, ssl.SSLError if it holds none.
    """
    context = ssl.create_default_context(cafile=verify if isinstance(verify, str) else None)
    # Some servers speak HTTP/2 to whoever does not say what they want (RFC 7301).
    context.set_alpn_protocols(["http/1.1"])
    if verify is False:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context
