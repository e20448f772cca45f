"""An attack as a process: it tells what it meets, and SIGTERM ends it at once."""

import socket
import subprocess

import msgspec
import pytest

from scenarios.attack import USUAL_RATE_PER_S, command
from scenarios.attack.counts import Met

pytestmark = pytest.mark.integration
_LIMIT_S = 60.0


@pytest.mark.parametrize("kind", sorted(USUAL_RATE_PER_S))
def test_sigterm_ends_an_attack_at_once(kind: str) -> None:
    """On a shop that takes connections and never answers, with ten minutes to go; the last line says so."""
    with socket.create_server(("127.0.0.1", 0), backlog=500) as server:
        url = f"http://127.0.0.1:{server.getsockname()[1]}"
        argv = command(kind, url=url, seconds=600)
        with subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as attack:
            assert attack.stdout is not None
            first = attack.stdout.readline()
            attack.terminate()
            rest, said = attack.communicate(timeout=_LIMIT_S)

    last = msgspec.json.decode(rest.splitlines()[-1], type=Met)
    assert msgspec.json.decode(first, type=Met).kind == kind
    assert (attack.returncode, said, last.done) == (0, b"", True)
    assert last.at_s < _LIMIT_S
