"""Whether a shop uses a link: told from what Toxiproxy counts and what this machine has open."""

import socket
from collections.abc import Mapping

import psutil
import pytest

from chaos.link_use import LinkUse, open_at
from rehearsal.model.errors import Unreachable
from rehearsal.model.plan_shop import Link

DB = Link(name="db", upstream="127.0.0.1:1", listen="127.0.0.1:15432", setting="DATABASE_URL=…:15432/shop")
BARE = DB.model_copy(update={"setting": ""})


@pytest.mark.parametrize(
    ("link", "counts", "opened", "says"),
    [
        pytest.param(
            DB,
            [{"db": 8}, {"db": 8}],
            0,
            "nobody had used db before: is the shop pointed at 127.0.0.1:15432 (DATABASE_URL=…:15432/shop)?",
            id="only the preflight's probe",
        ),
        pytest.param(
            BARE,
            [{"db": 8}, {"db": 8}],
            0,
            "nobody had used db before: is the shop pointed at 127.0.0.1:15432?",
            id="without a setting",
        ),
        pytest.param(
            DB,
            [{"db": 8}, {"db": 900}],
            0,
            "db was in use before: 0 connections stood open, and 892 bytes had passed over others",
            id="a connection for each request",
        ),
        pytest.param(
            DB,
            [{"db": 8}, {"db": 8}],
            3,
            "db was in use before: 3 connections stood open, and 0 bytes had passed over others",
            id="connections that are kept",
        ),
        pytest.param(
            DB,
            [{"db": 900}, {"db": 8}],
            1,
            "db was in use before: 1 connections stood open, and 0 bytes had passed over others",
            id="a server that began to count anew",
        ),
        pytest.param(DB, [{}, {}], 3, "", id="a server that does not count"),
    ],
)
def test_what_is_told(link: Link, counts: list[Mapping[str, int]], opened: int, says: str) -> None:
    """A link that nobody used is named with the setting that is to point there."""
    script = iter(counts)
    use = LinkUse({"db": link}, lambda: next(script), lambda _: opened)
    use.begin()

    assert use.told() == {"db": says}


def test_it_is_looked_at_once() -> None:
    """From the first fault on the canaries take the links too."""
    counts = iter([{"db": 8}, {"db": 8}, {"db": 9000}])
    use = LinkUse({"db": DB}, lambda: next(counts), lambda _: 0)
    use.begin()

    assert use.told() == use.told()


def test_a_server_that_is_silent() -> None:
    """Then nothing is known, and the drill goes on: its healing will meet the silence."""

    def silent() -> Mapping[str, int]:
        raise Unreachable("silent")

    use = LinkUse({"db": DB}, silent, lambda _: 1)
    use.begin()

    assert use.told() == {"db": ""}


def test_connections_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """One that is open at the port counts, whoever opened it; a listener alone does not."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        before = open_at(port)
        with socket.create_connection(("127.0.0.1", port)):
            peer, _ = server.accept()
            with peer:
                during = open_at(port)

    assert (before, during) == (0, 1)

    def refuse(_: str) -> None:
        raise psutil.AccessDenied

    monkeypatch.setattr(psutil, "net_connections", refuse)

    assert open_at(port) == 0
