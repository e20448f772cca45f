"""Keeps secrets out of what a load process writes: rows, notes, and its log."""

import logging
import sys
from collections.abc import Iterable
from typing import Any, TextIO, cast

import msgspec

from rehearsal.model.history import Row
from rehearsal.model.secrets import Masker, Secrets, masker

#: What of a row a shop or an adapter may have worded.
_TEXTS = ("f", "region", "error", "sku", "order_id", "payment_id", "channel", "note")


def hushed(row: Row, mask: Masker) -> Row:
    """Return a row without secrets; the same one if it has none."""
    said = "\n".join(getattr(row, name) for name in _TEXTS)
    if mask(said) == said:
        return row
    return msgspec.structs.replace(row, **{name: mask(getattr(row, name)) for name in _TEXTS})


class HushedStream:
    """A stream of text that masks what is written to it, and is otherwise the one it was made from."""

    def __init__(self, stream: TextIO, mask: Masker) -> None:
        """Take the stream and the mask."""
        self._stream = stream
        self._mask = mask

    def write(self, text: str) -> int:
        """Write a text without its secrets."""
        self._stream.write(self._mask(text))
        return len(text)

    def writelines(self, lines: Iterable[str]) -> None:
        """Write texts without their secrets."""
        for line in lines:
            self.write(line)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


def hush(secrets: Secrets) -> Masker | None:
    """Mask secrets in what this process prints from now on; return what masks them, None without any."""
    if not secrets:
        return None
    mask = masker(secrets.values())
    hush_streams(mask)
    return mask


def hush_streams(mask: Masker) -> None:
    """Mask what this process prints and logs from now on."""
    sys.stdout = _hushed(sys.stdout, mask)
    sys.stderr = _hushed(sys.stderr, mask)
    known = [logging.getLogger(), *logging.Logger.manager.loggerDict.values()]
    loggers = [logger for logger in known if isinstance(logger, logging.Logger)]
    for handler in {handler for logger in loggers for handler in logger.handlers}:
        if isinstance(handler, logging.StreamHandler) and not isinstance(handler.stream, HushedStream):
            handler.setStream(_hushed(handler.stream, mask))


def _hushed(stream: TextIO, mask: Masker) -> TextIO:
    return cast("TextIO", HushedStream(stream, mask))
