"""What the conductor tells the process that plays a replay, and what that one writes: names and shapes."""

import msgspec
import numpy as np
from numpy.typing import NDArray

ORDER, STEPS, PROGRESS, SENT, END, STOP = (
    "play.json",
    "play.parquet",
    "play.ndjson",
    "sent.bin",
    "played.json",
    "stop",
)

#: One request as it was sent: which step of the schedule, its three times (ns from the first session's
#: due start), its status (0: no answer) and its error (an index into `PlayEnd.errors`).
SENT_ROW = np.dtype(
    [
        ("row", "<i4"),
        ("due_ns", "<i8"),
        ("sent_ns", "<i8"),
        ("done_ns", "<i8"),
        ("status", "<i2"),
        ("error", "<i2"),
    ]
)
SENT_FORMAT = "<iqqqhh"

SentRows = NDArray[np.void]


class PlayOrder(msgspec.Struct, frozen=True, kw_only=True):
    """Where to send, and how many users serve sessions at once."""

    url: str
    pool: int
    allow: tuple[str, ...] = ()
    headers: dict[str, str] = {}
    timeout_s: float = 10.0


class PlayProgress(msgspec.Struct, frozen=True, kw_only=True):
    """A line of the progress file, each quarter second."""

    state: str
    at_s: float = 0.0
    started: int = 0
    dropped: int = 0
    in_flight: int = 0
    requests: int = 0


class PlayEnd(msgspec.Struct, frozen=True, kw_only=True):
    """How it ended: sessions started, dropped by cause, cut short by a stop; the classes of errors.

    `wall_s` runs from the origin to the end of the last session, or to the stop.
    """

    started: int
    dropped: dict[str, int]
    cut: int
    wall_s: float
    errors: tuple[str, ...] = ()
