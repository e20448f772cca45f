"""What the director and the worker can be made to do wrong."""

from mock_store.modes.registry import Mode, Share


class Stale(Mode, frozen=True):
    """A share of shoppers is sent to `region`, whether it is healthy or not, as by an old DNS answer."""

    share: Share
    region: str


class Paused(Mode, frozen=True):
    """The worker does nothing."""


DIRECTOR_MODES = (Stale,)
WORKER_MODES = (Paused,)
