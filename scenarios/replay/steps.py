"""Sessions as columns: every step of every session, and what follows from their times. Pure."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

NS_PER_S = 1e9


@dataclass(frozen=True)
class Steps:
    """Sessions 0, 1, 2 … in the order of their starts, the steps of each together and in time order.

    `length[s]` is the number of steps of session s (at least 1). `at_ns`, `template` (an index into
    `labels`) and `row` (an index into whatever tells what the step asked for) have an entry a step.
    """

    length: Ints
    at_ns: Ints
    template: Ints
    row: Ints
    labels: tuple[str, ...]

    @property
    def sessions(self) -> int:
        """Return the number of sessions."""
        return len(self.length)

    @cached_property
    def first(self) -> Ints:
        """Return where each session's steps begin."""
        return np.cumsum(self.length) - self.length

    @cached_property
    def start_ns(self) -> Ints:
        """Return when each session began."""
        return self.at_ns[self.first]

    @cached_property
    def duration_s(self) -> Floats:
        """Return the time from each session's first step to its last."""
        last_ns = self.at_ns[self.first + self.length - 1]
        return np.asarray((last_ns - self.start_ns) / NS_PER_S, dtype=np.float64)

    @cached_property
    def session(self) -> Ints:
        """Return each step's session."""
        return np.repeat(np.arange(self.sessions, dtype=np.int64), self.length)

    @cached_property
    def is_first(self) -> NDArray[np.bool_]:
        """Tell of each step whether it begins its session."""
        flags = np.zeros(len(self.at_ns), dtype=np.bool_)
        flags[self.first] = True
        return flags

    @cached_property
    def think_s(self) -> Floats:
        """Return the time from each step but the first of a session to it, in step order.

        A log tells when requests were answered, so this is think time and service time together.
        """
        return np.diff(self.at_ns)[~self.is_first[1:]] / NS_PER_S

    @property
    def span_s(self) -> float:
        """Return the time from the first session's start to the last step."""
        return float(self.at_ns.max() - self.start_ns[0]) / NS_PER_S

    def pick(self, sessions: Ints) -> "Steps":
        """Return these sessions (indices, in start order; one may come several times)."""
        length = self.length[sessions]
        steps = expand(self.first[sessions], length)
        return Steps(length, self.at_ns[steps], self.template[steps], self.row[steps], self.labels)


def expand(first: Ints, length: Ints) -> Ints:
    """Return first, first + 1 … for `length` steps each, one after another."""
    offset = np.repeat(first - (np.cumsum(length) - length), length)
    return offset + np.arange(len(offset), dtype=np.int64)
