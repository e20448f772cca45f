import socket
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

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


def test_a_block_that_another_drill_has_is_passed_over() -> None:
    """Free ports are no choice if a drill has chosen them already and is only not listening yet."""
    asked: list[tuple[int, ...]] = []

    def hold(block: tuple[int, ...]) -> bool:
        asked.append(block)
        return len(asked) > 1

    chosen = ports.block(3, hold=hold)

    assert [chosen] == asked[1:]
    assert chosen > asked[0]


def test_drills_that_do_not_know_of_each_other_look_in_different_places(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Those of other homes share no locks, and ports count as free until somebody listens on them."""
    monkeypatch.setattr(ports, "is_free", lambda _port: True)
    places = (ports.LAST - ports.FIRST) // 4
    chosen = [ports.block(4, turn=turn)[0] for turn in (0, 1, places - 1, places)]

    assert chosen == [18000, 18004, 31996, 18000]


def test_a_base_that_another_drill_has_is_refused() -> None:
    """The sentence says that it is one of ours, not a stranger, and how to go on."""
    base = ports.block(2)[0]

    with pytest.raises(RehearsalError, match=rf"Another drill .*{base} to {base + 1}.*store\.base_port"):
        ports.block(2, base=base, hold=lambda _: False)


def test_a_held_block_is_let_go_of(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After the block the same ports are there again; the file of locks stays empty."""
    monkeypatch.setattr(ports, "is_free", lambda _port: True)
    folder = tmp_path / "state"
    with ports.held(2, folder=folder) as first:
        pass
    with ports.held(2, base=first[0], folder=folder) as again:
        assert first == again

    assert (folder / ports.LOCKS).read_bytes() == b""


@given(st.lists(st.integers(1, 65535), max_size=5))
def test_addresses_and_ports_are_one_another(numbers: list[int]) -> None:
    """The port of an address is the one it was made of."""
    assert numbers == [ports.port_of(url) for url in ports.urls(numbers)]
