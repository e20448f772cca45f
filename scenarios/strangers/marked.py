"""Marks requests of a stranger's user classes as a test's, as far as their clients can be told to.

Ours and FastHttpUser have `default_headers`; HttpUser's session has headers of its own. What a file sends by
clients that it makes itself is not marked.
"""

from collections.abc import Mapping, MutableMapping
from typing import Any

from locust import User


def mark(user: type[User], headers: Mapping[str, str]) -> None:
    """Let every request of a class's client have these headers."""
    marked: Any = user
    if hasattr(user, "default_headers"):
        marked.default_headers = {**(marked.default_headers or {}), **headers}
        return
    made = marked.__init__

    def make(self: Any, *given: Any, **named: Any) -> None:
        made(self, *given, **named)
        held = getattr(getattr(self, "client", None), "headers", None)
        if isinstance(held, MutableMapping):
            held.update(headers)

    marked.__init__ = make
