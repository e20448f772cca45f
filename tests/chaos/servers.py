"""Small servers on loopback that say a fixed word, for probes to meet."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

_PATIENCE_S = 5.0


@contextmanager
def saying(*words: bytes, after: int = 0, hang_up: bool = True) -> Iterator[tuple[int, list[bytes]]]:
    """Serve one client, giving the port and what the client said.

    `words` are sent in turn once `after` bytes have come; then the connection is closed, or with `hang_up`
    false kept until the client goes.
    """
    heard: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(_PATIENCE_S)
        thread = threading.Thread(target=_serve, args=(server, words, after, hang_up, heard))
        thread.start()
        yield int(server.getsockname()[1]), heard
        thread.join()


def _serve(
    server: socket.socket,
    words: tuple[bytes, ...],
    after: int,
    hang_up: bool,
    heard: list[bytes],
) -> None:
    client, _ = server.accept()
    with client:
        client.settimeout(_PATIENCE_S)
        while sum(map(len, heard)) < after:
            heard.append(client.recv(64))
        for word in words:
            client.sendall(word)
        while not hang_up and client.recv(64):
            pass
