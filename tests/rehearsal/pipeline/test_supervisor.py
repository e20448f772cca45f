import os
from collections.abc import Iterator

import pytest

from rehearsal.pipeline.supervisor import BEAT, QUIT, watch


@pytest.fixture
def pipe() -> Iterator[tuple[int, int]]:
    """Return a pipe's ends to read from and to write to."""
    reads, writes = os.pipe()
    yield reads, writes
    os.close(reads)


@pytest.mark.parametrize(
    ("said", "why"),
    [
        pytest.param(b"", "its conductor died", id="it dies before its first beat"),
        pytest.param(BEAT * 3, "its conductor died", id="it dies after some beats"),
        pytest.param(BEAT + QUIT, "", id="it says that all is over, then ends"),
        pytest.param(QUIT + BEAT, "", id="a late beat does not matter"),
    ],
)
def test_how_a_conductor_ends(pipe: tuple[int, int], said: bytes, why: str) -> None:
    """Only a conductor that said goodbye has ended in good order, whatever its exit code is."""
    reads, writes = pipe
    os.write(writes, said)
    os.close(writes)

    assert watch(reads, 60.0) == why


def test_a_silent_conductor(pipe: tuple[int, int]) -> None:
    """One whose pipe is open and that says nothing hangs, or was stopped."""
    reads, writes = pipe
    why = watch(reads, 0.0)
    os.close(writes)

    assert why == "its conductor was silent for 0 s and was ended"
