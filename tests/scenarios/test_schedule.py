from collections import Counter
from collections.abc import Callable
from fractions import Fraction
from itertools import pairwise

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rehearsal.model.plan import Forecast, Mix, Phase, PhaseKind, Plan, Sale, Traffic
from scenarios.schedule import KINDS, Schedule, build, profile_of, shopper_name, stripe


def test_the_same_plan_and_seed_give_the_same_hash_and_another_seed_another(
    make_plan: Callable[..., Plan],
) -> None:
    """The schedule is a function of plan and seed."""
    plan = make_plan()

    assert build(plan) == build(plan)
    assert build(plan).sha256 != build(plan.model_copy(update={"seed": 8})).sha256


@pytest.mark.parametrize("arrivals", ["poisson", "even"])
def test_each_phase_gets_its_area_and_fractions_carry_over(
    make_plan: Callable[..., Plan], plan_text: str, arrivals: str
) -> None:
    """2/s × 10 s, a ramp of area 24, 10/s × 6 s twice: exact counts, whatever the process."""
    text = plan_text.replace("[forecast]", f'arrivals = "{arrivals}"\n[forecast]', 1)
    schedule = build(make_plan(text.replace('arrivals = "poisson"\n[', f'arrivals = "{arrivals}"\n[')))

    assert schedule.planned == {"normal": 20, "burst": 24, "down": 60, "back": 60}
    assert len(schedule.due_ns) == 164
    assert list(schedule.due_ns) == sorted(schedule.due_ns)


def test_fractions_of_an_arrival_are_not_lost(make_plan: Callable[..., Plan], plan_text: str) -> None:
    """Phases of 20.6, 24.72, 61.8 and 61.8 visits plan 20, 25, 62 and 61: the carry adds up."""
    plan = make_plan(plan_text.replace("normal_per_s = 2.0", "normal_per_s = 2.06"))

    assert list(build(plan).planned.values()) == [20, 25, 62, 61]


@pytest.mark.parametrize(
    "way",
    [
        pytest.param("", id="a line"),
        pytest.param("steps = 3\n", id="stairs"),
        pytest.param("spike_s = 2.5\n", id="a spike"),
    ],
)
def test_even_schedules_agree_with_exact_rational_arithmetic(
    make_plan: Callable[..., Plan], plan_text: str, way: str
) -> None:
    """Counted over all phases together, the exact area at the n-th due time is n, to a nanosecond's worth."""
    text = plan_text.replace("end = 5.0\n", f"end = 5.0\n{way}")
    plan = make_plan(text.replace("[forecast]", 'arrivals = "even"\n[forecast]', 1))
    schedule = build(plan)
    pieces: list[tuple[Fraction, Fraction, Fraction, Fraction]] = []
    start = Fraction(0)
    for phase in plan.phases:
        profile = profile_of(phase, plan.traffic.normal_per_s or 0.0)
        knots = list(zip(profile.times_s, profile.rates_per_s, strict=True))
        pieces += [
            (start + Fraction(t0), start + Fraction(t1), Fraction(r0), Fraction(r1))
            for (t0, r0), (t1, r1) in pairwise(knots)
        ]
        start += Fraction(phase.duration_s)

    assert way == "" or len(pieces) > len(plan.phases)
    for n, due_ns in enumerate(schedule.due_ns, start=1):
        assert abs(_exact_area(pieces, Fraction(due_ns, 10**9)) - n) < Fraction(1, 10**7)


def _exact_area(pieces: list[tuple[Fraction, Fraction, Fraction, Fraction]], until_s: Fraction) -> Fraction:
    area = Fraction(0)
    for t0, t1, r0, r1 in pieces:
        if (end := min(t1, until_s)) > t0:
            area += (end - t0) * (r0 + r0 + (r1 - r0) * (end - t0) / (t1 - t0)) / 2
    return area


@pytest.mark.parametrize("workers", [1, 2, 7])
def test_the_stripes_of_any_number_of_workers_are_the_schedule(
    make_plan: Callable[..., Plan], workers: int
) -> None:
    """No visit is lost or served twice, and no worker has to talk to another."""
    schedule = build(make_plan())
    joined = [visit for worker in range(workers) for visit in stripe(schedule, worker, workers)]

    assert sorted(visit.index for visit in joined) == list(range(164))
    assert {visit.index: visit.due_ns for visit in joined} == dict(enumerate(schedule.due_ns))


@given(workers=st.integers(1, 64), seed=st.integers(0, 2**63 - 1), share=st.floats(0, 1))
def test_every_worker_builds_the_same_schedule_and_serves_its_own_part(
    workers: int, seed: int, share: float
) -> None:
    """The plan travels as JSON; each worker builds it anew: one hash, and the stripes are the whole."""
    plan = Plan(
        name="p",
        seed=seed,
        traffic=Traffic(
            normal_per_s=3.0, multiplier=5.0, mix=Mix(browse=share, cart=1 - share, flash_sale=0.0)
        ),
        forecast=Forecast(peak_per_s=3.0),
        sale=Sale(opens_with="one"),
        phases=(Phase(name="one", kind=PhaseKind.NORMAL, duration_s=7.3, start=0.4, end=4.9),),
        slo={},
    )
    sent = msgspec.json.encode(plan.model_dump(mode="json"))
    built = [build(Plan.model_validate_json(sent)) for _ in range(min(workers, 3))]
    stripes = [stripe(built[worker % len(built)], worker, workers) for worker in range(workers)]

    assert {schedule.sha256 for schedule in built} == {build(plan).sha256}
    assert sorted(visit.index for visits in stripes for visit in visits) == list(range(len(built[0].due_ns)))
    assert max(map(len, stripes)) - min(map(len, stripes)) <= 1


def test_kinds_come_in_the_shares_asked_for(make_plan: Callable[..., Plan]) -> None:
    """50, 30 and 20 % of each phase, exactly."""
    schedule = build(make_plan())
    first_phase = Counter(KINDS[kind] for kind in schedule.kind[:20])

    assert first_phase == {"browse": 10, "cart": 6, "flash_sale": 4}


def test_a_schedule_survives_its_file(make_plan: Callable[..., Plan]) -> None:
    """schedule.json holds all of it."""
    schedule = build(make_plan())

    assert msgspec.json.decode(msgspec.json.encode(schedule), type=Schedule) == schedule


def test_shoppers_are_new_for_each_visit_and_each_seed() -> None:
    """No two visits share a shopper."""
    assert len({shopper_name(seed, index) for seed in range(3) for index in range(50)}) == 150
