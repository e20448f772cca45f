"""The real server brought to hang as upstream issue 558 has it, and replaced under its listeners."""

import fcntl
import socket
import sys
import termios
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path

import pytest

from chaos.lease_file import TOXIPROXY
from chaos.process_table import ProcessTable
from chaos.toxics import answers_late, answers_lost
from chaos.toxiproxy import Toxiproxy, start_server
from rehearsal.model.errors import Unreachable
from rehearsal.pipeline.standing import replacing
from rehearsal.process import wait_until

pytestmark = pytest.mark.integration

#: More than all buffers between server and client hold, so that the proxy stands in the midst of it.
_ANSWER = b"x" * 60_000_000
_CALL_S = 1.0


class Standstill:
    """Tells whether nothing has come for half a second: all buffers are full, and the proxy stands."""

    def __init__(self, client: socket.socket) -> None:
        self._client = client
        self._waiting: list[int] = []

    def __call__(self) -> bool:
        """Look; called each 50 ms."""
        number = fcntl.ioctl(self._client, termios.FIONREAD, bytes(4))
        self._waiting = [*self._waiting, int.from_bytes(number, sys.byteorder)][-10:]
        return len(self._waiting) == 10 and len(set(self._waiting)) == 1 and self._waiting[0] > 0


@pytest.fixture
def upstream() -> Iterator[int]:
    """Return the port of a server that answers anything with 60 MB."""
    with closing(socket.create_server(("127.0.0.1", 0), backlog=64)) as server:

        def answer(client: socket.socket) -> None:
            with suppress(OSError), client:
                client.recv(100)
                client.sendall(_ANSWER)

        def serve() -> None:
            with suppress(OSError):
                while True:
                    client, _ = server.accept()
                    threading.Thread(target=answer, args=(client,), daemon=True).start()

        threading.Thread(target=serve, daemon=True).start()
        yield server.getsockname()[1]


def test_a_wedged_server_is_replaced(
    table: ProcessTable,
    toxiproxy_server: Path,
    free_port: Callable[[], int],
    upstream: int,
    tmp_path: Path,
) -> None:
    """With a deaf client the API hangs while /version answers; a new server has what was wanted."""
    port = free_port()
    start_server(table, toxiproxy_server, port, log=tmp_path / "tp.log", label=TOXIPROXY)
    toxiproxy = Toxiproxy(f"http://127.0.0.1:{port}", timeout_s=_CALL_S)
    slow = toxiproxy.create("edge_a", listen="127.0.0.1:0", upstream=f"127.0.0.1:{upstream}")
    toxiproxy.create("edge_b", listen="127.0.0.1:0", upstream=f"127.0.0.1:{upstream}")
    told: list[str] = []
    own = replacing(toxiproxy, table, now_ns=time.monotonic_ns, tell=lambda words, _: told.append(words))
    own.add_toxic("edge_b", answers_lost())
    before = table.child(TOXIPROXY)
    host, _, number = slow.listen.partition(":")
    with socket.create_connection((host, int(number))) as deaf:
        deaf.sendall(b"give me all")
        assert wait_until(Standstill(deaf), timeout_s=60)
        with pytest.raises(Unreachable):
            toxiproxy.add_toxic("edge_a", answers_late(100))
        version = toxiproxy.version()
        begun_s = time.monotonic()
        own.heal("edge_a")
        took_s = time.monotonic() - begun_s
    states = own.states()

    assert version
    assert took_s < 30.0
    assert [words.endswith("it was killed and replaced") for words in told] == [True]
    assert table.child(TOXIPROXY) != before
    assert (states["edge_a"].listen, states["edge_a"].clean) == (slow.listen, True)
    assert states["edge_b"].toxics == (answers_lost(),)
