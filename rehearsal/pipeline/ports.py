"""Free ports for a run: one block, outside the range from which the kernel takes client ports."""

import contextlib
import socket
from collections.abc import Iterable

from rehearsal.model.errors import RehearsalError

#: Linux hands out client ports from 32768 on: below, a restarted listener never finds one on its port.
FIRST, LAST = 18000, 32000
HOST = "127.0.0.1"
_HIGHEST = 65535


def block(count: int, *, base: int = 0) -> tuple[int, ...]:
    """Return `count` free neighbouring ports: from `base` if it is given, else the first free block.

    RehearsalError if one of the ports asked for is taken, or nothing is free.
    """
    if base + count - 1 > _HIGHEST:
        raise RehearsalError(f"There are no {count} ports from {base} on; the last one is {_HIGHEST}.")
    if base:
        ports = tuple(range(base, base + count))
        if taken := [port for port in ports if not is_free(port)]:
            raise RehearsalError(
                f"Port {taken[0]} is in use (the shop needs {base} to {ports[-1]}). "
                "End the program that holds it, or set store.base_port to 0 in the plan."
            )
        return ports
    for start in range(FIRST, LAST, count):
        ports = tuple(range(start, start + count))
        if all(is_free(port) for port in ports):
            return ports
    raise RehearsalError(f"No {count} neighbouring ports between {FIRST} and {LAST} are free.")


def is_free(port: int) -> bool:
    """Tell whether a server could listen on the port now."""
    with contextlib.closing(socket.socket(socket.AF_INET, socket.SOCK_STREAM)) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


def urls(ports: Iterable[int]) -> tuple[str, ...]:
    """Return the http addresses of ports on this machine."""
    return tuple(f"http://{HOST}:{port}" for port in ports)
