"""The schedule: every visit of a run, when it is due and what it is for. Same plan and seed, same hash."""

import hashlib
from itertools import pairwise
from random import Random

import msgspec

from rehearsal.model.clock import nanoseconds
from rehearsal.model.plan import Mix, Phase, Plan, VisitKind
from scenarios import arrival, curve

KINDS = tuple(VisitKind)


class Schedule(msgspec.Struct, frozen=True, kw_only=True):
    """`schedule.json`: visit i is due at `due_ns[i]` and of kind `KINDS[kind[i]]`. Both run in due order."""

    schema: int
    seed: int
    sha256: str
    planned: dict[str, int]
    due_ns: tuple[int, ...]
    kind: tuple[int, ...]


class Arrival(msgspec.Struct, frozen=True):
    """One visit of the schedule. `index` names it in every row of the history."""

    index: int
    due_ns: int
    kind: VisitKind


def build(plan: Plan) -> Schedule:
    """Lay out all visits of a plan: phases one after another, fractions of an arrival carried over."""
    due_ns: list[int] = []
    kinds: list[int] = []
    planned: dict[str, int] = {}
    start_s, carry = 0.0, 0.0
    for number, phase in enumerate(plan.phases):
        profile = profile_of(phase, plan.traffic.normal_per_s)
        total = carry + profile.arrivals
        count = int(total + 1e-9)
        due_s = _due(plan, profile, count, carry, number)
        due_ns += [nanoseconds(start_s + value) for value in due_s]
        kinds += _kinds(phase.mix or plan.traffic.mix, count, _random(plan.seed, number, "kind"))
        planned[phase.name] = count
        start_s, carry = start_s + phase.duration_s, total - count
    digest = _sha256(due_ns, kinds)
    return Schedule(
        schema=1,
        seed=plan.seed,
        sha256=digest,
        planned=planned,
        due_ns=tuple(due_ns),
        kind=tuple(kinds),
    )


def profile_of(phase: Phase, normal_per_s: float) -> arrival.Profile:
    """Return a phase's rate in visits a second."""
    if phase.rate is not None:
        return arrival.constant(phase.rate * normal_per_s, phase.duration_s)
    start, end = (phase.start or 0.0) * normal_per_s, (phase.end or 0.0) * normal_per_s
    if phase.curve:
        return arrival.along(curve.read(phase.curve), start, end, phase.duration_s)
    return arrival.ramp(start, end, phase.duration_s)


def stripe(schedule: Schedule, worker: int, workers: int) -> tuple[Arrival, ...]:
    """Return the visits of worker k of N: k, k + N, k + 2N … The stripes of all workers are the schedule."""
    return tuple(
        Arrival(index, schedule.due_ns[index], KINDS[schedule.kind[index]])
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


def _kinds(mix: Mix, count: int, random: Random) -> list[int]:
    """Return kinds in exact shares (largest remainder), shuffled."""
    shares = [mix.browse, mix.cart, mix.flash_sale]
    edges = [0, *(round(sum(shares[: i + 1]) * count) for i in range(len(shares) - 1)), count]
    kinds = [kind for kind, (low, high) in enumerate(pairwise(edges)) for _ in range(high - low)]
    random.shuffle(kinds)
    return kinds


def _sha256(due_ns: list[int], kinds: list[int]) -> str:
    lines = (f"{due} {kind}\n" for due, kind in zip(due_ns, kinds, strict=True))
    return hashlib.sha256("".join(lines).encode()).hexdigest()
