"""Times counted as they come, by due second, phase, path, region and outcome; then forgotten.

Once a second the book is cut: all that was counted since the last cut becomes lines of JSON, the last of them
a mark that says how many attempts the lines so far are about. A reader takes what lies before the last mark:
a writer killed within a cut loses that cut and nothing else. Histograms of the same second in several cuts,
or of several workers, are added up when they are read.
"""

from collections.abc import Sequence
from itertools import pairwise

import msgspec
import numpy as np

from rehearsal.model.clock import NS_PER_S
from rehearsal.model.histogram import NEVER_NS, OVERFLOW, Ints, bucket_of
from rehearsal.model.history import Outcome
from rehearsal.rundir.histogram_file import Clock, Line, Mark

#: Path, region and outcome of an attempt.
Key = tuple[str, str, str]

CLOCKS = tuple(Clock)
#: Keys kept apart. A shop that names a new region in every answer must not fill the memory.
MOST_KEYS = 1 << 12
OTHERS = "(others)"
_OUTCOMES = len(Outcome)
_BUCKETS = 1 << OVERFLOW.bit_length()


class HistogramBook:
    """Counts of attempts since the last cut: one integer for each attempt and each of three clocks."""

    def __init__(self, phases: Sequence[tuple[str, int]]) -> None:
        """Take the phases' names and starts (ns since the origin), in order; without any all is one."""
        placed = tuple(phases) or (("", 0),)
        self._names = [name for name, _ in placed]
        self._starts = np.array([start_ns for _, start_ns in placed], np.int64)
        self._numbers: dict[Key, int] = {}
        self._keys: list[Key] = []
        self._codes: list[Ints] = []
        self._encoder = msgspec.json.Encoder()
        self.attempts = 0

    def extend(self, phases: Sequence[tuple[str, int]]) -> None:
        """Go on with more phases, all of which start after those known so far.

        ValueError if counts are held: they number the phases that were known. Cut first.
        """
        if self._codes:
            raise ValueError("cut the book before it goes on with more phases")
        self._names += [name for name, _ in phases]
        self._starts = np.append(self._starts, np.array([start_ns for _, start_ns in phases], np.int64))

    @property
    def held(self) -> int:
        """Return how many integers are held."""
        return sum(codes.size for codes in self._codes)

    def add(self, keys: Sequence[Key], due_ns: Ints, sent_ns: Ints, done_ns: Ints) -> None:
        """Count attempts, one of each array for each key. What ends before it began never ended."""
        numbers = self._numbers
        key = np.array([numbers[each] if each in numbers else self._number(each) for each in keys])
        at_ns = np.where(due_ns > 0, due_ns, sent_ns)  # as history_file places rows
        phase = np.maximum(np.searchsorted(self._starts, at_ns, side="right"), 1) - 1
        place = (due_ns // NS_PER_S * len(self._names) + phase) * MOST_KEYS + key
        for clock, times_ns in enumerate((done_ns - due_ns, done_ns - sent_ns, sent_ns - due_ns)):
            if CLOCKS[clock] is not Clock.SEND_LAG:
                times_ns[times_ns < 0] = NEVER_NS
            self._codes.append((place * len(CLOCKS) + clock) * _BUCKETS + bucket_of(times_ns))
        self.attempts += len(keys)

    def cut(self, *, end: bool = False) -> bytes:
        """Return what was counted since the last cut as whole lines, and forget it."""
        codes = np.sort(np.concatenate([np.empty(0, np.int64), *self._codes]))
        self._codes.clear()
        mark = Mark(attempts=self.attempts, end=end)
        return self._encoder.encode_lines([*self._lines(codes), mark])

    def _lines(self, codes: Ints) -> list[Line]:
        starts = np.flatnonzero(np.diff(codes, prepend=-1))
        distinct = codes[starts]
        buckets = (distinct % _BUCKETS).tolist()
        counts = np.diff(starts, append=codes.size).tolist()
        owners = distinct // _BUCKETS
        edges = [*np.flatnonzero(np.diff(owners, prepend=-1)).tolist(), owners.size]
        return [
            self._line(int(owners[low]), buckets[low:high], counts[low:high]) for low, high in pairwise(edges)
        ]

    def _line(self, owner: int, buckets: list[int], counts: list[int]) -> Line:
        place, clock = divmod(owner, len(CLOCKS))
        place, key = divmod(place, MOST_KEYS)
        second, phase = divmod(place, len(self._names))
        path, region, outcome = self._keys[key]
        return Line(
            second=second,
            phase=self._names[phase],
            path=path,
            region=region,
            outcome=outcome,
            clock=CLOCKS[clock],
            buckets=buckets,
            counts=counts,
        )

    def _number(self, key: Key) -> int:
        """Return a new key's number; of the last ones, only the outcomes are kept apart."""
        if len(self._keys) >= MOST_KEYS - _OUTCOMES and key[0] != OTHERS:
            other = (OTHERS, OTHERS, key[2])
            return self._numbers[other] if other in self._numbers else self._number(other)
        self._numbers[key] = len(self._keys)
        self._keys.append(key)
        return self._numbers[key]
