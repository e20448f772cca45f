"""The ways in which a text may stand in a log, an address, a header or a page.

Not among them, and so found by nobody: what was hashed, encrypted or compressed; a text in parts, or with
every letter written as a number (as in `&#103;`); base64 broken into lines, or of base64, or of UTF-16;
base32 and quoted-printable; percent-encoding three times over.
"""

import html
import json
import string
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Iterator
from urllib.parse import quote, quote_plus

_BITS_OF_BYTE, _BITS_OF_LETTER = 8, 6
#: A shorter piece of base64 stands in other text by chance.
_SHORTEST_PIECE = 7
#: With fewer letters left, little else than white space is secret.
_SHORTEST_FLAT = 6
#: What JSON meant for pages has as numbers: in Go and Ruby; in .NET, Java (Gson) and Django.
_FOR_PAGES = ("<>&", "<>&'+=", "<>&'", "<>&='")
_UNCHANGED = frozenset(string.ascii_letters + string.digits + "-_.~")
#: What encodeURIComponent leaves as it is (ECMA-262, 19.2.6.4).
_LEFT_BY_BROWSERS = "!'()*"


def spellings(value: str) -> frozenset[str]:
    """Return a text as it is, percent-encoded, in JSON, HTML and hex, in base64 also as a part of more."""
    content = value.encode("utf-8", "surrogatepass")
    found = {*_base64(content), content.hex(), content.hex().upper()}
    if _UNCHANGED.issuperset(value):
        return frozenset({value, *found})
    printable = value.encode("utf-8", "surrogatepass").decode("utf-8", "replace")
    return frozenset({value, *found, *_percent(printable), *_quoted(value), *_html(value)} - {""})


def _percent(value: str) -> Iterator[str]:
    for word in (
        quote(value),
        quote(value, safe=""),
        quote(value, safe=_LEFT_BY_BROWSERS),
        quote_plus(value),
    ):
        yield word
        yield _with_small_hex(word)
        # An address inside an address, as a redirect's `next=` has it.
        yield quote(word, safe="")


def _with_small_hex(word: str) -> str:
    head, *others = word.split("%")
    return "%".join([head, *(part[:2].lower() + part[2:] for part in others)])


def _quoted(value: str) -> Iterator[str]:
    """Yield a text as JSON has it, as JSON inside JSON has it, and as Python shows it."""
    for ascii_only in (True, False):
        once = json.dumps(value, ensure_ascii=ascii_only)[1:-1]
        yield once
        yield json.dumps(once, ensure_ascii=ascii_only)[1:-1]
        yield once.replace("/", r"\/")  # PHP
        for letters in _FOR_PAGES:
            yield once.translate({ord(letter): f"\\u{ord(letter):04x}" for letter in letters})
            yield once.translate({ord(letter): f"\\u{ord(letter):04X}" for letter in letters})
    yield repr(value)[1:-1]
    yield repr(value.encode("utf-8", "surrogatepass"))[2:-1]
    # A shell puts the lines of what it is not told to quote into one.
    if len(flat := " ".join(value.split())) >= _SHORTEST_FLAT:
        yield flat


def _html(value: str) -> Iterator[str]:
    yield html.escape(value)
    yield html.escape(value, quote=False)
    for_go = html.escape(value).replace("&#x27;", "&#39;")
    yield for_go
    yield for_go.replace("&quot;", "&#34;")


def _base64(content: bytes) -> Iterator[str]:
    """Yield the letters that a text always has in base64 (RFC 4648), wherever in the encoded it begins.

    Three bytes make four letters, so there are three places to begin (as YARA's modifier base64 has it);
    letters that also depend on what stands before or behind are left out.
    """
    for before in range(3):
        first = -(-before * _BITS_OF_BYTE // _BITS_OF_LETTER)
        last = (before + len(content)) * _BITS_OF_BYTE // _BITS_OF_LETTER
        if last - first >= _SHORTEST_PIECE:
            padded = b"\0" * before + content
            yield b64encode(padded)[first:last].decode()
            yield urlsafe_b64encode(padded)[first:last].decode()
