"""Free ports for a run: one block, outside the range from which the kernel takes client ports."""

import contextlib
import fcntl
import os
import socket
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import IO

from rehearsal.model.errors import RehearsalError

#: Linux hands out client ports from 32768 on: below, a restarted listener never finds one on its port.
FIRST, LAST = 18000, 32000
HOST = "127.0.0.1"
#: The file of locks; it holds nothing, and nothing is ever written to it.
LOCKS = "ports.lock"
_HIGHEST = 65535


@contextmanager
def held(count: int, *, base: int = 0, folder: Path) -> Iterator[tuple[int, ...]]:
    """Give a free `block` that no other drill takes before the `with` block is left.

    A port counts as free until its server listens, which is a while after it was chosen. So each port is
    held by a lock on the byte of its number in a file that this user's drills share (fcntl(2), "Advisory
    record locking"): the kernel lets go of it when the process ends, whatever it ends by, and a process that
    is started from here does not inherit it. Drills with other homes do not share the file: each process
    looks for its block from another place on.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / LOCKS).open("ab") as locks:
        yield block(count, base=base, hold=partial(_hold, locks), turn=os.getpid())


def block(
    count: int, *, base: int = 0, hold: Callable[[tuple[int, ...]], bool] = lambda _: True, turn: int = 0
) -> tuple[int, ...]:
    """Return `count` free neighbouring ports: from `base` if it is given, else the first free block.

    The first is looked for from the `turn`-th place on, round and round.

    `hold` keeps others from a block, or tells that another drill has it already. RehearsalError if one of
    the ports asked for is taken, or nothing is free.
    """
    if base + count - 1 > _HIGHEST:
        raise RehearsalError(f"There are no {count} ports from {base} on; the last one is {_HIGHEST}.")
    if base:
        ports = tuple(range(base, base + count))
        _require(ports, hold)
        return ports
    starts = range(FIRST, LAST, count)
    for place in range(len(starts)):
        start = starts[(turn + place) % len(starts)]
        ports = tuple(range(start, start + count))
        if all(is_free(port) for port in ports) and hold(ports):
            return ports
    raise RehearsalError(f"No {count} neighbouring ports between {FIRST} and {LAST} are free.")


def _require(ports: tuple[int, ...], hold: Callable[[tuple[int, ...]], bool]) -> None:
    needs = f"the shop needs {ports[0]} to {ports[-1]}"
    mend = "or choose other ports (drill: store.base_port = 0 in the plan; store up: --port 0)."
    if taken := [port for port in ports if not is_free(port)]:
        raise RehearsalError(f"Port {taken[0]} is in use ({needs}). End the program that holds it, {mend}")
    if not hold(ports):
        raise RehearsalError(f"Another drill or shop is about to use these ports ({needs}). End it, {mend}")


def _hold(locks: IO[bytes], ports: tuple[int, ...]) -> bool:
    try:
        fcntl.lockf(locks, fcntl.LOCK_EX | fcntl.LOCK_NB, len(ports), ports[0])
    except (BlockingIOError, PermissionError):  # EAGAIN or EACCES, as the system likes
        return False
    return True


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


def port_of(url: str) -> int:
    """Return the port of an address that `urls` gave."""
    return int(url.rpartition(":")[2])
