"""A director of two regions on a network that fails on demand."""

from collections.abc import Awaitable, Callable, Iterable

import httpx
import msgspec

from mock_store.config import DirectorConfig, Edge
from mock_store.counted import CountedClient
from mock_store.defects import Defect
from mock_store.director import Director
from mock_store.links import Links
from tests.mock_store.net import Net

CONFIG = DirectorConfig(
    host="127.0.0.1",
    port=3,
    regions=(Edge(name="a", url="http://edge_a"), Edge(name="b", url="http://edge_b")),
)
SHOPPERS = [f"s{i}" for i in range(200)]


def watching(net: Net, sleep: Callable[[float], Awaitable[None]], defects: Iterable[Defect] = ()) -> Director:
    """Return a director that has checked nothing yet."""
    links = Links()
    client = CountedClient(httpx.AsyncClient(transport=net), links, lambda: 0)
    config = msgspec.structs.replace(CONFIG, defects=frozenset(defects))
    return Director(config, client, links=links, sleep=sleep)
