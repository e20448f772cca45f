"""The doctor's process: what it told is read whatever became of it."""

import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from rehearsal.model.errors import RehearsalError
from rehearsal.model.plan import VisitKind
from rehearsal.pipeline.tryout.child import limit_s, read_told, try_out
from scenarios.tryout.told import Began, FailedTold, TryOrder
from tests.hostile.shop import HostileShop
from tests.hostile.tried import order_for

BEGAN = Began(kind=VisitKind.CART, step="pay")
Run = Callable[..., Any]


@pytest.fixture
def order() -> TryOrder:
    """Return an order for a shop that nobody asks here."""
    shop = HostileShop()
    shop.server_close()
    return order_for(shop, VisitKind.CART, burst=5)


def ending(*lines: msgspec.Struct, code: int = 0, stderr: bytes = b"", late: bool = False) -> Run:
    """Return a stand-in for a process that tells these lines and ends so."""

    def run(argv: list[str], **options: Any) -> subprocess.CompletedProcess[bytes]:
        Path(argv[-1]).write_bytes(b"".join(msgspec.json.encode(line) + b"\n" for line in lines) + b'{"cut')
        if late:
            raise subprocess.TimeoutExpired(argv, options["timeout"])
        return subprocess.CompletedProcess(argv, code, b"", stderr)

    return run


@pytest.mark.parametrize(
    ("run", "ended"),
    [
        pytest.param(ending(BEGAN), "", id="by itself"),
        pytest.param(ending(BEGAN, late=True), "it did not end within 80 s", id="never"),
        pytest.param(ending(BEGAN, code=-9), "killed by SIGKILL", id="killed, and without a word"),
        pytest.param(
            ending(BEGAN, code=1, stderr=b"Traceback\nMemoryError: 8"),
            "exit code 1: MemoryError: 8",
            id="died",
        ),
    ],
)
def test_what_was_told_counts(monkeypatch: pytest.MonkeyPatch, order: TryOrder, run: Run, ended: str) -> None:
    """Whole lines are kept, a cut one is not; why there are no more is said."""
    monkeypatch.setattr(subprocess, "run", run)
    tried = try_out(order)

    assert (tried.told, tried.ended) == ((BEGAN,), ended)
    assert limit_s(order) == 80


def test_what_cannot_begin_is_an_error(monkeypatch: pytest.MonkeyPatch, order: TryOrder) -> None:
    """The adapter that cannot be loaded, or data that is missing, is the plan's mistake."""
    monkeypatch.setattr(subprocess, "run", ending(FailedTold(why="There is no users.csv; write it.")))

    with pytest.raises(RehearsalError, match="write it"):
        try_out(order)


def test_a_process_that_told_nothing(tmp_path: Path) -> None:
    """There may be no file at all."""
    assert read_told(tmp_path / "none") == ()
