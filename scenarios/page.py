"""One answer as an adapter reads it: a JSON body by paths, an HTML page by its form fields and patterns."""

import html
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import msgspec

from scenarios.reply import Reply

_INPUT = re.compile(r"<input\b[^>]*>", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"""([\w-]+)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""")
_UNCHECKED = frozenset({"checkbox", "radio"})
_UNREAD = object()
_BUTTONS = frozenset({"submit", "button", "image", "reset", "file"})


class Page:
    """What a request came to after its redirects. `url` is the address that answered, `asked` the first.

    `reply` covers the whole step so far: it was sent when the step's first request was. `method` is the last
    request's. `acts` are the step's requests before that one that may have done something at the shop: of
    each the address that it led to, "" if it was answered by a page of its own.
    """

    __slots__ = ("_value", "acts", "asked", "method", "reply", "url")

    def __init__(
        self, reply: Reply, url: str, asked: str = "", *, method: str = "GET", acts: tuple[str, ...] = ()
    ) -> None:
        """Take the last reply, its address, and the first."""
        self.reply = reply
        self.url = url
        self.asked = asked
        self.method = method
        self.acts = acts
        self._value: Any = _UNREAD

    @property
    def status(self) -> int:
        """Return the status, 0 without an answer."""
        return self.reply.status

    def has_acted(self, login: str) -> bool:
        """Tell whether the step may have done something before its last request.

        What led to a page of the `login` (a part of its path) did nothing: its shopper was not known.
        """
        return any(not login or login not in urlsplit(led).path for led in self.acts)

    @property
    def text(self) -> str:
        """Return the body as UTF-8 text; misfits are replaced."""
        return self.reply.body.decode("utf-8", "replace")

    @property
    def is_html(self) -> bool:
        """Tell whether the body is an HTML page, whatever its type says."""
        return self.reply.body.lstrip()[:1] == b"<"

    def json(self) -> Any:
        """Return the body's JSON value, None if it is none. Read once, for it is asked often."""
        if self._value is _UNREAD:
            try:
                self._value = msgspec.json.decode(self.reply.body)
            except msgspec.DecodeError:
                self._value = None
        return self._value

    def at(self, path: str, default: Any = None) -> Any:
        """Return what stands at a path of keys and positions ("data.order.lines.0.sku") in the JSON body."""
        value = self.json()
        for part in path.split(".") if path else ():
            if isinstance(value, dict):
                value = value.get(part)
            elif isinstance(value, list) and part.isdecimal() and int(part) < len(value):
                value = value[int(part)]
            else:
                return default
        return default if value is None else value

    def find(self, pattern: str) -> str:
        """Return the first group of a pattern's first match in the text (the whole if it has none), or ""."""
        found = re.search(pattern, self.text)
        return "" if found is None else html.unescape(found[found.re.groups and 1] or "")

    def fields(self) -> dict[str, str]:
        """Return the fields that the page's forms would send as they stand: a CSRF token is one of them."""
        return dict(_fields(self.text))

    def field(self, name: str) -> str:
        """Return one field's value, "" if the page has none."""
        return next((value for found, value in _fields(self.text) if found == name), "")


def _fields(text: str) -> Iterator[tuple[str, str]]:
    for tag in _INPUT.findall(text):
        said = {
            name.lower(): html.unescape(quoted or single or bare)
            for name, quoted, single, bare in _ATTRIBUTE.findall(tag)
        }
        kind = said.get("type", "text").lower()
        left_out = kind in _BUTTONS or (kind in _UNCHECKED and not re.search(r"\bchecked\b", tag))
        if "name" in said and not left_out:
            yield said["name"], said.get("value", "on" if kind in _UNCHECKED else "")
