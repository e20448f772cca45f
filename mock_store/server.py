"""One process, one port: an application served by Granian until SIGTERM or SIGINT."""

import asyncio
import logging
import signal
import socket
from typing import Any

from granian.constants import Interfaces
from granian.server.embed import Server

_BACKLOG = 4096


class PortTaken(Exception):
    """Somebody else listens where this process should."""


def check_free(host: str, port: int) -> None:
    """Raise PortTaken, with the mend, if nobody can listen on the port.

    Granian listens with SO_REUSEPORT: beside another such listener it would start and share its connections.
    """
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
            probe.listen(1)
        except OSError as error:
            raise PortTaken(
                f"cannot listen on {host}:{port} ({error.strerror}); stop what uses it or name another port."
            ) from None


async def serve(app: Any, host: str, port: int) -> None:
    """Serve until a signal asks to stop.

    A large backlog keeps a proxy in front from blocking while a crowd connects. Granian sets TCP_NODELAY on
    the listener; on Linux accepted sockets inherit it, so Nagle's algorithm (RFC 896) holds no answer back.
    """
    check_free(host, port)
    logging.getLogger("_granian").setLevel(logging.ERROR)
    server = Server(
        app,
        address=host,
        port=port,
        interface=Interfaces.ASGINL,
        backlog=_BACKLOG,
        backpressure=_BACKLOG,
        websockets=False,
        log_enabled=False,
    )
    loop = asyncio.get_running_loop()
    for signum in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(signum, server.stop)
    await server.serve()
