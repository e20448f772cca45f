import socket

import pytest

from rehearsal.model.errors import RehearsalError
from rehearsal.pipeline import ports


def test_a_block_is_free_and_below_the_kernels_client_ports() -> None:
    """Neighbouring ports, each of which a server could listen on now."""
    block = ports.block(4)

    assert block == tuple(range(block[0], block[0] + 4))
    assert block[-1] < 32768
    assert all(ports.is_free(port) for port in block)


def test_a_taken_port_is_named_with_its_mend() -> None:
    """A base port somebody holds is refused in a sentence; without a base the block is found elsewhere."""
    with socket.create_server(("127.0.0.1", 0)) as holder:
        taken = holder.getsockname()[1]
        with pytest.raises(RehearsalError, match=rf"Port {taken} is in use .*store\.base_port"):
            ports.block(1, base=taken)
        assert not ports.is_free(taken)


def test_no_free_block_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """When everything is taken, the range searched is named."""
    monkeypatch.setattr(ports, "is_free", lambda _port: False)

    with pytest.raises(RehearsalError, match="No 3 neighbouring ports between 18000 and 32000"):
        ports.block(3)


def test_a_free_base_is_used_as_it_is() -> None:
    """The ports asked for are the ports given."""
    base = ports.block(2)[0]

    assert ports.block(2, base=base) == (base, base + 1)
    assert ports.urls((80,)) == ("http://127.0.0.1:80",)


def test_a_block_beyond_the_last_port_is_refused() -> None:
    """There are 65,535 ports; asking for more is a sentence."""
    with pytest.raises(RehearsalError, match="no 13 ports from 65530 on"):
        ports.block(13, base=65530)
