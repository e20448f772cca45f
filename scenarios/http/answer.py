"""Reading one answer off a connection: framing by llhttp (httptools), limits by us."""

import httptools

from scenarios.http.head import Head

#: The most that is read of one answer: its head, its body, and the framing of a chunked body.
HEAD_LIMIT = 64 * 1024
BODY_LIMIT = 4 * 1024 * 1024

_CODED = frozenset({b"content-length", b"transfer-encoding"})
_LOWEST, _FINAL = 100, 200


class BadAnswer(Exception):
    """What came is not HTTP/1.x, or is larger than the limits."""


class AnswerReader:
    """Reads answers of one connection, one after another. Methods named `on_…` are httptools' own.

    One parser serves a connection for its whole life: making one costs as much as parsing an answer.
    """

    def __init__(self) -> None:
        self._parser = httptools.HttpResponseParser(self)
        self._head_only = False
        self.begin(head_only=False)

    def begin(self, *, head_only: bool) -> None:
        """Forget the answer before; `head_only` says that the next has no body (RFC 9110, 9.3.2)."""
        self.body = self._raw = b""
        self.done = self.keep_alive = self.spoiled = self._in_body = False
        self.status = self._wire = self._length = 0
        self._parts: list[bytes] | None = None
        self._head_only = head_only

    def feed(self, data: bytes) -> bool:
        """Take what came; tell whether the answer is whole. BadAnswer if it never will be."""
        self._wire += len(data)
        if not self._in_body:
            self._raw = self._raw + data if self._raw else data
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade) as error:
            # The parser takes whatever is raised in a callback for its own error: a Ctrl-C would be lost.
            if error.__context__ is not None and not isinstance(error.__context__, Exception):
                raise error.__context__ from None
            if not self.done:
                raise BadAnswer(str(error)) from None
            self.spoiled = True
        if self._wire <= HEAD_LIMIT and self._length <= BODY_LIMIT:
            return self.done
        if not (self.done or self._in_body):
            raise BadAnswer("the head is longer than the limit")
        if self._length > BODY_LIMIT or self._wire > HEAD_LIMIT + 2 * BODY_LIMIT:
            raise BadAnswer("the body is longer than the limit")
        return self.done

    def finish(self, *, cut: bool = False) -> str:
        """Say what an answer is that ends here because the other side closed: its error, empty if whole.

        Without a length and without chunks the close is the end of the body (RFC 9112, 6.3, rule 8),
        unless it may be `cut`.
        """
        if not self._in_body:
            return "eof"
        if cut or any(name in _CODED for name, _ in Head(self._raw)):
            return "short_body"
        self._end()
        return ""

    def take(self) -> tuple[int, bytes, bytes]:
        """Return status, head (as it came, and maybe more) and body, and keep none of it."""
        taken = self.status, self._raw, self.body
        self._raw = self.body = b""
        return taken

    def on_message_begin(self) -> None:
        """Begin an answer. One that nobody asked for spoils the connection."""
        if self.done:
            self.spoiled = True

    def on_headers_complete(self) -> None:
        """Take the status: from here on is body. BadAnswer (httptools wraps it) if it is no status."""
        if self.done:
            return
        self.status = self._parser.get_status_code()
        if self.status < _LOWEST:
            raise BadAnswer("a status has three digits, the first from 1 on")
        self._in_body = self.status >= _FINAL
        if self._head_only and self._in_body:
            self._end()
            # The parser still waits for a body that a HEAD does not get.
            self.spoiled = True

    def on_body(self, body: bytes) -> None:
        """Take a piece of the body."""
        self._length += len(body)
        if self.done or self._length > BODY_LIMIT:
            return
        if not self.body:
            # Most bodies come in one piece.
            self.body = body
        elif self._parts is None:
            self._parts = [self.body, body]
        else:
            self._parts.append(body)

    def on_message_complete(self) -> None:
        """End the answer, unless it is an interim one (100, 103), which comes before it."""
        if self._in_body and not self.done:
            # Asked for here because the parser forgets it once the message is over.
            self.keep_alive = self._parser.should_keep_alive()
            self._end()

    def _end(self) -> None:
        self.done = True
        if self._parts is not None:
            self.body = b"".join(self._parts)
            self._parts = None
