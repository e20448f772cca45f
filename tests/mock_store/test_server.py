import asyncio
import signal
import socket
from collections.abc import Iterator

import httpx
import pytest
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from mock_store.server import PortTaken, check_free, serve
from mock_store.web import answer, starlette

pytestmark = pytest.mark.anyio


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    """Return a socket that listens, ready to share its port with whoever asks to."""
    with socket.socket() as taken:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        taken.bind(("127.0.0.1", 0))
        taken.listen(1)
        yield taken


def port_of(taken: socket.socket) -> int:
    """Return a socket's port."""
    return int(taken.getsockname()[1])


def test_a_taken_port_is_said(listener: socket.socket) -> None:
    """Even one that could be shared: two servers on a port would split its requests in silence."""
    port = port_of(listener)

    with pytest.raises(PortTaken, match=f"cannot listen on 127.0.0.1:{port} .*; stop what uses it or name"):
        check_free("127.0.0.1", port)


def test_a_free_port_passes(listener: socket.socket) -> None:
    """Once the other has gone, the port can be had, without a wait."""
    port = port_of(listener)
    listener.close()

    check_free("127.0.0.1", port)


async def test_it_serves_until_a_signal(listener: socket.socket) -> None:
    """A request is answered, and SIGTERM ends the server in peace."""
    port = port_of(listener)
    listener.close()

    async def stop(_: Request) -> Response:
        signal.raise_signal(signal.SIGTERM)
        return answer({"stopping": True})

    server = asyncio.ensure_future(serve(starlette([Route("/", stop)]), "127.0.0.1", port))
    transport = httpx.AsyncHTTPTransport(retries=8)
    async with httpx.AsyncClient(transport=transport, trust_env=False) as client:
        response = await client.get(f"http://127.0.0.1:{port}/")
    await server

    assert response.json() == {"stopping": True}
