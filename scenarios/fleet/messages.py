"""What a drill's master and its workers say to each other, inside Locust's own messages.

    worker                      master
    Hello                  ->           I am here, of this version, on this machine
                           <-   Charge  your stripe, and all that is needed to build it (or Refused)
    Built (or Unfit)       ->           the hash of the schedule I built
                           <-   Ping    16 of them, unless both share a clock; later one each second
    Pong                   ->
                           <-   Steer   how far your clock is from mine; Locust then spawns the pool
    Said(ready)            ->
                           <-   Release the origin
    Said(running), Chunk   ->           each quarter second; workers elsewhere send their history
                           <-   Grow    while capacity is searched for: what comes next
                           <-   Enough  if the drill is stopped before its end, or has grown enough
                           <-   Acknowledged
    Ended                  ->           how many chunks I sent
                           <-   Locust's own quit

All of it travels as one Locust message type whose data are the bytes of one tagged struct.
"""

from typing import TypeVar

import msgspec

from rehearsal.model.errors import RehearsalError
from scenarios.load_order import Growth, LoadOrder, Progress

#: The type of the Locust message that carries ours.
CHANNEL = "rehearsal"

T = TypeVar("T")


class Hello(msgspec.Struct, frozen=True, kw_only=True, tag="hello"):
    """A worker comes. `machine` names its clock; `worker` is its stripe if the drill started it itself."""

    version: str
    host: str = ""
    machine: str = ""
    pid: int = 0
    created: float = 0.0
    worker: int = -1


class Built(msgspec.Struct, frozen=True, kw_only=True, tag="built"):
    """The worker's schedule stands, and this is its hash."""

    sha256: str


class Unfit(msgspec.Struct, frozen=True, kw_only=True, tag="unfit"):
    """The worker cannot serve, or no longer; the sentence says why."""

    reason: str


class Pong(msgspec.Struct, frozen=True, kw_only=True, tag="pong"):
    """A ping's answer: when it came and when it was answered, on the worker's clock."""

    number: int
    received_ns: int
    answered_ns: int


class Said(msgspec.Struct, frozen=True, kw_only=True, tag="said"):
    """The worker's state and last second."""

    progress: Progress


class Chunk(msgspec.Struct, frozen=True, kw_only=True, tag="chunk"):
    """A piece of one of the worker's files, counted from 0 in each."""

    file: str
    number: int
    content: bytes


class Ended(msgspec.Struct, frozen=True, kw_only=True, tag="ended"):
    """The worker's last visit is over; it cut so many chunks of each file."""

    chunks: dict[str, int] = {}


class Charge(msgspec.Struct, frozen=True, kw_only=True, tag="charge"):
    """What a worker is to do: its order, and the plan (JSON) from which it builds the schedule.

    `here`: its clock is the master's, so there is nothing to steer.
    """

    order: LoadOrder
    plan: bytes
    here: bool = False


class Refused(msgspec.Struct, frozen=True, kw_only=True, tag="refused"):
    """The master does not want this worker; the sentence says why."""

    reason: str


class Ping(msgspec.Struct, frozen=True, kw_only=True, tag="ping"):
    """Ask what the worker's clock says."""

    number: int


class Steer(msgspec.Struct, frozen=True, kw_only=True, tag="steer"):
    """Your clock less mine, as near as is known."""

    offset_ns: int


class Release(msgspec.Struct, frozen=True, kw_only=True, tag="release"):
    """The run counts from this instant of the master's clock."""

    origin_ns: int


class Grow(msgspec.Struct, frozen=True, kw_only=True, tag="grow"):
    """The schedule goes on."""

    growth: Growth


class Enough(msgspec.Struct, frozen=True, kw_only=True, tag="enough"):
    """No more visits are to begin: the drill is stopped, and its history is to be whole."""


class Acknowledged(msgspec.Struct, frozen=True, kw_only=True, tag="acknowledged"):
    """A chunk is written."""

    file: str
    number: int


FromWorker = Hello | Built | Unfit | Pong | Said | Chunk | Ended
ToWorker = Charge | Refused | Ping | Steer | Release | Grow | Enough | Acknowledged

_ENCODER = msgspec.msgpack.Encoder()
_FROM_WORKER: msgspec.msgpack.Decoder[FromWorker] = msgspec.msgpack.Decoder(FromWorker)
_TO_WORKER: msgspec.msgpack.Decoder[ToWorker] = msgspec.msgpack.Decoder(ToWorker)


def encode(message: FromWorker | ToWorker) -> bytes:
    """Return a message as bytes."""
    return _ENCODER.encode(message)


def from_worker(data: object) -> FromWorker:
    """Read what came from a worker; RehearsalError if it is no message of this version."""
    return _decoded(_FROM_WORKER, data)


def to_worker(data: object) -> ToWorker:
    """Read what came from the master; RehearsalError if it is no message of this version."""
    return _decoded(_TO_WORKER, data)


def _decoded(decoder: msgspec.msgpack.Decoder[T], data: object) -> T:
    if not isinstance(data, bytes):
        raise RehearsalError(f"A message without contents came ({type(data).__name__}).")
    try:
        return decoder.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise RehearsalError(f"A message came that this version does not know: {error}") from None
