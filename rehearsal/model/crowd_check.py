"""What a plan's waiting room and behaviour contradict. Pure."""

from collections.abc import Iterator

from rehearsal.model.plan import Behaviour, Plan, WaitingRoom
from rehearsal.model.timeline import timeline_of
from rehearsal.model.toml_places import Path


def crowd(plan: Plan) -> Iterator[tuple[Path, str]]:
    """Yield the mistakes of both tables, each with its place. T-0 must be in a phase of the plan."""
    if plan.waiting_room is not None:
        yield from _waiting_room(plan, plan.waiting_room)
    yield from _behaviour(plan.behaviour)


def _waiting_room(plan: Plan, room: WaitingRoom) -> Iterator[tuple[Path, str]]:
    opens_s = timeline_of(plan).window_of(plan.sale.opens_with).start_ns / 1e9
    if room.gather_s + room.hold_s > opens_s:
        yield (
            ("waiting_room", "gather_s"),
            f"begins before the run: gather_s + hold_s is more than the {opens_s:g} s before T-0",
        )
    if room.shoppers > plan.traffic.pool:
        yield ("waiting_room", "shoppers"), f"do not fit into traffic.pool, which is {plan.traffic.pool}"
    if opens_s + room.release_s > plan.duration_s:
        yield ("waiting_room", "release_s"), "ends after the last phase"


def _behaviour(behaviour: Behaviour) -> Iterator[tuple[Path, str]]:
    if behaviour.max_backoff_s < behaviour.backoff_s:
        yield ("behaviour", "max_backoff_s"), "is below backoff_s; the first wait is the shortest"
    if bool(behaviour.refreshes) != (behaviour.refresh_after_s is not None):
        yield ("behaviour", "refreshes"), "and refresh_after_s go together: how often, and after how long"
