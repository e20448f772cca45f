"""Ports for the servers of tests, from where nobody else takes one.

Linux gives clients ports from 32768 on, and tests beside this one have thousands of connections: a port from
there that was free when it was chosen may be a client's before the server listens. Drills look below.
"""

import itertools
import os

from rehearsal.pipeline import ports

_FIRST, _COUNT = ports.LAST + 100, 32768 - ports.LAST - 100
#: Each process begins at a place of its own, and gives no port twice until all were given.
_turns = itertools.count(os.getpid() * 37)


def free_port() -> int:
    """Return a loopback port that nobody listens on."""
    tries = (_FIRST + turn % _COUNT for turn in itertools.islice(_turns, _COUNT))
    return next(port for port in tries if ports.is_free(port))
