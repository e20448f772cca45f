"""The schedule: every visit of a run, when it is due and what it is for. Same plan and seed, same hash."""

import hashlib
import math
from itertools import pairwise
from operator import itemgetter
from random import Random

import msgspec

from rehearsal.model.clock import nanoseconds
from rehearsal.model.plan import QUIET, Mix, Phase, Plan, VisitKind
from rehearsal.model.timeline import timeline_of
from scenarios import arrival, curve, gathering

KINDS = tuple(VisitKind)

#: What a plan that is not checked may lack.
_NOBODY = Mix(browse=1.0, cart=0.0, flash_sale=0.0)


class Schedule(msgspec.Struct, frozen=True, kw_only=True):
    """`schedule.json`: visit i is due at `due_ns[i]` and of kind `KINDS[kind[i]]`. Both run in due order.

    `released` holds the number of each visit that gathers in the waiting room, and when it is let go.
    They are planned in the phase they come in. Of a closed model nothing is due: `users` says how many users
    there are from which instant on, and ends with nobody.
    """

    schema: int
    seed: int
    sha256: str
    planned: dict[str, int]
    due_ns: tuple[int, ...]
    kind: tuple[int, ...]
    released: tuple[tuple[int, int], ...] = ()
    users: tuple[tuple[int, int], ...] = ()


class Arrival(msgspec.Struct, frozen=True):
    """One visit of the schedule. `index` names it in every row of the history.

    `release_ns` is when the waiting room lets it go, 0 for all others.
    """

    index: int
    due_ns: int
    kind: VisitKind
    release_ns: int = 0


def build(plan: Plan) -> Schedule:
    """Lay out all visits of a plan: phases one after another, fractions of an arrival carried over.

    Of a stranger's locustfile no visit is planned: there users come back when the shop has answered.
    """
    if plan.traffic.is_closed:
        return _headcounts(plan)
    due_ns: list[int] = []
    kinds: list[int] = []
    planned: dict[str, int] = {}
    start_s, carry = 0.0, 0.0
    for number, phase in enumerate(plan.phases):
        profile = profile_of(phase, plan.traffic.normal)
        total = carry + profile.arrivals
        count = int(total + 1e-9)
        due_s = _due(plan, profile, count, carry, number)
        due_ns += [nanoseconds(start_s + value) for value in due_s]
        kinds += _kinds_of(plan, phase, count, number)
        planned[phase.name] = count
        start_s, carry = start_s + phase.duration_s, total - count
    due_ns, kinds, release_ns = _with_gathering(plan, due_ns, kinds, planned)
    return Schedule(
        schema=1,
        seed=plan.seed,
        sha256=_sha256(due_ns, kinds, release_ns),
        planned=planned,
        due_ns=tuple(due_ns),
        kind=tuple(kinds),
        released=tuple(release_ns.items()),
    )


def extended(schedule: Schedule, due_ns: tuple[int, ...], kind: tuple[int, ...]) -> Schedule:
    """Return a schedule with more visits at its end; its hash and counts stay those of the beginning."""
    return msgspec.structs.replace(schedule, due_ns=schedule.due_ns + due_ns, kind=schedule.kind + kind)


def _headcounts(plan: Plan) -> Schedule:
    """Lay out how many users there are, anew at each second of a phase: as many as in its middle."""
    users: list[tuple[int, int]] = []
    start_s = 0.0
    for phase in plan.phases:
        profile = profile_of(phase, plan.traffic.normal)
        seconds = range(math.ceil(phase.duration_s))
        middles = [(second + min(second + 1.0, phase.duration_s)) / 2 for second in seconds]
        counts = profile.rates_at(middles)
        users += [(nanoseconds(start_s + second), round(counts[second])) for second in seconds]
        start_s += phase.duration_s
    users.append((nanoseconds(start_s), 0))
    lines = "".join(f"{at_ns} {count}\n" for at_ns, count in users)
    return Schedule(
        schema=1,
        seed=plan.seed,
        sha256=hashlib.sha256(lines.encode()).hexdigest(),
        planned={},
        due_ns=(),
        kind=(),
        users=tuple(users),
    )


