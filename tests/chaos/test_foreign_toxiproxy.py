from contextlib import nullcontext
from typing import Any
from unittest.mock import MagicMock

import pytest

from chaos.foreign_toxiproxy import ForeignToxiproxy
from chaos.lease_file import Place
from chaos.toxics import answers_lost
from rehearsal.model.errors import RehearsalError, Unreachable

PLACE = Place(listen="127.0.0.1:1", upstream="127.0.0.1:2")


def both() -> MagicMock:
    """Return a server and a book whose calls are noted in one list."""
    pair = MagicMock()
    pair.server.url = "http://tp"
    pair.server.state.return_value.configure_mock(listen=PLACE.listen, upstream=PLACE.upstream)
    return pair


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
    pair = both()
    getattr(ForeignToxiproxy(pair.server, pair.book), call)(*arguments)

    assert [name for name, _, _ in pair.mock_calls] == ["server.state", "book.touch", f"server.{call}"]
    assert pair.book.touch.call_args.args == ("http://tp", "edge", PLACE)


def test_healing_is_theirs_as_well() -> None:
    """In the order that is safe; it is owed no longer, and noted anew if it is broken again."""
    pair = both()
    theirs = ForeignToxiproxy(pair.server, pair.book)
    theirs.heal("edge")
    for _ in range(2):
        theirs.disable("edge")
        theirs.heal("edge")
    called = [name for name, _, _ in pair.mock_calls]

    turn = ["server.state", "book.touch", "server.disable", "server.heal", "book.untouch"]
    assert called == ["server.heal", *turn, *turn]
    assert [call.args for call in pair.server.heal.call_args_list] == [
        ("edge", None),
        ("edge", PLACE),
        ("edge", PLACE),
    ]


def test_a_healing_that_fails_stays_in_the_book() -> None:
    """It is owed until it has gone well."""
    pair = both()
    theirs = ForeignToxiproxy(pair.server, pair.book)
    theirs.disable("edge")
    pair.server.heal.side_effect = RehearsalError("busy")

    with pytest.raises(RehearsalError, match="busy"):
        theirs.heal("edge")
    assert not pair.book.untouch.called


@pytest.mark.parametrize("gone", [True, False])
def test_a_server_that_has_ended_owes_nothing(*, gone: bool) -> None:
    """Its listeners ended with it; one that is only silent is still to be healed."""
    pair = both()
    theirs = ForeignToxiproxy(pair.server, pair.book, gone=lambda: gone)
    theirs.disable("edge")
    pair.server.heal.side_effect = Unreachable("silent")
    with nullcontext() if gone else pytest.raises(Unreachable, match="silent"):
        theirs.heal("edge")

    assert pair.book.untouch.called is gone
