"""What a client owes the rest: a reply for every request, never an exception, and an honest error class.

error              meaning                                            effect at the shop
connect_refused    nobody listens                                     certainly none (fail)
connect_timeout    no connection within the limit                     certainly none (fail)
dns                the name does not resolve                          certainly none (fail)
no_socket          this machine has no port or descriptor left        certainly none (fail)
tls                the certificate or the handshake was refused       certainly none (fail)
not_allowed        the host is neither this machine nor allowed       certainly none (fail)
timeout            sent, no whole answer within the limit             unknown (info)
given_up           sent, and the shopper stopped waiting              unknown (info)
reset, eof         the connection broke after sending                 unknown (info)
short_body         the answer ended before its declared length        unknown (info)
bad_answer         not HTTP, or larger than the limit                 unknown (info)
redirect_loop      redirects without end                              unknown (info)
led_to_…           sent, but what came next in its step was not       unknown (info)
"""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import msgspec

from rehearsal.model.history import Outcome
from scenarios.http.head import Head

#: Errors after which the request certainly had no effect: it never left this machine.
NOT_SENT = frozenset({"connect_refused", "connect_timeout", "dns", "no_socket", "not_allowed", "tls"})
_SERVER_ERROR = 500


class Reply(msgspec.Struct, frozen=True, kw_only=True):
    """One request's fate. `status` is 0 and `error` set when there was no whole answer.

    `head` is the answer's head as it came, and maybe more; `pairs` and `headers` read it when asked.
    """

    sent_ns: int
    done_ns: int
    status: int = 0
    body: bytes = b""
    head: bytes = b""
    error: str = ""

    @property
    def pairs(self) -> Sequence[tuple[bytes, bytes]]:
        """Return the answer's headers in their order, names in lower case."""
        return Head(self.head)

    @property
    def headers(self) -> dict[str, str]:
        """Return the answer's headers by name in lower case; of those with one name, the last."""
        return {name.decode("latin-1"): value.decode("latin-1") for name, value in self.pairs}

    def json(self) -> dict[str, Any] | None:
        """Return the body as a JSON object, or None if it is anything else."""
        try:
            value = msgspec.json.decode(self.body)
        except msgspec.DecodeError:
            return None
        return value if isinstance(value, dict) else None


class Http(Protocol):
    """The one thing an adapter needs of the network.

    After `give_up_s` an answer is waited for no longer (error `given_up`); None: to the client's own limit.
    """

    give_up_s: float | None

    def request(
        self,
        method: str,
        url: str,
        *,
        json: Any = None,
        data: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Reply:
        """Send one request and return its reply; never raises for what the other side does.

        `json` is encoded; `data` is sent as it is. ValueError for an address that is none.
        """


def transport_outcome(reply: Reply) -> Outcome | None:
    """Return what a reply means when the shop did not answer in its own words; None when it did.

    A 5xx is info: the work may have been done before the error. An adapter whose shop promises
    otherwise for one of its answers says so before asking here.
    """
    if reply.error:
        return Outcome.FAIL if reply.error in NOT_SENT else Outcome.INFO
    return Outcome.INFO if reply.status >= _SERVER_ERROR else None