def profile_of(phase: Phase, normal_per_s: float) -> arrival.Profile:
    """Return a phase's rate in visits a second (or its users, if normal volume is so many users)."""
    if phase.kind in QUIET:
        return arrival.constant(0.0, phase.duration_s)
    if phase.rate is not None:
        return arrival.constant(phase.rate * normal_per_s, phase.duration_s)
    start, end = (phase.start or 0.0) * normal_per_s, (phase.end or 0.0) * normal_per_s
    if phase.curve:
        return arrival.along(curve.read(phase.curve), start, end, phase.duration_s)
    if phase.steps:
        return arrival.stairs(start, end, phase.steps, phase.duration_s)
    if phase.spike_s:
        return arrival.spike(start, end, phase.spike_s, phase.duration_s)
    return arrival.ramp(start, end, phase.duration_s)


def stripe(schedule: Schedule, worker: int, workers: int) -> tuple[Arrival, ...]:
    """Return the visits of worker k of N: k, k + N, k + 2N … The stripes of all workers are the schedule."""
    released = dict(schedule.released)
    return tuple(
        Arrival(
            index,
            schedule.due_ns[index],
            KINDS[schedule.kind[index]],
            released.get(index, 0),
        )
        for index in range(worker, len(schedule.due_ns), workers)
    )


def shopper_name(seed: int, index: int) -> str:
    """Return the shopper of visit `index`: a new one for each visit, the same for the same seed."""
    return f"s{seed}-{index}"


def _due(plan: Plan, profile: arrival.Profile, count: int, carry: float, number: int) -> list[float]:
    if plan.traffic.arrivals == "even":
        due_s = arrival.even(profile, count, carry)
    else:
        due_s = arrival.poisson(profile, count, _random(plan.seed, number, "due"))
    return [float(value) for value in due_s]


def _random(seed: int, number: int, purpose: str) -> Random:
    return Random(f"{seed}/{number}/{purpose}")  # noqa: S311 - a schedule needs repeatability, not secrecy


def _kinds_of(plan: Plan, phase: Phase, count: int, number: int) -> list[int]:
    if plan.traffic.is_logged:
        return [KINDS.index(VisitKind.LOGGED)] * count
    return _kinds(phase.mix or plan.traffic.mix or _NOBODY, count, _random(plan.seed, number, "kind"))


def _kinds(mix: Mix, count: int, random: Random) -> list[int]:
    """Return kinds in exact shares (largest remainder), shuffled."""
    shares = [mix.browse, mix.cart, mix.flash_sale]
    edges = [0, *(round(sum(shares[: i + 1]) * count) for i in range(len(shares) - 1)), count]
    kinds = [kind for kind, (low, high) in enumerate(pairwise(edges)) for _ in range(high - low)]
    random.shuffle(kinds)
    return kinds


def _with_gathering(
    plan: Plan, due_ns: list[int], kinds: list[int], planned: dict[str, int]
) -> tuple[list[int], list[int], dict[int, int]]:
    """Merge the waiting room's shoppers into the schedule, and count each in the phase it comes in."""
    crowd = gathering.of(plan)
    if not crowd:
        return due_ns, kinds, {}
    timeline = timeline_of(plan)
    for came_ns, _ in crowd:
        planned[timeline.phase_at(came_ns).name] += 1
    waits = KINDS.index(VisitKind.WAITING_ROOM)
    visits = [(due, kind, 0) for due, kind in zip(due_ns, kinds, strict=True)]
    visits += [(came_ns, waits, release_ns) for came_ns, release_ns in crowd]
    visits.sort(key=itemgetter(0))
    release_ns = {index: visit[2] for index, visit in enumerate(visits) if visit[2]}
    return [visit[0] for visit in visits], [visit[1] for visit in visits], release_ns


def _sha256(due_ns: list[int], kinds: list[int], release_ns: dict[int, int]) -> str:
    visits = enumerate(zip(due_ns, kinds, strict=True))
    lines = (f"{due} {kind}{_released(release_ns.get(index))}\n" for index, (due, kind) in visits)
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def _released(release_ns: int | None) -> str:
    return "" if release_ns is None else f" {release_ns}"
