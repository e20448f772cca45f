import html
import json
import re
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Callable
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rehearsal.model.secrets import MASK, Secrets, masker, too_common
from rehearsal.model.spellings import spellings

ODD = 'p ä"&/+\n~x'
WRITERS: list[tuple[str, Callable[[str], str]]] = [
    ("as it is", str),
    ("in an address", quote),
    ("in an address, slashes too", lambda text: quote(text, safe="")),
    ("in an address, by a browser", lambda text: quote(text, safe="!'()*")),
    ("in an address, small letters", lambda text: quote(text, safe="").lower()),
    ("in a form", quote_plus),
    ("in JSON", json.dumps),
    ("in JSON, not only ASCII", lambda text: json.dumps(text, ensure_ascii=False)),
    ("in JSON inside JSON", lambda text: json.dumps(json.dumps(text))),
    ("in Python's own words", repr),
    ("in Python's own words, as bytes", lambda text: repr(text.encode())[1:]),
    ("unquoted, by a shell", lambda text: " ".join(text.split())),
    ("in a page", html.escape),
    ("in a page's text", lambda text: html.escape(text, quote=False)),
    (
        "in a page, by Go",
        lambda text: html.escape(text).replace("&#x27;", "&#39;").replace("&quot;", "&#34;"),
    ),
    ("in an address within an address", lambda text: quote(quote(text, safe=""), safe="")),
    ("in a form's address within an address", lambda text: quote(quote_plus(text), safe="")),
    ("in hex", lambda text: text.encode().hex()),
    ("in hex, capitals", lambda text: text.encode().hex().upper()),
    ("in JSON by PHP", lambda text: json.dumps(text).replace("/", r"\/")),
    ("in JSON by Go", lambda text: json.dumps(text, ensure_ascii=False).replace("&", r"\u0026")),
    ("in JSON for pages", lambda text: json.dumps(text).replace("&", r"\u0026").replace("+", r"\u002B")),
]
TEXTS = st.text(st.characters(codec="utf-8"), min_size=6, max_size=30)


@pytest.mark.parametrize("write", [row[1] for row in WRITERS], ids=[row[0] for row in WRITERS])
def test_a_secret_is_masked_however_it_is_written(write: Callable[[str], str]) -> None:
    """What writes a text into a log, an address or a page does not hide it from the mask."""
    masked = masker([ODD])(f"before {write(ODD)} after")

    assert re.fullmatch(r"""before ["'\\]*\*\*\*["'\\]* after""", masked)


@given(secret=TEXTS, before=st.binary(max_size=7), after=st.binary(max_size=7), is_url=st.booleans())
def test_a_secret_inside_base64_is_masked(secret: str, before: bytes, after: bytes, is_url: bool) -> None:
    """Wherever in the encoded bytes it begins: what is left of it are a few bits at its ends."""
    encode = urlsafe_b64encode if is_url else b64encode
    written = encode(before + secret.encode() + after).decode()

    assert MASK in masker([secret])(written)


@given(secret=TEXTS)
def test_a_mask_leaves_nothing_to_mask(secret: str) -> None:
    """Masked once, a text in any spelling has no secret any more, and masking again changes nothing."""
    mask = masker([secret])
    said = mask(" ".join(sorted(spellings(secret))))

    assert said == mask(said)
    assert not any(word in said for word in spellings(secret) if word not in MASK)


def test_the_longest_is_masked_first() -> None:
    """Of two secrets, one the beginning of the other, no tail stays."""
    assert masker(["geheim", "geheimnis"])("geheimnis geheim") == f"{MASK} {MASK}"


def test_what_is_too_short_to_tell_is_left() -> None:
    """Five letters are in other words."""
    assert masker(["abcde"])("abcdef") == "abcdef"


def test_white_space_alone_hides_no_text() -> None:
    """What is left of it in one line is in other words."""
    assert masker(["a \n\n\n b"])("a b") == "a b"


def test_short_numbers_are_too_common() -> None:
    """An instant or an order's number could be any of them; twelve digits are enough, and so is a letter."""
    assert [too_common(value) for value in ("123456", "12345678901", "123456789012", "12345a")] == [
        True,
        True,
        False,
        False,
    ]


def test_secrets_do_not_show_themselves() -> None:
    """Their names do."""
    assert repr(Secrets({"key": "geheim"})) == "Secrets(key)"
