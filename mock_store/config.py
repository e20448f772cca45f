"""What a process of the shop is told when it starts: one JSON file, checked whole before anything opens."""

from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta

from mock_store.defects import Defect

Port = Annotated[int, Meta(ge=1, le=65535)]
Count = Annotated[int, Meta(ge=1)]
Cents = Annotated[int, Meta(ge=0)]
Ms = Annotated[float, Meta(ge=0)]
Seconds = Annotated[float, Meta(gt=0)]


class ConfigError(Exception):
    """The configuration cannot be used; the message says what to change."""


class ProviderUrls(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Base URLs of the payment provider, one for each class of request, so that each can fail alone."""

    authorize: str
    capture: str
    status: str
    refund: str


class Sale(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The flash sale. `opens_at_ns` is T-0 on CLOCK_MONOTONIC, which all processes of a machine share."""

    sku: str
    stock: Count
    price_cents: Cents
    limit_per_shopper: Count
    opens_at_ns: int


class Item(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An ordinary product."""

    sku: str
    price_cents: Cents
    stock: Count
    name: str = ""


class RegionConfig(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="role", tag="region"
):
    """One region: `servers` workers, each busy for an exponential time of mean `service_ms`."""

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
    defects: frozenset[Defect] = frozenset()


class ProviderConfig(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="role", tag="provider"
):
    """The payment provider, with a ledger of its own."""

    host: str
    port: Port
    database: str
    seed: int
    servers: Count = 32
    service_ms: Ms = 10.0
    callback_delay_ms: Ms = 150.0
    defects: frozenset[Defect] = frozenset()


class Edge(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where shoppers reach a region."""

    name: str
    url: str


class DirectorConfig(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="role", tag="director"
):
    """The director: a region is down after `down_after` failed checks, up after `up_after` good ones."""

    host: str
    port: Port
    regions: Annotated[tuple[Edge, ...], Meta(min_length=1)]
    interval_s: Seconds = 0.25
    down_after: Count = 2
    up_after: Count = 3


Config = RegionConfig | ProviderConfig | DirectorConfig

#: The name of each role, as on the command line, and what it is told.
ROLES: dict[str, type[Config]] = {
    "region": RegionConfig,
    "provider": ProviderConfig,
    "director": DirectorConfig,
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
