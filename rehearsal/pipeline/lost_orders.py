"""Acknowledged orders that the shop's books do not have, counted while the load runs."""

import threading
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Self

import msgspec

from rehearsal.model.clock import Clock, nanoseconds, seconds
from rehearsal.model.errors import RehearsalError
from rehearsal.model.history import Outcome, Step
from rehearsal.model.readings import OrderReading
from rehearsal.rundir import folder

_EVERY_S = 2.0
#: Reading the books must not become the load: of the time it takes, so many times as much passes between.
_PAUSES = 4
#: What an order may be that was sold: it may have been given back since.
_SOLD = frozenset({"paid", "confirmed", "cancelled"})
_TELLS = frozenset({Step.PAY, Step.QUERY})


class _Line(msgspec.Struct, frozen=True):
    """What is read of a row."""

    kind: str
    f: str
    outcome: str = ""
    order_id: str = ""
    done_ns: int = 0


class Acknowledged:
    """The orders whose shoppers were told that they are paid, and when, read as the history grows."""

    def __init__(self, run: Path) -> None:
        """Take the run's folder."""
        self._run = run
        self._offsets: dict[Path, int] = {}
        self._decoder = msgspec.json.Decoder(_Line)
        self.told_ns: dict[str, int] = {}

    def read(self) -> None:
        """Read what was appended since the last time."""
        for path in folder.logs_of(self._run, folder.LOAD_LOGS).values():
            for line in self._new_lines(path):
                try:
                    row = self._decoder.decode(line)
                except msgspec.DecodeError:  # cut by a full disk
                    continue
                if row.f in _TELLS and row.outcome == Outcome.OK and row.order_id:
                    self.told_ns.setdefault(row.order_id, row.done_ns)

    def before(self, instant_ns: int) -> frozenset[str]:
        """Return the orders acknowledged before an instant of the run's clock."""
        return frozenset(order_id for order_id, told_ns in self.told_ns.items() if told_ns <= instant_ns)

    def _new_lines(self, path: Path) -> list[bytes]:
        with path.open("rb") as file:
            file.seek(self._offsets.get(path, 0))
            content = file.read()
        whole = content[: content.rfind(b"\n") + 1]
        self._offsets[path] = self._offsets.get(path, 0) + len(whole)
        return whole.splitlines()


def missing(told: frozenset[str], orders: Iterable[OrderReading]) -> frozenset[str]:
    """Return the orders that shoppers were told are paid and that the books do not have as sold."""
    return told - {order.order_id for order in orders if order.status in _SOLD}


class LostOrders:
    """Compares in a thread of its own, as a context manager; `count` is how many were missing last time."""

    def __init__(
        self,
        run: Path,
        read_orders: Callable[[], Iterable[OrderReading] | None],
        *,
        clock: Clock,
        origin_ns: int,
        after_s: float,
        wanted: bool = True,
    ) -> None:
        """Take the run's folder, how to read the books, and how long an order may take to stand in them.

        Unless it is wanted, nothing is read.
        """
        self._wanted = wanted
        self._acknowledged = Acknowledged(run)
        self._read_orders = read_orders
        self._clock = clock
        self._origin_ns = origin_ns
        self._after_ns = nanoseconds(after_s)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="lost orders", daemon=True)
        self.count = 0

    def __enter__(self) -> Self:
        """Begin."""
        if self._wanted:
            self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """End."""
        self._stop.set()
        if self._wanted:
            self._thread.join()

    def look(self) -> int:
        """Compare once and return how many are missing; as before, if the books cannot be read now."""
        try:
            # Told first, then read: whatever was told by then must stand in what is read after it.
            self._acknowledged.read()
            told = self._acknowledged.before(self._clock.now_ns() - self._origin_ns - self._after_ns)
            orders = self._read_orders() if told else ()
        except (RehearsalError, OSError):
            return self.count
        self.count = 0 if orders is None else len(missing(told, orders))
        return self.count

    def _watch(self) -> None:
        pause_s = _EVERY_S
        while not self._stop.wait(pause_s):
            begun_ns = self._clock.now_ns()
            self.look()
            pause_s = max(_EVERY_S, _PAUSES * seconds(self._clock.now_ns() - begun_ns))
