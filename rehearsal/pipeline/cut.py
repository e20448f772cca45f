"""A run that a stop condition ended early: what of its plan, schedule and history can be judged. Pure."""

from bisect import bisect_left
from collections import Counter

import msgspec
import polars as pl

from rehearsal.model.clock import nanoseconds
from rehearsal.model.history import Kind
from rehearsal.model.plan import Contingency, Fault, Phase, Plan, Sale
from rehearsal.model.timeline import Timeline, timeline_of
from rehearsal.model.verdict import Finding, Status
from rehearsal.rundir.record import StopRecord
from scenarios.schedule import Schedule

#: A phase of less than that says nothing of itself; it is left out with those that never began.
_SHORTEST_S = 1.0


def plan_until(plan: Plan, stop_s: float) -> Plan:
    """Return the plan as far as it was carried out: the phase that was cut is as short as it was."""
    phases = _phases_until(plan, stop_s)
    lengths = {phase.name: phase.duration_s for phase in phases}
    sale = _sale_in(plan.sale, lengths)
    return plan.model_copy(
        update={
            "phases": phases,
            "faults": tuple(_held(fault, lengths) for fault in plan.faults if _begun(fault, lengths)),
            "contingencies": tuple(each for each in plan.contingencies if _begun(each, lengths)),
            "sale": sale,
            "waiting_room": plan.waiting_room if sale.opens_with else None,
        }
    )


def schedule_until(schedule: Schedule, timeline: Timeline, stop_s: float) -> Schedule:
    """Return the schedule with what was due by then, planned in the phases of the cut timeline."""
    count = bisect_left(schedule.due_ns, nanoseconds(stop_s))
    planned = Counter(timeline.phase_at(due_ns).name for due_ns in schedule.due_ns[:count])
    return msgspec.structs.replace(
        schedule,
        planned={phase.name: planned[phase.name] for phase in timeline.phases} if schedule.due_ns else {},
        due_ns=schedule.due_ns[:count],
        kind=schedule.kind[:count],
        released=tuple(each for each in schedule.released if each[0] < count),
    )


def frame_until(frame: pl.DataFrame, stop_s: float) -> pl.DataFrame:
    """Return the history without the visits that were due later, called off or begun before it was known."""
    visits = pl.col("kind").is_in([Kind.DROP, Kind.VISIT])
    return frame.filter(~(visits & (pl.col("due_ns") >= nanoseconds(stop_s))))


def stop_finding(stop: StopRecord, plan: Plan) -> Finding:
    """Return stop.<condition>: what was met, and in which phase."""
    phase = timeline_of(plan).phase_at(nanoseconds(stop.at_s))
    return Finding(
        check=f"stop.{stop.condition}",
        status=Status.FAIL,
        subject=phase.name,
        summary=f"The plan's stop condition was met {stop.at_s:.1f} s into the run: {stop.summary}. "
        "Everything was healed at once.",
        measured=stop.measured,
        limit=stop.limit,
        unit=stop.unit,
        evidence={"at_s": stop.at_s},
    )


def _phases_until(plan: Plan, stop_s: float) -> tuple[Phase, ...]:
    phases: list[Phase] = []
    left_s = max(stop_s, _SHORTEST_S)
    for phase in plan.phases:
        if left_s < _SHORTEST_S:
            break
        phases.append(phase.model_copy(update={"duration_s": min(phase.duration_s, left_s)}))
        left_s -= phase.duration_s
    return tuple(phases)


def _sale_in(sale: Sale, lengths: dict[str, float]) -> Sale:
    opens = sale.opens_with if sale.opens_with in lengths else ""
    closes = sale.closes_with if sale.closes_with in lengths else ""
    return sale.model_copy(update={"opens_with": opens, "closes_with": closes})


def _begun(each: Fault | Contingency, lengths: dict[str, float]) -> bool:
    return each.phase in lengths and each.after_s < lengths[each.phase]


def _held(fault: Fault, lengths: dict[str, float]) -> Fault:
    return fault.model_copy(update={"hold_s": min(fault.hold_s, lengths[fault.phase] - fault.after_s)})
