"""Very many byte strings to be found in others, at once.

The first six bytes of each are hashed into a table, as a Bloom filter with one hash does it; only where a
text's bytes hit it are they looked up. So a text costs the same whether one string is wanted or a million.
What is looked up at last is a 64-bit hash (Python's own, SipHash under a key of this process), so that
millions of strings need not be kept: of as many places as there are needles, one in 10**12 is taken wrongly.
"""

import math
from array import array
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
        """Take what is to be found; it is gone through once."""
        lengths, heads, hashes = set[int](), array("Q"), array("q")
        for needle in values:
            lengths.add(len(needle))
            heads.append(int.from_bytes(needle[:HEAD], "little"))
            hashes.append(hash(needle))
        if lengths and min(lengths) < HEAD:
            raise ValueError(f"a needle has fewer than {HEAD} bytes")
        self._lengths = sorted(lengths, reverse=True)
        self._heads = np.unique(np.asarray(heads, np.uint64))
        self._hashes = np.unique(np.asarray(hashes, np.int64))
        bits = min(max(math.ceil(math.log2(len(hashes) + 1)) + 5, _FEWEST_BITS), _MOST_BITS)
        self._shift = np.uint64(_WORD_BITS - bits)
        self._table = np.zeros(1 << bits, np.bool_)
        self._table[self._hash(self._heads)] = True
        self._low = (1 << bits) - 1
        near = np.zeros(1 << bits, np.uint8)
        near[self._hashes & self._low] = 1
        # A place of bytes is read much faster than one of an array.
        self._near = near.tobytes()

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
            if start + length <= len(text):
                known = hash(text[start : start + length])
                if self._near[known & self._low] and self._is_one(known):
                    return length
        return 0

    def _is_one(self, known: int) -> bool:
        place = int(np.searchsorted(self._hashes, known))
        return place < len(self._hashes) and int(self._hashes[place]) == known
