"""An answer's headers, read only if somebody asks: most load never does."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from functools import lru_cache
from typing import overload

import httptools

_FINAL = 200
_END = b"\r\n\r\n"
#: Headers that ask the client itself for something.
_TELLING = (b"set-cookie", b"content-encoding")

Pair = tuple[bytes, bytes]


class Head(Sequence[Pair]):
    """Name and value pairs in their order, names in lower case; `raw` holds the head and maybe more."""

    __slots__ = ("_pairs", "_raw")

    def __init__(self, raw: bytes) -> None:
        self._raw = raw
        self._pairs: list[Pair] | None = None

    @overload
    def __getitem__(self, index: int) -> Pair: ...
    @overload
    def __getitem__(self, index: slice) -> list[Pair]: ...
    def __getitem__(self, index: int | slice) -> Pair | list[Pair]:
        return self._read()[index]

    def __len__(self) -> int:
        return len(self._read())

    def __iter__(self) -> Iterator[Pair]:
        return iter(self._read())

    def _read(self) -> list[Pair]:
        if self._pairs is None:
            self._pairs = _Collector(self._raw).pairs
            self._raw = b""
        return self._pairs


def tells(raw: bytes) -> bool:
    """Tell whether a header may be there that the client has to act on; `raw` begins with the head."""
    return _tells(raw[: raw.find(_END)])


@lru_cache(maxsize=256)
def _tells(head: bytes) -> bool:
    # Under load heads differ by length and second alone, and searching one costs a tenth of a request.
    lower = head.lower()
    return any(lower.find(name) >= 0 for name in _TELLING)


class _Collector:
    """Reads a head by the same parser that framed it. Methods named `on_…` are httptools' own."""

    def __init__(self, raw: bytes) -> None:
        self.pairs: list[Pair] = []
        self._over = False
        self._parser = httptools.HttpResponseParser(self)
        # What comes after the head may be cut or bent; that has been judged already.
        with suppress(httptools.HttpParserError, httptools.HttpParserUpgrade):
            self._parser.feed_data(raw)

    def on_message_begin(self) -> None:
        """Forget an interim answer's headers."""
        if not self._over:
            self.pairs = []

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a header. Those after a body (trailers) are no headers (RFC 9110, 6.5.1)."""
        if not self._over:
            self.pairs.append((name.lower(), value))

    def on_headers_complete(self) -> None:
        """Take no more after the final answer's head."""
        self._over = self._over or self._parser.get_status_code() >= _FINAL
