"""What every client of the load is held to, whoever wrote it."""

import ssl
from collections.abc import Mapping

import msgspec

from scenarios.http.tls import context_of


class Bounds(msgspec.Struct, frozen=True, kw_only=True):
    """Limits and marks of a client.

    `allow` names the hosts besides this machine that it may speak to, `ca_file` (PEM) whom it trusts for
    https instead of this machine's own; `headers` go with every request. A connection may take
    `connect_timeout_s`, a request with its answer `timeout_s`.
    """

    allow: tuple[str, ...] = ()
    ca_file: str = ""
    headers: Mapping[str, str] = {}
    connect_timeout_s: float = 1.0
    timeout_s: float = 5.0

    @property
    def tls(self) -> ssl.SSLContext:
        """Return settings for https; they are shared, for a client of its own would take 20 ms to make them.

        OSError if `ca_file` cannot be read, ssl.SSLError if it holds no certificate.
        """
        return context_of(self.ca_file or True)
