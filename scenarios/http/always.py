"""Headers that go with every request of a client, written out once: what marks a request as a test."""

from collections.abc import Mapping


class Always:
    """The headers as they stand in a request, and their names in lower case. No caller can replace them."""

    __slots__ = ("lines", "names")

    def __init__(self, headers: Mapping[str, str]) -> None:
        """Take names and values; ValueError for a line break in one, or what is not ISO-8859-1."""
        self.names = frozenset(name.lower() for name in headers)
        self.lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        self.lines.encode("latin-1")
        if self.lines.count("\r") != len(headers) or self.lines.count("\n") != len(headers):
            raise ValueError("a header's name or value holds a line break")


NOTHING = Always({})
