"""The tables of a plan about the shop: the mock shop's model; where another is, and what it is given."""

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field

from rehearsal.model.plan_base import Frozen, Positive

#: A name that an environment variable can have.
_VARIABLE = r"^[A-Za-z_][A-Za-z0-9_]*$"
#: A name that Toxiproxy, a lease and a finding can hold.
LinkName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]{0,39}$")]
#: `host:port`, an IPv6 address in brackets.
Place = Annotated[str, Field(pattern=r"^(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9._-]+):[0-9]{1,5}$")]


class Target(Frozen):
    """The shop under rehearsal. `mock` is started by the harness; `url` is somebody's own.

    `adapter` speaks to it. Shoppers begin at `url`; final readings come from there too, if not from
    `admin_url`. Load goes to this machine and to hosts in `allow` only. `ca_file` (PEM) says whom to trust
    for https instead of this machine's own. `toxiproxy` is the control API of a Toxiproxy before somebody's
    own shop: faults of the kind toxic break its listeners; servers behind them must answer GET /health.
    """

    shop: Literal["mock", "url"] = "mock"
    adapter: Annotated[str, Field(pattern=r"^[\w.]+:\w+$")] = "scenarios.mock_storefront:MockStorefront"
    url: str = ""
    admin_url: str = ""
    allow: tuple[str, ...] = ()
    ca_file: str = ""
    toxiproxy: str = ""


class Store(Frozen):
    """The mock shop's model: `servers` a region, each busy with a request for a mean time of `service_ms`.

    By `law` that time is exponential, or deterministic: always the mean; or servers are shared alike by all
    requests (none faster than one server), whose times are exponential. With R promotion rules stacked on it,
    the order of a cart of L products takes 1 + `rule_share` x R x L times as long.
    At most `queue` requests wait in a region for a server, the next is refused at once as busy; 0: no limit.
    Units are kept for an unpaid order for `reservation_s`. Ports begin at `base_port`; 0: any that are free.
    """

    servers: Annotated[int, Field(ge=1, le=256)] = 8
    service_ms: Positive = 20.0
    reservation_s: Positive = 6.0
    base_port: Annotated[int, Field(ge=0, le=65000)] = 0
    queue: Annotated[int, Field(ge=0, le=100000)] = 400
    law: Literal["exponential", "deterministic", "sharing"] = "exponential"
    rule_share: Annotated[float, Field(ge=0, le=10)] = 0.05


class LinkRole(StrEnum):
    """Whom a link leads to: the shop itself, its payment provider, its database, or anything else."""

    EDGE = "edge"
    PAYMENT = "payment"
    DATABASE = "database"
    OTHER = "other"


class Probe(StrEnum):
    """How it is found out whether somebody answers behind a link.

    `http` asks for `health`, whatever the status; `tls` begins a handshake, whatever the certificate;
    `postgres` and `mysql` greet as their protocols do; `redis` sends PING; `tcp` only connects, which a slow
    or silent link does not show.
    """

    HTTP = "http"
    TLS = "tls"
    POSTGRES = "postgres"
    MYSQL = "mysql"
    REDIS = "redis"
    TCP = "tcp"


class Link(Frozen):
    """A connection of the shop that a drill may break: the harness listens at `listen` and passes on.

    `upstream` is where the connection goes when nothing is broken. `setting` says in words which setting of
    the shop must point at `listen`. `probe` finds out whether the upstream answers.
    """

    name: LinkName
    upstream: Place
    listen: Place
    role: LinkRole = LinkRole.OTHER
    probe: Probe = Probe.TCP
    health: Annotated[str, Field(pattern=r"^/")] = "/"
    setting: str = ""


class TestData(Frozen):
    """Rows of test data: each visit of the given `kinds` (none given: of all) takes one of its own.

    From a `file` beside the plan (CSV with a header line, or JSON lines, told by the suffix), or made by
    `generate`: a template for each column, in which {n} is the row's number from 1 on, {run} the run's name
    and {mail_domain} that of `marks`. Columns named in `unique` must hold no value twice (unless said: the
    first column). Values of a file's `secret` columns are masked in every file of the run.
    """

    __test__ = False  # pytest would take it for a test

    file: str = ""
    generate: dict[str, str] = Field(default={})
    kinds: tuple[Literal["browse", "cart", "flash_sale", "waiting_room"], ...] = ()
    unique: tuple[str, ...] | None = None
    secret: tuple[str, ...] = ()


class SecretSource(Frozen):
    """Where a secret is read from: the environment variable `env`, or a `file`, whose last newline is cut."""

    env: Annotated[str, Field(pattern=_VARIABLE)] | None = None
    file: str = ""


class Marks(Frozen):
    """What tells test traffic from real orders: a request header whose value is the run's name, and mail.

    Shoppers' mail addresses end in `mail_domain`; one under .invalid reaches nobody (RFC 2606).
    """

    header: Annotated[str, Field(pattern=r"^[A-Za-z0-9-]{1,60}$")] = "X-Rehearsal"
    mail_domain: Annotated[str, Field(pattern=r"^[a-z0-9.-]+$")] = "rehearsal.invalid"

    def headers(self, run: str) -> dict[str, str]:
        """Return the headers that every request of a run has; `run` is its name."""
        return {self.header: run}


class Hooks(Frozen):
    """Shell commands of the team's own around the load: `before` it, and `after` the final readings.

    `after` cleans up and is safe to repeat: it is carried out whatever becomes of the run, once `before` has
    begun. Each has `timeout_s` to end with exit code 0.
    """

    before: str = ""
    after: str = ""
    timeout_s: Positive = 60.0
