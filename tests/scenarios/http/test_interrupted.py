"""Ctrl-C may come at any instant, also while the parser has called back."""

import pytest

from scenarios.http.answer import AnswerReader

WHOLE = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


@pytest.mark.parametrize("callback", ["on_headers_complete", "on_body", "on_message_complete"])
def test_an_interrupt_in_a_callback_is_no_bad_answer(callback: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """It goes on to whoever waits for it, as if the parser were not between."""

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(AnswerReader, callback, interrupted)
    reader = AnswerReader()
    reader.begin(head_only=False)

    with pytest.raises(KeyboardInterrupt):
        reader.feed(WHOLE)
