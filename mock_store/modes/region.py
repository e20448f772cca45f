"""What can be made to go wrong inside a region."""

from typing import Annotated

from msgspec import Meta

from mock_store.modes.registry import Mode, Ms, Share


class DatabaseDown(Mode, frozen=True):
    """The database refuses reads and writes at once."""


class DatabaseSlow(Mode, frozen=True):
    """A page's reads, and every write, take this much longer."""

    ms: Ms


class CommitAnswerLost(Mode, frozen=True):
    """A share of commits is done, but the shop is not told: it answers 500."""

    share: Share


class DiskFull(Mode, frozen=True):
    """Nothing more can be written; reads work."""


class CacheOff(Mode, frozen=True):
    """Every page is read from the database."""


class CacheFlush(Mode, frozen=True):
    """The cache is emptied, once, when this is set; each page that must be read anew is a hit."""


class CacheFrozen(Mode, frozen=True):
    """Nothing in the cache changes any more, whatever is sold here or elsewhere."""


class ReserveAnswerLost(Mode, frozen=True):
    """A share of flash-sale orders is written, but answered 500."""

    share: Share


class ClockOffset(Mode, frozen=True):
    """The region's own clock, by which it shows when the sale opens, is this many seconds ahead."""

    s: Annotated[float, Meta(ge=-3600, le=3600)]


class WriteBan(Mode, frozen=True):
    """A share of shoppers, by hash, is moving to another region: nothing of theirs is written here now."""

    share: Share


class ZoneLost(Mode, frozen=True):
    """A share of the servers is gone, with whoever was being served there."""

    share: Share


REGION_MODES = (
    DatabaseDown,
    DatabaseSlow,
    CommitAnswerLost,
    DiskFull,
    CacheOff,
    CacheFlush,
    CacheFrozen,
    ReserveAnswerLost,
    ClockOffset,
    WriteBan,
    ZoneLost,
)
