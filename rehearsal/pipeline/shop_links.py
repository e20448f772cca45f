"""The addresses of the mock shop: a port for each process, a listener on every link between them."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import msgspec

from rehearsal.pipeline import ports
from scenarios.storefront import Endpoints

REGIONS = ("a", "b")
PROVIDER_CLASSES = ("authorize", "capture", "status", "refund")
#: Where money is taken the first provider has so many equal ways in.
_POOL = 3
POOLED = ("authorize", "capture")
_SERVERS = ("director", "provider", "region_a", "region_b", "provider2", "worker")


def pool_names(cls: str) -> tuple[str, ...]:
    """Return the listeners of a class of the first provider's requests, the oldest way in first."""
    more = range(2, _POOL + 1) if cls in POOLED else ()
    return (f"pay_{cls}", *(f"pay_{cls}_{number}" for number in more))


LISTENERS = (
    *(f"edge_{region}" for region in REGIONS),
    *(f"callback_{region}" for region in REGIONS),
    *(name for cls in PROVIDER_CLASSES for name in pool_names(cls)),
    *(f"pay2_{cls}" for cls in PROVIDER_CLASSES),
    *(f"sync_{region}" for region in REGIONS),
)


class Links(msgspec.Struct, frozen=True, kw_only=True):
    """The shop's addresses, and Toxiproxy's. `listeners` maps a link's name to the URL its caller uses."""

    regions: dict[str, str]
    provider: str
    provider2: str
    director: str
    worker: str
    listeners: dict[str, str]
    toxiproxy: str

    @property
    def endpoints(self) -> Endpoints:
        """Return where shoppers begin and where final readings come from, past any fault."""
        ledgers = (self.provider, self.provider2)
        return Endpoints(url=self.director, admin_urls=tuple(self.regions.values()), ledger_url=ledgers)

    def upstream_of(self, listener: str) -> str:
        """Return the server behind a listener."""
        link, _, end = listener.partition("_")
        return {"pay": self.provider, "pay2": self.provider2}.get(link) or self.regions[end]


@contextmanager
def held_links(base_port: int, folder: Path, *, direct: bool = False) -> Iterator[Links]:
    """Give the links on ports that no other drill takes until the block is left; raises as `ports.held`."""
    with ports.held(len(_SERVERS) + len(LISTENERS) + 1, base=base_port, folder=folder) as taken:
        yield lay_links(taken, direct=direct)


def lay_links(taken: Sequence[int], *, direct: bool = False) -> Links:
    """Give each port its part; `direct`: without listeners."""
    # The director comes first: it is the address a person types.
    urls = ports.urls(taken)
    server = dict(zip(_SERVERS, urls, strict=False))
    links = Links(
        regions={name: server[f"region_{name}"] for name in REGIONS},
        provider=server["provider"],
        provider2=server["provider2"],
        director=server["director"],
        worker=server["worker"],
        listeners=dict(zip(LISTENERS, urls[len(_SERVERS) : -1], strict=True)),
        toxiproxy=urls[-1],
    )
    if not direct:
        return links
    return msgspec.structs.replace(links, listeners={name: links.upstream_of(name) for name in LISTENERS})
