"""Holds this process's sockets to this machine and the allowed hosts, whatever code runs in it.

A stranger's locustfile brings its own clients, so no check in ours can hold it. An audit hook can: CPython
raises `socket.connect` and its kin for every socket of its own, under requests, gevent and threads alike
(PEP 578), and an exception there stops the call. Code in other languages and child processes are beyond it.
"""

import ipaddress
import socket
import sys
import time
from collections.abc import Collection, Iterable
from typing import Any

from rehearsal.model.hosts import is_loopback

#: The address is the last argument of each.
_SENDING = frozenset({"socket.connect", "socket.sendto", "socket.sendmsg"})
_RESOLVING = frozenset({"socket.getaddrinfo", "socket.gethostbyname"})
#: Allowed names may come to other addresses later, as balanced ones do: so often they are looked up again.
_AGAIN_S = 1.0


class NotAllowed(OSError):
    """A host that is neither this machine nor allowed. An OSError: clients expect these of a connection."""


class NameNotAllowed(NotAllowed, socket.gaierror):
    """As clients expect it of a name that leads nowhere."""


class Guard:
    """Decides on addresses."""

    def __init__(self, allow: Collection[str]) -> None:
        """Take the hosts besides this machine, by name or address."""
        self._allow = frozenset(allow)
        self._known: frozenset[str] = frozenset()
        self._looked_s = float("-inf")

    def check(self, event: str, arguments: tuple[Any, ...]) -> None:
        """Raise NotAllowed if an audit event is about a host that load may not go to."""
        if event in _SENDING:
            self._check_address(arguments[-1])
        elif event in _RESOLVING:
            self._check_name(arguments[0])

    def _check_address(self, address: Any) -> None:
        # Of a Unix socket the address is a path, of sendmsg on a connected socket it is None.
        if isinstance(address, tuple) and address and not self._is_allowed(str(address[0])):
            raise NotAllowed(f"{address[0]} is neither this machine nor in target.allow")

    def _check_name(self, host: Any) -> None:
        name = host.decode("ascii", "replace") if isinstance(host, bytes) else host
        if name and not (is_loopback(name) or name in self._allow or _is_here(name) or name in self._known):
            raise NameNotAllowed(f"{name} is neither this machine nor in target.allow")

    def _is_allowed(self, host: str) -> bool:
        if is_loopback(host) or host in self._allow or host in self._known or _is_here(host):
            return True
        now_s = time.monotonic()
        if now_s - self._looked_s > _AGAIN_S:
            self._looked_s = now_s
            self._known |= _addresses_of(self._allow)
        return host in self._known


def hold_to(allow: Collection[str]) -> None:
    """Hold this process to loopback and `allow` from now on; there is no way back."""
    guard = Guard(allow)
    watched = _SENDING | _RESOLVING

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        if event in watched:
            guard.check(event, arguments)

    sys.addaudithook(hook)


def _is_here(host: str) -> bool:
    """Tell whether an address is written as one of no interface: connecting there stays on this machine."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None)
    return address.is_unspecified or bool(mapped and mapped.is_loopback)


def _addresses_of(names: Iterable[str]) -> frozenset[str]:
    found: set[str] = set()
    for name in names:
        try:
            found |= {str(entry[4][0]) for entry in socket.getaddrinfo(name, None)}
        except OSError:
            continue
    return frozenset(found)
