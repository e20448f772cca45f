"""Very many byte strings to be found in others, at once.

The first six bytes of each are hashed into a table of bits, as a Bloom filter with one hash does it; only
where a text's bytes hit it are they looked up as they are. So a text costs the same whether one string is
wanted or a million, and a hit is never a guess.
"""

import math
from collections.abc import Iterable

import numpy as np

#: A needle has at least so many bytes.
HEAD = 6
#: Positions looked at in one go, so that what is held beside the text stays small.
_BLOCK = 1 << 20
_WORD = 8
_MASK = np.uint64((1 << (HEAD * 8)) - 1)
#: Fibonacci hashing: the odd number nearest to 2**64 divided by the golden ratio (Knuth, TAOCP 3, 6.4).
_GOLDEN = np.uint64(11400714819323198485)
_WORD_BITS = 64
#: Bits of the table: at least 2 ** 5 for each needle, within these.
_FEWEST_BITS, _MOST_BITS = 12, 24

Span = tuple[int, int]


class Needles:
    """Finds byte strings. They must have at least six bytes; shorter ones are a ValueError."""

    def __init__(self, values: Iterable[bytes]) -> None:
        """Take what is to be found."""
        needles = set(values)
        if any(len(needle) < HEAD for needle in needles):
            raise ValueError(f"a needle has fewer than {HEAD} bytes")
        self._by_length: dict[int, set[bytes]] = {}
        for needle in needles:
            self._by_length.setdefault(len(needle), set()).add(needle)
        self._lengths = sorted(self._by_length, reverse=True)
        heads = np.frombuffer(b"".join(needle[:HEAD] + b"\0\0" for needle in needles), "<u8")
        self._heads = np.unique(heads)
        bits = math.ceil(math.log2(len(needles) + 1)) + 5
        self._shift = np.uint64(_WORD_BITS - min(max(bits, _FEWEST_BITS), _MOST_BITS))
        self._table = np.zeros(1 << (_WORD_BITS - int(self._shift)), np.bool_)
        self._table[self._hash(self._heads)] = True

    def __bool__(self) -> bool:
        return bool(self._lengths)

    def find(self, text: bytes) -> list[Span]:
        """Return where needles stand, from the left, at each place the longest, none over another."""
        spans: list[Span] = []
        end = 0
        for start in self._starts(text) if self._lengths else ():
            length = self._length_at(text, start) if start >= end else 0
            if length:
                end = start + length
                spans.append((start, end))
        return spans

    def _starts(self, text: bytes) -> list[int]:
        """Return the places where the first six bytes are those of a needle."""
        found: list[int] = []
        for first in range(0, len(text), _BLOCK):
            piece = text[first : first + _BLOCK + _WORD] + bytes(_WORD)
            near = min(_BLOCK, len(text) - first)
            hits = np.sort(np.concatenate([self._hits(piece, offset) for offset in range(_WORD)]))
            found += (hits[hits < near] + first).tolist()
        return found

    def _hits(self, piece: bytes, offset: int) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
        words = np.frombuffer(piece, "<u8", count=(len(piece) - offset) // _WORD, offset=offset) & _MASK
        near = np.flatnonzero(self._table[self._hash(words)])
        wanted = words[near]
        places = np.searchsorted(self._heads, wanted).clip(max=len(self._heads) - 1)
        hits: np.ndarray[tuple[int], np.dtype[np.int64]] = near[self._heads[places] == wanted]
        return hits * _WORD + offset

    def _hash(
        self, words: np.ndarray[tuple[int], np.dtype[np.uint64]]
    ) -> np.ndarray[tuple[int], np.dtype[np.uint64]]:
        return (words * _GOLDEN) >> self._shift

    def _length_at(self, text: bytes, start: int) -> int:
        for length in self._lengths:
            if text[start : start + length] in self._by_length[length]:
                return length
        return 0
