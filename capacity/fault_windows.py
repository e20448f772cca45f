"""When each fault of a plan was really injected and healed, and which requests tell of it.

A fault is measured on the steps of the functions that it may touch (`rehearsal.model.fault_facts`); on all
requests if it takes a region away, or if nobody knows the steps by their names (a stranger's locustfile).
"""

from collections.abc import Iterator
from dataclasses import dataclass

import polars as pl

from rehearsal.model.clock import NS_PER_S, nanoseconds, seconds
from rehearsal.model.fault_facts import FACTS, STEPS_OF
from rehearsal.model.faults import FaultKind, Function, Promise
from rehearsal.model.history import Doing, Kind, Outcome, Step
from rehearsal.model.plan import Fault
from rehearsal.model.timeline import PlacedFault, Timeline, Window

#: The faults that take a region away altogether: what they hit is told by every request.
LOST_REGION = frozenset(
    {
        FaultKind.REGION_KILLED,
        FaultKind.REGION_PARTITIONED,
        FaultKind.ROUTING_STALE,
        FaultKind.SURVIVOR_OVERLOADED,
        FaultKind.REGION_FAILBACK,
        FaultKind.REGION_PAUSED,
        FaultKind.ANSWER_LOST_AND_REGION_KILLED,
        FaultKind.CALLBACK_REPEATED_AND_REGION_PAUSED,
    }
)

#: What shoppers send on purpose, whatever the shop answered: no sign of how it is.
_ON_PURPOSE = {Doing.DOUBLE_CLICK, Doing.SENT_AGAIN, Doing.SENT_OTHERWISE}


@dataclass(frozen=True, slots=True)
class Drill:
    """A fault as it happened: injected, healed, and watched until the run's end or the next fault.

    It began at `inject_ns` and was there in full at `injected_ns` (of two faults the second strikes later),
    until `released_ns`, when healing began; `heal_ns` is when that was done.
    """

    placed: PlacedFault
    inject_ns: int
    injected_ns: int
    released_ns: int
    heal_ns: int
    until_ns: int

    @property
    def fault(self) -> Fault:
        """Return the fault as planned."""
        return self.placed.fault

    @property
    def watched_s(self) -> float:
        """Return for how long after healing the shop was watched."""
        return max(0.0, seconds(self.until_ns - self.heal_ns))

    @property
    def held_s(self) -> float:
        """Return for how long the fault was really held."""
        return seconds(self.released_ns - self.inject_ns)

    @property
    def held(self) -> Window:
        """Return the time in which the fault was in force."""
        return Window(self.inject_ns, self.released_ns)

    @property
    def window(self) -> Window:
        """Return the time within which the shop must have recovered."""
        return Window(self.heal_ns, self.heal_ns + nanoseconds(self.fault.recover_within_s))


def placed_drills(frame: pl.DataFrame, timeline: Timeline) -> Iterator[tuple[PlacedFault, Drill | None]]:
    """Give each placed fault in the order of their windows, with what became of it (as `drill_of`)."""
    placed = sorted(timeline.faults, key=lambda one: one.window.start_ns)
    ends_ns = [*(one.window.start_ns for one in placed[1:]), timeline.end_ns]
    for one, until_ns in zip(placed, ends_ns, strict=False):
        yield one, drill_of(frame, one, until_ns)


def drill_of(frame: pl.DataFrame, placed: PlacedFault, until_ns: int) -> Drill | None:
    """Return a fault as the history tells it, or None if it lacks the injection or the healing."""
    rows = frame.filter(
        (pl.col("kind") == Kind.FAULT)
        & (pl.col("f") == placed.fault.kind)
        & (pl.col("outcome") == Outcome.OK)
        & pl.col("sent_ns").is_between(placed.window.start_ns - NS_PER_S, until_ns)
    )
    injecting = rows.filter(pl.col("note").str.starts_with("inject")).sort("sent_ns")
    healing = rows.filter(pl.col("note").str.starts_with("heal")).sort("done_ns")
    if injecting.is_empty() or healing.is_empty():
        return None
    return Drill(
        placed,
        inject_ns=injecting["sent_ns"][0],
        injected_ns=injecting["done_ns"][0],
        released_ns=healing["sent_ns"][0],
        heal_ns=healing["done_ns"][0],
        until_ns=until_ns,
    )


def promises_of(fault: Fault) -> dict[Function, Promise]:
    """Return what shoppers are promised of each function under a fault; the plan's own word comes first."""
    as_usual = dict.fromkeys(Function, Promise.WORKS)
    return {**as_usual, **FACTS[fault.kind].promise, **fault.promise}


def hits_of(kind: FaultKind) -> frozenset[Function]:
    """Return the functions that a fault may touch."""
    return frozenset(FACTS[kind].promise)


def measure_of(requests: pl.DataFrame, kind: FaultKind, *, by_step: bool = True) -> pl.DataFrame:
    """Return the requests that tell of a fault, by `due_ns`, `second` and whether they were `good`.

    Of payments only the card tells: an order paid on account is no sign that the provider is back.
    """
    columns = ("due_ns", "second", "good")
    if not by_step:
        return requests.select(columns)
    asked, hits = unforced(requests), hits_of(kind)
    if hits == {Function.PAYMENT}:
        by_card = asked.filter((pl.col("f") == Step.PAY) & (pl.col("channel") == "card"))
        return by_card.with_columns((pl.col("outcome") == Outcome.OK).alias("good")).select(columns)
    if kind not in LOST_REGION:
        steps = [step.value for function in hits for step in STEPS_OF[function]]
        asked = asked.filter(pl.col("f").is_in(steps))
    return asked.select(columns)


def unforced(requests: pl.DataFrame) -> pl.DataFrame:
    """Return the requests without those that shoppers send twice, again or otherwise on purpose."""
    # Few notes differ: they are searched once each, not row by row.
    forced = [note for note in requests["note"].unique() if set(note.split()) & _ON_PURPOSE]
    return requests.filter(~pl.col("note").is_in(forced))


def name_of(placed: PlacedFault) -> str:
    """Return a fault and its phase in words."""
    return f"{placed.fault.kind.replace('_', ' ')} in {placed.fault.phase}"
