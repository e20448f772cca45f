"""What the conductor tells the load process: `load.json`, and `origin.json` when all stands ready."""

import msgspec

from scenarios.bounds import Bounds
from scenarios.means import NO_MEANS
from scenarios.secret_sources import Source
from scenarios.storefront import Endpoints
from scenarios.test_data import Table
from scenarios.visit import Basis

LOAD_ORDER = "load.json"
ORIGIN = "origin.json"
PROGRESS = "progress.ndjson"
FLEET = "fleet.json"
#: What a master writes: the port it listens on, and who its workers are and were.
MASTER = "master.json"
WORKERS = "workers.json"
#: What the conductor appends while capacity is searched for: the phases that come next, and their visits.
GROWTH = "growth.ndjson"
#: Written by the conductor when no more visits are to begin.
ENOUGH = "enough.json"


class Watch(msgspec.Struct, frozen=True, kw_only=True):
    """What is counted for the plan's stop conditions: requests of `window_s`, and those beyond `slow_ms`."""

    window_s: float
    slow_ms: float | None = None


class LogOrder(msgspec.Struct, frozen=True, kw_only=True):
    """Which sessions of an access log the visits are: those in `file`, written where the drill was started.

    Elsewhere they are read from the log itself, at the same path. `sha256` is the hash of what is played,
    `log_sha256` the log's; no step begins after `end_ns` (since the origin).
    """

    file: str
    sha256: str
    log: str
    log_sha256: str
    methods: tuple[str, ...]
    visits: int
    end_ns: int


class LoadOrder(msgspec.Struct, frozen=True, kw_only=True):
    """Everything a load process needs besides the schedule. `workers` is N, and it is worker k.

    `allow` names the hosts besides this machine that load may go to, whatever address the shop hands out.
    `ca_file` names the authorities it trusts for https, if not the machine's own.
    `data` and `secrets` say where visits' test data and secrets are: no value is among them.
    `run` is the run's name. `headers` go with every request: what marks it as a test.
    `phases` are the names and starts (ns since the origin) of the plan's phases, in order; `varied` their
    starts, the rules on an order and the products in a cart, if these are not always the same.
    `watch` is what its stop conditions look at.
    With a `locustfile`, its users make the load, and adapter, basis and pool mean nothing.
    With `sessions`, visits are those of an access log, and adapter and basis mean nothing.
    A load that `grows` waits, at the end of the schedule, for what is appended to it, until it is enough.
    `end_ns` is when the last phase ends; 0: known only when it is enough.
    """

    adapter: str
    endpoints: Endpoints
    basis: Basis
    seed: int
    pool: int
    allow: tuple[str, ...] = ()
    ca_file: str = ""
    run: str = ""
    headers: dict[str, str] = {}
    mail_domain: str = NO_MEANS.mail_domain
    data: tuple[Table, ...] = ()
    secrets: tuple[Source, ...] = ()
    phases: tuple[tuple[str, int], ...] = ()
    varied: tuple[tuple[int, int, int], ...] = ()
    watch: Watch | None = None
    locustfile: str = ""
    locustfile_sha256: str = ""
    sessions: LogOrder | None = None
    grows: bool = False
    end_ns: int = 0
    worker: int = 0
    workers: int = 1

    @property
    def bounds(self) -> Bounds:
        """Return what its clients are held to."""
        return Bounds(allow=self.allow, ca_file=self.ca_file, headers=self.headers)


class Origin(msgspec.Struct, frozen=True, kw_only=True):
    """The monotonic instant from which the run counts."""

    origin_ns: int


class Growth(msgspec.Struct, frozen=True, kw_only=True):
    """A line of growth.ndjson: phases (name and start) appended to the schedule, and the visits due in them.

    Visit `first` + i is due at `due_ns[i]` and of kind `kind[i]`, as in a schedule; `varied` is as in a load
    order, for these phases.
    """

    phases: tuple[tuple[str, int], ...]
    first: int
    due_ns: tuple[int, ...]
    kind: tuple[int, ...]
    varied: tuple[tuple[int, int, int], ...] = ()


class FleetOrder(msgspec.Struct, frozen=True, kw_only=True):
    """What the master of several load processes needs besides their order.

    `spawned`: the conductor starts the workers on this machine. `here_only`: the shop can be reached from
    here alone. `sha256` is the schedule's hash, `end_ns` its last phase's end. Port 0: any that is free.
    """

    workers: int
    sha256: str
    end_ns: int
    spawned: bool = True
    here_only: bool = False
    host: str = "127.0.0.1"
    port: int = 0


class Progress(msgspec.Struct, frozen=True, kw_only=True):
    """A line of progress.ndjson, each quarter second, about the second before it.

    States: starting, waiting (for workers from elsewhere), ready, running, finished; failed, and `note`
    says why. Of several processes counts are sums, `p95_ms` and `lag_ms` those of the worst.
    `watched` are the requests of the order's watch; `watched_bad` of them were not good, `watched_slow` slow.
    """

    state: str
    at_s: float = 0.0
    started: int = 0
    dropped: int = 0
    in_flight: int = 0
    requests_per_s: float = 0.0
    good_share: float = 1.0
    p95_ms: float = 0.0
    p99_ms: float = 0.0
    service_p95_ms: float = 0.0
    lag_ms: float = 0.0
    workers: int = 1
    alive: int = 1
    watched: int = 0
    watched_bad: int = 0
    watched_slow: int = 0
    note: str = ""


class Port(msgspec.Struct, frozen=True, kw_only=True):
    """`master.json`: where the master listens."""

    port: int
