"""What the conductor tells the load process: `load.json`, and `origin.json` when all stands ready."""

import msgspec

from scenarios.storefront import Endpoints
from scenarios.visit import Basis

LOAD_ORDER = "load.json"
ORIGIN = "origin.json"
PROGRESS = "progress.ndjson"


class LoadOrder(msgspec.Struct, frozen=True, kw_only=True):
    """Everything a load process needs besides the schedule. `workers` is N, and it is worker k.

    `allow` names the hosts besides this machine that load may go to, whatever address the shop hands out.
    """

    adapter: str
    endpoints: Endpoints
    basis: Basis
    seed: int
    pool: int
    allow: tuple[str, ...] = ()
    worker: int = 0
    workers: int = 1


class Origin(msgspec.Struct, frozen=True, kw_only=True):
    """The monotonic instant from which the run counts."""

    origin_ns: int


class Progress(msgspec.Struct, frozen=True, kw_only=True):
    """A line of progress.ndjson, each quarter second, about the second before it."""

    state: str
    at_s: float = 0.0
    started: int = 0
    dropped: int = 0
    in_flight: int = 0
    requests_per_s: float = 0.0
    good_share: float = 1.0
    p95_ms: float = 0.0
    lag_ms: float = 0.0
