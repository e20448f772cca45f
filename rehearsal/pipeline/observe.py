"""Watches machine, shop and stock while a drill runs, from threads of the conductor."""

import contextlib
import threading
from collections.abc import Callable, Iterable
from typing import Self

import psutil

from rehearsal import process
from rehearsal.model.clock import NS_PER_MS, NS_PER_S, Clock
from rehearsal.model.errors import RehearsalError
from rehearsal.model.history import Kind, Row
from rehearsal.process import Child

#: A thread that asks for 20 ms and gets 300 ms has seen the machine stand still for 280.
_TICK_NS = 20 * NS_PER_MS
_PERCENT = 100.0
_BYTES_PER_MB = 1_000_000

ReadStock = Callable[[], int | None]


class Observer:
    """Writes, for each second, how busy the machine was, how long it stood still, and the stock.

    And of each of the shop's processes, by its label, the memory (rss_mb/LABEL, in millions of bytes) and
    the open descriptors (fds/LABEL). A process that is gone at that moment has no row.

    Use as a context manager: the threads end with it.
    """

    def __init__(
        self,
        clock: Clock,
        origin_ns: int,
        record: Callable[[Row], None],
        *,
        sku: str,
        stock: ReadStock,
        processes: Callable[[], Iterable[Child]] = tuple,
    ) -> None:
        """Take the clock, where rows go, how to read a SKU's stock (None: it cannot be), the processes."""
        self._clock = clock
        self._origin_ns = origin_ns
        self._record = record
        self._sku = sku
        self._stock = stock
        self._processes = processes
        self._stop = threading.Event()
        self._problem: OSError | None = None
        self._threads = [
            threading.Thread(target=self._guarded, args=(work,), name=work.__name__, daemon=True)
            for work in (self._watch_machine, self._watch_stock)
        ]

    def __enter__(self) -> Self:
        """Start watching."""
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        """Stop watching; OSError if a row could not be written and nothing else is being raised."""
        self._stop.set()
        for thread in self._threads:
            thread.join()
        if self._problem and kind is None:
            raise self._problem

    def _guarded(self, work: Callable[[], None]) -> None:
        try:
            work()
        except OSError as error:  # a full disk: said once, by the conductor, not by each thread
            self._problem = error

    def _watch_machine(self) -> None:
        psutil.cpu_percent()
        while not self._stop.is_set():
            begun_ns = self._clock.now_ns()
            stall_ns = self._worst_stall(begun_ns + NS_PER_S)
            at_ns = begun_ns - self._origin_ns
            self._health("cpu", at_ns, psutil.cpu_percent() / _PERCENT)
            self._health("stall_ms", at_ns, stall_ns / NS_PER_MS)
            self._weigh_processes()

    def _worst_stall(self, until_ns: int) -> int:
        worst_ns, now_ns = 0, self._clock.now_ns()
        while now_ns < until_ns and not self._stop.is_set():
            due_ns = now_ns + _TICK_NS
            self._clock.sleep_until_ns(due_ns)
            now_ns = self._clock.now_ns()
            worst_ns = max(worst_ns, now_ns - due_ns)
        return worst_ns

    def _weigh_processes(self) -> None:
        for child in self._processes():
            at_ns = self._clock.now_ns() - self._origin_ns
            if (weight := _weight(child)) is not None:
                self._health(f"rss_mb/{child.label}", at_ns, weight[0])
                self._health(f"fds/{child.label}", at_ns, weight[1])

    def _watch_stock(self) -> None:
        while not self._stop.wait(1.0):
            sent_ns = self._clock.now_ns() - self._origin_ns
            try:
                available = self._stock()
            except RehearsalError:
                continue
            if available is not None and sent_ns >= 0:
                self._record(Row(kind=Kind.STOCK, f=self._sku, sent_ns=sent_ns, qty=available))

    def _health(self, name: str, at_ns: int, value: float) -> None:
        if at_ns >= 0:
            self._record(Row(kind=Kind.HEALTH, f=name, sent_ns=at_ns, value=round(value, 4)))


def _weight(child: Child) -> tuple[float, int] | None:
    """Return a process's memory (millions of bytes) and its open descriptors; None if it is gone."""
    with contextlib.suppress(psutil.Error, OSError):
        if (found := process.find(child)) is not None:
            return found.memory_info().rss / _BYTES_PER_MB, found.num_fds()
    return None
