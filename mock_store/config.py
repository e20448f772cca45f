"""What a process of the shop is told when it starts: one JSON file, checked whole before anything opens."""

from pathlib import Path
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from mock_store.defects import Defect

Port = Annotated[int, Meta(ge=1, le=65535)]
Count = Annotated[int, Meta(ge=1)]
Cents = Annotated[int, Meta(ge=0)]
Ms = Annotated[float, Meta(ge=0)]
Seconds = Annotated[float, Meta(gt=0)]
Law = Literal["exponential", "deterministic", "sharing"]


class ConfigError(Exception):
    """The configuration cannot be used; the message says what to change."""


class ProviderUrls(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Base URLs of a payment provider, one for each class of request, so that each can fail alone.

    Where money is taken there may be several, a pool of equal ways in.
    """

    authorize: str | tuple[str, ...]
    capture: str | tuple[str, ...]
    status: str
    refund: str


class Sale(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The flash sale. Instants are of CLOCK_MONOTONIC, which all processes of a machine share.

    From `closes_at_ns` on (0: never) the price is `full_price_cents`. With `tokens`, a buy needs a number
    drawn from the queue.
    """

    sku: str
    stock: Count
    price_cents: Cents
    limit_per_shopper: Count
    opens_at_ns: int
    closes_at_ns: Annotated[int, Meta(ge=0)] = 0
    full_price_cents: Cents = 0
    tokens: bool = False


class Coupon(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A coupon worth `cents` off an order: `cap` uses in all, `per_shopper` each."""

    code: str
    cents: Count
    cap: Count
    per_shopper: Count = 1


class GiftCard(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A card with `cents` on it, for anybody who knows its code."""

    code: str
    cents: Count


class Item(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An ordinary product."""

    sku: str
    price_cents: Cents
    stock: Count
    name: str = ""


class RegionConfig(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="role", tag="region"
):
    """One region: `servers` workers, each busy for a time of mean `service_ms`, drawn by `law` or shared.

    With R promotion rules on it, the order of a cart of L lines takes 1 + `rule_share` R L times as long.
    At most `queue` requests wait for one, the next is refused as busy (0: no limit). `peers` are the other
    regions, by name, which are told what changes on the shelf. `provider2` is the second payment channel.

    A payment whose answer was lost is left alone for `arrives_within_s`: what is still on its way is not in
    the provider's books yet, and would be sent a second time.
    """

    name: str
    host: str
    port: Port
    database: str
    seed: int
    servers: Count
    service_ms: Ms
    reservation_s: Seconds
    provider: ProviderUrls
    callback_url: str
    sale: Sale
    catalogue: tuple[Item, ...] = ()
    coupon: Coupon | None = None
    gift_cards: tuple[GiftCard, ...] = ()
    law: Law = "exponential"
    rule_share: Annotated[float, Meta(ge=0, le=10)] = 0.0
    queue: Annotated[int, Meta(ge=0)] = 0
    arrives_within_s: Annotated[float, Meta(ge=0)] = 0.0
    peers: dict[str, str] = {}
    provider2: ProviderUrls | None = None
    defects: frozenset[Defect] = frozenset()


class ProviderConfig(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="role", tag="provider"
):
    """A payment provider, with a ledger of its own.

    `prefix` begins its payments' ids: by it the shop knows whose a payment is. `links` names the addresses
    that it calls back.
    """

    host: str
    port: Port
    database: str
    seed: int
    servers: Count = 32
    service_ms: Ms = 10.0
    callback_delay_ms: Ms = 150.0
    prefix: str = "p"
    links: dict[str, str] = {}
    defects: frozenset[Defect] = frozenset()


class Edge(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where shoppers reach a region."""

    name: str
    url: str


class DirectorConfig(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="role", tag="director"
):
    """The director: a region is down after `down_after` failed checks, up after `up_after` good ones.

    `gauges` are the regions' own addresses, by name, for what they say of their resources.
    """

    host: str
    port: Port
    regions: Annotated[tuple[Edge, ...], Meta(min_length=1)]
    gauges: dict[str, str] = {}
    seed: int = 0
    interval_s: Seconds = 0.25
    down_after: Count = 2
    up_after: Count = 3
    defects: frozenset[Defect] = frozenset()


class WorkerConfig(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="role", tag="worker"
):
    """The worker: looks each `interval_s` into the regions' `database` for confirmations to send."""

    host: str
    port: Port
    database: str
    seed: int = 0
    interval_s: Seconds = 0.1
    defects: frozenset[Defect] = frozenset()


Config = RegionConfig | ProviderConfig | DirectorConfig | WorkerConfig

#: The name of each role, as on the command line, and what it is told.
ROLES: dict[str, type[Config]] = {
    "region": RegionConfig,
    "provider": ProviderConfig,
    "director": DirectorConfig,
    "worker": WorkerConfig,
}


def read_config(path: Path, role: str) -> Config:
    """Read the configuration of a process of `role`; ConfigError if it is not there or not right."""
    try:
        config: Config = msgspec.json.decode(path.read_bytes(), type=ROLES[role])
    except OSError as error:
        raise ConfigError(f"{path} cannot be read ({error.strerror}); name a configuration file.") from None
    except msgspec.MsgspecError as error:
        raise ConfigError(f"{path} is not a {role} configuration: {error}; correct the file.") from None
    return config
