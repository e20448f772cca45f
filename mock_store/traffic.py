"""How much goes into a region and out of it: counted at its door, as HTTP/1.1 puts it on the wire."""

from collections.abc import Iterable

from starlette.types import ASGIApp, Message, Receive, Scope, Send

#: What is around method and target, and around status and headers, the empty line at the end included.
_ASKED, _ANSWERED = len("  HTTP/1.1\r\n\r\n"), len("HTTP/1.1 200 \r\n\r\n")
_FIELD = len(": \r\n")


class Traffic:
    """Counts since the start. What the server itself adds to an answer's head is not known here."""

    def __init__(self) -> None:
        """Have seen nothing yet."""
        self.in_flight = 0
        self.received = 0
        self.sent = 0

    async def through(self, app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
        """Let an application serve a request, and count it."""

        async def receiving() -> Message:
            message = await receive()
            self.received += len(message.get("body", b""))
            return message

        async def sending(message: Message) -> None:
            self.sent += len(message.get("body", b""))
            if message["type"] == "http.response.start":
                self.sent += _ANSWERED + _size(message.get("headers", ()))
            await send(message)

        target = len(scope["path"].encode()) + len(scope["query_string"]) + bool(scope["query_string"])
        self.received += len(scope["method"]) + target + _ASKED + _size(scope["headers"])
        self.in_flight += 1
        try:
            await app(scope, receiving, sending)
        finally:
            self.in_flight -= 1


def _size(headers: Iterable[tuple[bytes, bytes]]) -> int:
    return sum(len(name) + len(value) + _FIELD for name, value in headers)
