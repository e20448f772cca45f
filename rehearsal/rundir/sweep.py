"""The net under all masks: every file of a run is searched for secrets, and what is found is masked.

In JSON only what stands inside a string counts: a number that happens to be a secret is none, and masking it
would leave no JSON. A file with a zero byte in it is no text; what is found there cannot be masked.
"""

import re
from collections.abc import Iterator
from pathlib import Path

import msgspec

from rehearsal.model.needles import Needles, Span
from rehearsal.model.secrets import MASK
from rehearsal.rundir import folder
from rehearsal.rundir.ndjson import BLOCK

#: Written anew from the others after the search.
_DERIVED = frozenset({folder.HISTORY, folder.HISTOGRAMS})
_JSON = frozenset({".json", ".ndjson"})
_MASK = MASK.encode()
_MARKS = re.compile(rb'\\.|"', re.DOTALL)


class Swept(msgspec.Struct, frozen=True, kw_only=True):
    """What a search came to: files searched, and hits by file, masked in time or left where they are.

    `unread` says which secrets could not be searched for, and why; "" if all could be.
    """

    files: int = 0
    masked: dict[str, int] = {}
    left: dict[str, int] = {}
    unread: str = ""


def sweep(run: Path, needles: Needles) -> Swept:
    """Mask what is found in the files of a run and return what was."""
    files, masked, left = 0, dict[str, int](), dict[str, int]()
    for path in sorted(run.rglob("*")):
        if path.is_symlink() or not path.is_file() or path.name in _DERIVED:
            continue
        files += 1
        if not (hits := count_in(path, needles)):
            continue
        name = str(path.relative_to(run))
        if is_text(path):
            mask_in(path, needles)
            masked[name] = hits
        else:
            left[name] = hits
    return Swept(files=files, masked=masked, left=left)


def count_in(path: Path, needles: Needles) -> int:
    """Return how many secrets a file holds."""
    is_json = path.suffix in _JSON
    return sum(len(spans_in(block, needles, is_json=is_json)) for block in _blocks(path))


def mask_in(path: Path, needles: Needles) -> None:
    """Mask what is found in a file: a reader sees the old content or the new, never a part."""
    is_json = path.suffix in _JSON
    draft = path.with_name(f".{path.name}.swept")
    draft.touch(mode=path.stat().st_mode & 0o777)
    with draft.open("wb") as file:
        for block in _blocks(path):
            file.write(masked(block, spans_in(block, needles, is_json=is_json)))
    draft.replace(path)


def is_text(path: Path) -> bool:
    """Tell whether a file has no zero byte."""
    return not any(b"\0" in block for block in _blocks(path))


def masked(text: bytes, spans: list[Span]) -> bytes:
    """Return a text with its spans masked."""
    parts, end = list[bytes](), 0
    for start, stop in spans:
        parts += [text[end:start], _MASK]
        end = stop
    return b"".join([*parts, text[end:]])


def spans_in(text: bytes, needles: Needles, *, is_json: bool) -> list[Span]:
    """Return where secrets stand in some whole lines; in JSON, only inside strings."""
    found = needles.find(text)
    return [span for span in found if _in_string(text, span[0])] if is_json else found


def _in_string(text: bytes, place: int) -> bool:
    """Tell whether a place is inside a string: JSON has no line breaks in one (RFC 8259, 7)."""
    line = text[text.rfind(b"\n", 0, place) + 1 : place]
    quotes: int = _MARKS.findall(line).count(b'"')
    return quotes % 2 == 1


def _blocks(path: Path) -> Iterator[bytes]:
    """Yield a file in blocks of whole lines; a last line without an end is one too."""
    rest = b""
    with path.open("rb") as file:
        while part := file.read(BLOCK):
            whole = rest + part
            cut = whole.rfind(b"\n") + 1
            rest = whole[cut:]
            if cut:
                yield whole[:cut]
    if rest:
        yield rest
