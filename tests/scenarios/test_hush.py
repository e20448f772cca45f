import io
import logging
import sys

import msgspec
import pytest

from rehearsal.model.history import Kind, Row
from rehearsal.model.secrets import NO_SECRETS, Masker, Secrets, masker
from scenarios.hush import HushedStream, hush, hush_streams, hushed

MASK = masker(["geheimnis"])


@pytest.mark.parametrize("name", ["region", "error", "sku", "order_id", "payment_id", "channel", "note", "f"])
def test_what_a_shop_words_is_masked(name: str) -> None:
    """In whichever column a shop's or an adapter's words end."""
    plain = Row(kind=Kind.OP, f="product", visit=3)
    row = hushed(msgspec.structs.replace(plain, **{name: "a geheimnis b"}), MASK)

    assert row == msgspec.structs.replace(plain, **{name: "a *** b"})


def test_a_row_without_secrets_is_the_same() -> None:
    """Not a copy of it: rows come by the thousand a second."""
    row = Row(kind=Kind.OP, f="product", error="sold_out", note="refresh")

    assert hushed(row, MASK) is row


def test_what_is_printed_and_logged_is_masked(monkeypatch: pytest.MonkeyPatch) -> None:
    """On both streams, by handlers that had been there before, and in tracebacks."""
    out, log = io.StringIO(), io.StringIO()
    logger = logging.getLogger("tests.hush")
    handler = logging.StreamHandler(log)
    monkeypatch.setattr(logger, "handlers", [handler])
    monkeypatch.setattr(logger, "propagate", False)
    monkeypatch.setattr(logging.getLogger(), "handlers", [])
    monkeypatch.setattr(logging.Logger.manager, "loggerDict", {"tests.hush": logger})
    monkeypatch.setattr(sys, "stdout", out)
    monkeypatch.setattr(sys, "stderr", out)
    hush_streams(MASK)
    hush_streams(MASK)
    sys.stdout.write("the geheimnis\n")
    sys.stderr.writelines(["geheimnis\n", "open\n"])
    try:
        int("geheimnis")
    except ValueError:
        logger.exception("in %s", "geheimnis")

    assert out.getvalue() == "the ***\n***\nopen\n"
    assert "geheimnis" not in log.getvalue()
    assert (log.getvalue()[:7], "int() with base 10: '***'" in log.getvalue()) == ("in ***\n", True)


def test_without_secrets_streams_stay_as_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    """With some, what masks them is given, and is at work."""
    masks: list[Masker] = []
    monkeypatch.setattr("scenarios.hush.hush_streams", masks.append)
    none, some = hush(NO_SECRETS), hush(Secrets({"key": "geheimnis"}))

    assert (none, masks) == (None, [some])
    assert masks[0]("a geheimnis") == "a ***"


def test_a_hushed_stream_is_otherwise_the_stream() -> None:
    """Who writes to it learns how much was written of what was said."""
    stream = HushedStream(io.StringIO(), MASK)

    assert (stream.write("geheimnis"), stream.isatty(), stream.getvalue()) == (9, False, "***")
