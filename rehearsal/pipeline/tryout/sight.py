"""One thing the doctor saw: all is well, it costs something, or it must be mended before a drill."""

from collections.abc import Iterable
from enum import StrEnum

import msgspec


class State(StrEnum):
    """How bad it is. A warning leaves the exit code 0."""

    OK = "ok"
    WARN = "warn"
    WRONG = "wrong"


class Sight(msgspec.Struct, frozen=True, kw_only=True):
    """`about` is what was looked at; `sentence` says what was seen, and the mend if there is one."""

    about: str
    state: State
    sentence: str


def well(about: str, sentence: str) -> Sight:
    """Return a sight of something that is as it should be."""
    return Sight(about=about, state=State.OK, sentence=sentence)


def dubious(about: str, sentence: str) -> Sight:
    """Return a sight of something that a drill can live with."""
    return Sight(about=about, state=State.WARN, sentence=sentence)


def wrong(about: str, sentence: str) -> Sight:
    """Return a sight of something that spoils a drill."""
    return Sight(about=about, state=State.WRONG, sentence=sentence)


def first_of_each(sights: Iterable[Sight]) -> tuple[Sight, ...]:
    """Return sights without repetitions, in their order."""
    return tuple({sight.sentence: sight for sight in reversed(tuple(sights))}.values())[::-1]
