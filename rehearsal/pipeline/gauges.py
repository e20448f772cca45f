"""Reads what the shop says of its resources, once a second, from a thread of the conductor."""

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from math import isfinite
from typing import NamedTuple, Self

import httpx

from rehearsal.model.clock import NS_PER_S, Clock
from rehearsal.model.history import Kind, Row
from rehearsal.model.plan_capacity import Resource
from rehearsal.pipeline.series import NotText, Selector, Values, families_of, growth, selector_of, values_of
from scenarios.http.tls import context_of

_EVERY_S = 1.0
#: An endpoint that takes longer, or says more, is left alone until the next second.
_TIMEOUT_S = 2.0
_MOST_BYTES = 4_000_000
_ACCEPT = {"Accept": "text/plain; version=0.0.4"}

Fetch = Callable[[], str]


class NoReading(Exception):
    """The endpoint gave nothing; the message says why, as the end of a sentence."""


class _Read(NamedTuple):
    """What was read of a resource: at one instant, or over a stretch of time."""

    since_ns: int
    until_ns: int
    value: float


@contextmanager
def endpoint(url: str, *, ca_file: str = "", headers: Mapping[str, str] | None = None) -> Iterator[Fetch]:
    """Give a function that returns what an address says; NoReading if it says nothing usable."""
    verify = context_of(ca_file) if ca_file else url.startswith("https:")
    sent = {**(headers or {}), **_ACCEPT}
    with httpx.Client(timeout=_TIMEOUT_S, trust_env=False, verify=verify, headers=sent) as client:

        def fetch() -> str:
            try:
                return _body_of(client, url)
            except (httpx.HTTPError, httpx.InvalidURL) as error:
                raise NoReading(str(error) or type(error).__name__) from None

        yield fetch


class Gauges:
    """Writes a row used/NAME a second for each resource, and tells their means over a stretch of the run.

    Use as a context manager: the thread ends with it. An endpoint that fails is no error: `told` says so.
    """

    def __init__(
        self,
        resources: Sequence[Resource],
        reached: AbstractContextManager[Fetch],
        *,
        clock: Clock,
        origin_ns: int,
        record: Callable[[Row], None],
    ) -> None:
        """Take what is read, how the endpoint is reached, the clock, and where rows go."""
        self._reached = reached
        self._clock = clock
        self._origin_ns = origin_ns
        self._record = record
        self._wanted: dict[Resource, Selector] = {}
        self._words: dict[str, str] = {}
        for resource in resources:
            try:
                self._wanted[resource] = selector_of(resource.series)
            except ValueError as error:
                self._words[resource.name] = f"the series of {resource.name} cannot be looked for: {error}"
        self._endless: Counter[str] = Counter()
        self._reads: dict[str, list[_Read]] = {resource.name: [] for resource in self._wanted}
        self._last: dict[str, tuple[int, Values]] = {}
        self._asked = self._failed = 0
        self._why = ""
        self._stop = threading.Event()
        self._problem: OSError | None = None
        self._thread = threading.Thread(target=self._guarded, name="gauges", daemon=True)

    @property
    def limits(self) -> dict[str, float]:
        """Return the ceiling of each resource, in its own unit."""
        return {resource.name: resource.limit for resource in self._wanted}

    @property
    def told(self) -> str:
        """Return what could not be read, "" if everything was."""
        words = list(self._words.values())
        if self._failed:
            count = f"{self._failed} of {self._asked}"
            words.append(f"{count} readings of the shop's metrics failed: {self._why}")
        words += [
            f"{count} readings of {name} were no number (NaN, or without end)"
            for name, count in sorted(self._endless.items())
        ]
        if self._failed < self._asked:
            words += [f"the shop's metrics have no series for {name}" for name in self._unseen()]
        return "; ".join(words)

    def means(self, start_ns: int, end_ns: int) -> dict[str, float]:
        """Return the mean of each resource over [start_ns, end_ns) since the origin, if any was read then."""
        found = {name: _mean(list(reads), start_ns, end_ns) for name, reads in self._reads.items()}
        return {name: mean for name, mean in found.items() if mean is not None}

    def __enter__(self) -> Self:
        """Start reading."""
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        """Stop reading; OSError if a row could not be written and nothing else is being raised."""
        self._stop.set()
        self._thread.join()
        if self._problem and kind is None:
            raise self._problem

    def _guarded(self) -> None:
        try:
            with self._reached as fetch:
                while self._wanted and not self._stop.is_set():
                    self.read(fetch)
                    self._stop.wait(_EVERY_S)
        except OSError as error:  # a full disk: said once, by the conductor, not by this thread
            self._problem = error

    def read(self, fetch: Fetch) -> None:
        """Read every resource once."""
        self._asked += 1
        begun_ns = self._clock.now_ns()
        try:
            families = families_of(fetch())
        except (NoReading, NotText) as error:
            self._failed += 1
            self._why = str(error)
            return
        # The shop counted at some instant in between.
        at_ns = (begun_ns + self._clock.now_ns()) // 2 - self._origin_ns
        for resource, selector in self._wanted.items():
            if values := values_of(selector, families):
                self._take(resource, at_ns, values)

    def _take(self, resource: Resource, at_ns: int, values: Values) -> None:
        # Their sum: of several series one that is no number leaves the rest a part, which would flatter.
        if not isfinite(sum(values.values())):
            self._endless[resource.name] += 1
            return
        read = _Read(at_ns, at_ns, sum(values.values())) if not resource.rate else None
        if resource.rate and (last := self._last.get(resource.name)) is not None:
            read = _rate(last, (at_ns, values))
        self._last[resource.name] = at_ns, values
        if read is None or not isfinite(read.value):
            return
        self._reads[resource.name].append(read)
        if at_ns >= 0:
            row = Row(kind=Kind.HEALTH, f=f"used/{resource.name}", sent_ns=at_ns, value=round(read.value, 6))
            self._record(row)

    def _unseen(self) -> list[str]:
        seen = self._last.keys() | self._endless.keys()
        return [resource.name for resource in self._wanted if resource.name not in seen]


def _rate(last: tuple[int, Values], now: tuple[int, Values]) -> _Read | None:
    grown = growth(last[1], now[1])
    if grown is None or now[0] <= last[0]:
        return None
    return _Read(last[0], now[0], grown * NS_PER_S / (now[0] - last[0]))


def _mean(reads: Sequence[_Read], start_ns: int, end_ns: int) -> float | None:
    """Return the mean, each stretch of time weighing as much of it as lies within; instants weigh alike."""
    weighed = [(_weight(read, start_ns, end_ns), read.value) for read in reads]
    total = sum(weight for weight, _ in weighed)
    return sum(weight * value for weight, value in weighed) / total if total else None


def _weight(read: _Read, start_ns: int, end_ns: int) -> int:
    if read.since_ns == read.until_ns:
        return int(start_ns <= read.until_ns < end_ns)
    return max(0, min(read.until_ns, end_ns) - max(read.since_ns, start_ns))


def _body_of(client: httpx.Client, url: str) -> str:
    # httpx bounds the wait for each piece alone: a body that drips would never end.
    deadline_s, body = time.monotonic() + _TIMEOUT_S, bytearray()
    with client.stream("GET", url) as answer:
        if not answer.is_success:
            raise NoReading(f"{url} answers {answer.status_code}")
        for piece in answer.iter_bytes():
            body += piece
            if len(body) > _MOST_BYTES or time.monotonic() > deadline_s:
                raise NoReading(f"{url} gives more than {_MOST_BYTES} bytes, or takes over {_TIMEOUT_S:g} s")
    return body.decode(errors="replace")
