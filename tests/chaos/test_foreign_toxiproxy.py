from typing import Any
from unittest.mock import MagicMock

import pytest

from chaos.foreign_toxiproxy import ForeignToxiproxy
from chaos.toxics import answers_lost


@pytest.mark.parametrize(
    ("call", "arguments"),
    [
        ("disable", ("edge",)),
        ("enable", ("edge",)),
        ("add_toxic", ("edge", answers_lost())),
        ("change_toxic", ("edge", answers_lost())),
    ],
)
def test_what_is_touched_stands_in_the_book_first(call: str, arguments: tuple[Any, ...]) -> None:
    """Whatever becomes of this process, the listener will be healed."""
    both = MagicMock()
    both.server.url = "http://tp"
    getattr(ForeignToxiproxy(both.server, both.book), call)(*arguments)

    assert [name for name, _, _ in both.mock_calls] == ["book.touch", f"server.{call}"]
    assert both.mock_calls[0].args == ("http://tp", "edge")


def test_healing_is_theirs_as_well() -> None:
    """In the order that is safe, and nothing is noted for it."""
    both = MagicMock()
    ForeignToxiproxy(both.server, both.book).heal("edge")

    assert [name for name, _, _ in both.mock_calls] == ["server.heal"]
