"""A run as its judges see it: the history, and what several of them derive from it, derived once."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property

import polars as pl

from capacity.asks import asks_of, usual_shares
from capacity.fault_windows import Drill, placed_drills
from capacity.samples import requests_of
from capacity.starvation import Starved
from rehearsal.model.history import Kind
from rehearsal.model.plan import Plan
from rehearsal.model.readings import FinalReadings
from rehearsal.model.timeline import Timeline, Window
from rehearsal.model.verdict import Finding, Status

Judge = Callable[[pl.DataFrame], Finding | None]


@dataclass(frozen=True)
class Scene:
    """A history (columns of `history_file.SCHEMA`), its plan, the final readings and the starved seconds."""

    frame: pl.DataFrame
    plan: Plan
    timeline: Timeline
    readings: FinalReadings
    starved: Starved

    @property
    def by_step(self) -> bool:
        """Tell whether requests are known by their steps; those of a stranger's file or a log are not."""
        return self.plan.traffic.tells_steps

    @cached_property
    def requests(self) -> pl.DataFrame:
        """Return the requests, as `samples.requests_of`."""
        return requests_of(self.frame)

    @cached_property
    def drills(self) -> tuple[Drill, ...]:
        """Return the faults that were injected and healed, in the order of their windows."""
        return tuple(drill for _, drill in placed_drills(self.frame, self.timeline) if drill)

    @cached_property
    def asks(self) -> pl.DataFrame:
        """Return what shoppers asked for, as `asks.asks_of`."""
        return asks_of(self.requests)

    @cached_property
    def usual(self) -> Mapping[str, float]:
        """Return the share of each function that works without a fault."""
        return usual_shares(self.asks, self.drills, self.timeline.phases)

    @cached_property
    def due_ns(self) -> pl.Series:
        """Return when visits were due, those not started too; of a closed model, when requests were."""
        if self.plan.traffic.is_closed:
            return self.requests["due_ns"]
        return self.frame.filter(pl.col("kind").is_in([Kind.VISIT, Kind.DROP]))["due_ns"]

    def of_requests(self, judge: Judge, window: Window) -> Finding | None:
        """Return what a timing check says of the requests, made honest about starved seconds in a window."""
        return self._tempered(judge, self.requests, window)

    def of_asks(self, judge: Judge, window: Window) -> Finding | None:
        """Return what a timing check says of the asks, made honest about starved seconds in a window."""
        return self._tempered(judge, self.asks, window)

    def _tempered(self, judge: Judge, rows: pl.DataFrame, window: Window) -> Finding | None:
        finding = judge(rows)
        if finding is None:
            return None

        def again() -> Finding:
            # What cannot be judged without the starved seconds is not clear without them.
            return judge(self.starved.untouched(rows)) or unclear(finding)

        return self.starved.temper(finding, window, again)


def unclear(finding: Finding) -> Finding:
    """Return a finding that was not seen a second time."""
    return Finding(check=finding.check, status=Status.INCONCLUSIVE, summary=finding.summary)
