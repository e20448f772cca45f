"""One trial of a search for capacity, from the wish to what came of it, on the load that stands."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import inf
from pathlib import Path
from statistics import fmean

import polars as pl

from capacity.excused import blamed, excused
from capacity.generator import starved_seconds
from capacity.trial_samples import Observed, missing, observed, standing, starved_words, starving
from capacity.trials import Samples, trial_of
from rehearsal.model.capacity import Trial, Wanted
from rehearsal.model.clock import NS_PER_S, Clock, nanoseconds, seconds
from rehearsal.model.errors import RehearsalError
from rehearsal.model.plan_capacity import Slo
from rehearsal.model.timeline import Window
from rehearsal.pipeline.capacity.growing import AS_PLANNED, Change, Growing
from rehearsal.pipeline.halt import Halt
from rehearsal.rundir.history_file import placed
from rehearsal.rundir.history_tail import HistoryTail
from scenarios.driver import Load

#: How long ahead of its first visit a trial is announced: load processes look four times a second.
LEAD_S = 1.0
#: The shop has so long to come to rest after a trial.
REST_S = 60.0
#: Warm-up of a trial, at least: a second of visits one after another, and longer than a visit lasts.
WARM_UP_S = 1.0
#: The shop's processes are weighed once a second; one that was not for so long is gone.
_WEIGHED_NS = 5 * NS_PER_S // 2
#: A trial's steady state, at least: a quick shop answers a thousand requests before a queue can build up.
STEADY_S = 3.0
#: Visits of a shop that is overwhelmed say nothing of how long a visit is.
_LONGEST_S = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """What trials are made with: the load that stands, what it grows by, time, and who looks on.

    `look` is called while waiting and may raise. `used` tells the mean use of the shop's resources meanwhile.
    No trial's steady state lasts longer than `most_s`.
    """

    run: Path
    growing: Growing
    load: Load
    clock: Clock
    origin_ns: int
    halt: Halt
    look: Callable[[], None]
    sets: Mapping[str, Slo]
    used: Callable[[Window], dict[str, float]]
    most_s: float = inf


class Measuring:
    """Makes trials one after another. `change` is what is different in them from the plan."""

    def __init__(self, bench: Bench) -> None:
        """Take the bench; what came before the first trial tells how many requests a visit makes."""
        self._bench = bench
        self._tail = HistoryTail(bench.run)
        self._per_visit, self._visit_s = 1.0, WARM_UP_S
        self._scene: str | None = None
        self._stood = frozenset[str]()
        self._under_way: list[tuple[float, int]] = []
        self.change: Change = AS_PLANNED
        self.number = 0

    def settle(self) -> None:
        """Wait until nobody is under way, and learn from the phases before how long visits are."""
        self._drain()
        rows = placed([self._tail.read()], self._bench.growing.timeline)
        for phase in self._bench.growing.plan.phases:
            self._learn(self._observed(rows, phase.name))

    def measure(self, wanted: Wanted) -> Trial:
        """Offer a rate until enough requests have come, let the shop come to rest, and return the trial."""
        bench = self._bench
        warm_up_s = max(WARM_UP_S, self._visit_s)
        steady_s = max(STEADY_S, wanted.requests / self._per_visit / wanted.rate_per_s)
        duration_s = warm_up_s + min(steady_s, bench.most_s)
        not_before_s = seconds(bench.clock.now_ns() - bench.origin_ns) + LEAD_S
        name, window = bench.growing.trial(
            wanted.rate_per_s, duration_s, not_before_s=not_before_s, change=self.change
        )
        planned = bench.growing.schedule.planned[name]
        self._under_way.clear()
        bench.halt.wait_until(bench.origin_ns + window.end_ns, bench.clock, self._look)
        self._drain()
        return self._judged(wanted, name, window, warm_up_s=warm_up_s, planned=planned)

    def _judged(self, wanted: Wanted, name: str, window: Window, *, warm_up_s: float, planned: int) -> Trial:
        bench = self._bench
        frame = placed([self._tail.read()], bench.growing.timeline)
        self._require_shop(wanted, frame, window)
        self._require_load()
        seen = self._observed(frame, name)
        self.number += 1

        def read(samples: Samples) -> Trial:
            return trial_of(
                wanted,
                samples,
                bench.sets,
                number=self.number,
                start_s=seconds(window.start_ns),
                end_s=seconds(window.end_ns),
                visits=seen.visits,
                in_flight=self._in_flight(seconds(window.start_ns) + warm_up_s),
                visit_s=seen.mean_visit_s,
                used=bench.used(window),
                invalid=missing(frame, name, planned),
                warm_up_s=warm_up_s,
            )

        trial = read(seen.samples)
        if trial.invalid:
            return trial
        if all(trial.holds(each) for each in bench.sets):
            self._learn(seen)
            return trial
        if starved := starving(starved_seconds(frame, bench.growing.plan.limits), window):
            return blamed(
                trial, read(excused(seen.samples, starved)), tuple(bench.sets), starved_words(starved)
            )
        return trial

    def _require_shop(self, wanted: Wanted, frame: pl.DataFrame, window: Window) -> None:
        """Raise RehearsalError if one of the shop's processes ended by itself since the scene began.

        What is left of a shop has a capacity too, and it would be taken for the shop's.
        """
        scene = wanted.scene
        if scene != self._scene:
            self._scene = scene
            self._stood = standing(frame, window.start_ns, window.start_ns + _WEIGHED_NS)
        gone = self._stood - standing(frame, window.end_ns - _WEIGHED_NS, window.end_ns)
        if gone:
            raise RehearsalError(
                f"{', '.join(sorted(gone))} ended by {'itself' if len(gone) == 1 else 'themselves'} at"
                f" {wanted.rate_per_s:.4g}/s, and what is left is not the shop: see the log."
            )

    def _require_load(self) -> None:
        """Raise RehearsalError if a load process was lost: its part of each trial would be missing."""
        latest = self._bench.load.latest
        if latest.alive < latest.workers:
            raise RehearsalError(
                f"{latest.workers - latest.alive} of {latest.workers} load processes died, and what is left"
                " cannot send the load that a trial asks for."
            )

    def _observed(self, frame: pl.DataFrame, name: str) -> Observed:
        return observed(frame, name, directed=self._bench.growing.plan.target.shop == "mock")

    def _learn(self, seen: Observed) -> None:
        """Take how many requests a visit makes and how long it is; not where shoppers ran out of patience."""
        requests = seen.samples.due_s.size
        if seen.visits and requests:
            self._per_visit = requests / seen.visits
            self._visit_s = min(seen.visit_s, _LONGEST_S)

    def _look(self) -> None:
        self._bench.look()
        latest = self._bench.load.latest
        if not self._under_way or latest.at_s > self._under_way[-1][0]:
            self._under_way.append((latest.at_s, latest.in_flight))

    def _in_flight(self, since_s: float) -> float | None:
        """Return the mean number of visits under way, as the load counted them; None if it did not."""
        counts = [count for at_s, count in self._under_way if at_s >= since_s]
        return fmean(counts) if counts else None

    def _drain(self) -> None:
        """Wait until no visit is under way; RehearsalError if that takes too long."""
        bench = self._bench
        last_ns = bench.clock.now_ns() + nanoseconds(REST_S)
        since_s = seconds(bench.clock.now_ns() - bench.origin_ns)
        while True:
            latest = bench.load.latest
            if latest.at_s > since_s and not latest.in_flight:
                return
            if bench.clock.now_ns() > last_ns:
                raise RehearsalError(
                    f"{latest.in_flight} visits had not ended {REST_S:g} s after a trial: "
                    "the shop did not come to rest."
                )
            bench.halt.wait_until(bench.clock.now_ns() + NS_PER_S // 10, bench.clock, bench.look)
