"""What a starved machine may have spoilt is no fault of the shop's, and what it cannot have spoilt is."""

from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from capacity.excused import blamed, excused
from capacity.trials import Samples, trial_of
from rehearsal.model.capacity import Purpose, Trial, Wanted
from rehearsal.model.plan_capacity import Slo
from rehearsal.model.verdict import Status

WANTED = Wanted(purpose=Purpose.CONFIRM, rate_per_s=100.0, requests=1000)
SETS = {
    "strict": Slo(p95_ms=200.0, p99_ms=200.0, goodput=0.9),
    "loose": Slo(p95_ms=3000.0, p99_ms=3000.0, goodput=0.0),
}
#: A trial of twenty seconds that begins in the tenth.
SECONDS = range(10, 30)
EACH = 100


def told(
    answers_ms: dict[int, float],
    *,
    failed: tuple[int, ...] = (),
    unpaid: tuple[int, ...] = (),
    declined: bool = False,
) -> Samples:
    """Return requests and payments, a hundred of each a second, of 50 ms but in the seconds named."""
    due_s = np.concatenate([second + np.arange(EACH) / EACH for second in SECONDS])
    second = due_s.astype(int)
    return Samples(
        due_s=due_s,
        response_ms=np.array([answers_ms.get(each, 50.0) for each in second]),
        good=~np.isin(second, failed),
        where=np.full(due_s.size, "pay in a"),
        paid=~np.isin(second, unpaid),
        paid_s=second.astype(np.float64),
        declined=np.isin(second, unpaid) & declined,
    )


def missed(samples: Samples) -> list[int]:
    """Return the seconds in which some request missed 200 ms."""
    bad = ~(samples.good & (samples.response_ms <= 200.0))
    return sorted(set(samples.due_s[bad].astype(int).tolist()))


@pytest.mark.parametrize(
    ("answers_ms", "failed", "starved", "left"),
    [
        pytest.param({}, (), {15}, [], id="nothing was missed"),
        pytest.param({12: 900.0}, (), {15}, [12], id="before it, and answered before it"),
        pytest.param({12: 900.0}, (), (), [12], id="never starved"),
        pytest.param({15: 900.0}, (), {15}, [], id="in it"),
        pytest.param({16: 900.0}, (), {15}, [], id="in the next: measured from one into the other"),
        pytest.param({14: 1900.0}, (), {15}, [14], id="due before it, most of its wait before it too"),
        pytest.param({14: 5000.0}, (), {15}, [14], id="longer than it starved"),
        pytest.param({17: 2100.0, 18: 1200.0}, (), {15}, [], id="the queue that it left"),
        pytest.param({17: 2100.0, 18: 2400.0}, (), {15}, [18], id="a queue that grows on by itself"),
        pytest.param({18: 900.0}, (), {15}, [18], id="once a second was answered in time nothing is left"),
        pytest.param({}, (12,), {15}, [12], id="failed before it"),
        pytest.param({}, (15, 16, 17), {15}, [], id="failed in its reach"),
        pytest.param({}, (19,), {15}, [19], id="failed when all was well again"),
        pytest.param({20: 900.0}, (), {9}, [20], id="long after it"),
        pytest.param({29: 900.0}, (), {31}, [29], id="it starved when all was answered"),
        pytest.param({29: np.inf}, (), {31}, [29], id="never answered"),
    ],
)
def test_what_is_left_of_the_misses(
    answers_ms: dict[int, float], failed: tuple[int, ...], starved: Any, left: list[int]
) -> None:
    """A request misses in the kind reading only if starving cannot have made it miss."""
    assert missed(excused(told(answers_ms, failed=failed), starved)) == left


def test_a_payment_is_excused_from_the_second_that_it_was_begun_in() -> None:
    """It is decided later, nobody knows when: so by any starving that comes after; not once all was well."""
    found = excused(told({}, unpaid=(12, 15, 17, 18, 25)), {15})

    assert sorted(set(found.paid_s[~found.paid].tolist())) == [18.0, 25.0]


def test_a_payment_that_was_declined_is_not_excused() -> None:
    """The shop answered, and said no: on any machine it would have."""
    found = excused(told({}, unpaid=(15,), declined=True), {15})

    assert set(found.paid_s[~found.paid].tolist()) == {15.0}


def test_no_requests_stay_none() -> None:
    """A trial that nobody came to."""
    none = np.zeros(0)
    no = none > 0
    empty = Samples(
        due_s=none, response_ms=none, good=no, where=none.astype(str), paid=no, paid_s=none, declined=no
    )

    assert excused(empty, {3}).due_s.size == 0


@given(
    st.lists(st.floats(0.0, 30_000.0), min_size=20, max_size=20),
    st.sets(st.integers(8, 35), max_size=8),
)
def test_it_is_never_crueller_than_what_was_measured(times_ms: list[float], starved: set[int]) -> None:
    """Nor kinder by more than all the seconds that starved, each with the next."""
    samples = told(dict(zip(SECONDS, times_ms, strict=True)))
    found = excused(samples, starved)
    off_ms = samples.response_ms - found.response_ms

    assert (off_ms >= 0).all()
    assert (off_ms <= 2000.0 * len(starved) + 1e-6).all()
    assert (found.good >= samples.good).all()
    assert found.due_s.tolist() == samples.due_s.tolist()


@given(
    st.lists(st.floats(0.005, 0.03), min_size=200, max_size=200),
    st.integers(0, 3),
    st.floats(0.0, 1.9),
)
def test_a_pause_of_a_queue_never_breaks_what_it_would_have_kept(
    services_s: list[float], second: int, paused_s: float
) -> None:
    """Sixty requests a second to one server, which stands still within two seconds, as the machine does."""
    due_s = np.arange(200) / 60
    at_s = second + (2.0 - paused_s) / 2

    def served(begins_s: float, lasts_s: float) -> Any:
        free_s, done = 0.0, []
        for due, service in zip(due_s, services_s, strict=True):
            begin = max(due, free_s)
            end = begin + service
            if begin < begins_s + lasts_s and end > begins_s:
                end = max(begin, begins_s + lasts_s) + (service - max(0.0, begins_s - begin))
            free_s = end
            done.append(end)
        return 1000.0 * (np.array(done) - due_s)

    truth_ms, seen_ms = served(0.0, 0.0), served(at_s, paused_s)
    true = np.ones(200, dtype=np.bool_)
    samples = Samples(
        due_s=due_s,
        response_ms=seen_ms,
        good=true,
        where=np.full(200, "q"),
        paid=true[:0],
        paid_s=due_s[:0],
        declined=true[:0],
    )

    assert (excused(samples, {second}).response_ms <= truth_ms + 1e-6).all()


def judged(samples: Samples, starved: set[int], made_for: str = "") -> Trial:
    """Return what a trial comes to on a machine that starved."""
    wanted = msgspec.structs.replace(WANTED, slo_set=made_for)

    def read(each: Samples) -> Trial:
        return trial_of(wanted, each, SETS, number=1, start_s=10.0, end_s=30.0, visits=2000)

    return blamed(read(samples), read(excused(samples, starved)), tuple(SETS), "this machine starved")


def paused(rate_per_s: float, starved: set[int], rng: Any) -> Samples:
    """Return what shoppers of eight servers, 25 ms a request, meet if all stand still in some seconds."""
    due_s = 10 + np.sort(rng.uniform(0.0, 5.0, rng.poisson(5 * rate_per_s)))
    free_s, done_s = [0.0] * 8, []
    for due, service in zip(due_s, rng.exponential(0.025, due_s.size), strict=True):
        server = free_s.index(min(free_s))
        begin = max(due, free_s[server])
        end = begin + service
        for second in sorted(starved):
            if begin < second + 0.9 and end > second + 0.2:
                end += second + 0.9 - max(begin, second + 0.2)
        free_s[server] = end
        done_s.append(end)
    true = np.ones(due_s.size, dtype=np.bool_)
    return Samples(
        due_s=due_s,
        response_ms=1000 * (np.array(done_s) - due_s),
        good=true,
        where=np.full(due_s.size, "q"),
        paid=true[:0],
        paid_s=due_s[:0],
        declined=true[:0],
    )


@pytest.mark.parametrize(
    ("rate_per_s", "starved", "expected"),
    [
        pytest.param(220.0, {12}, Status.INVALID, id="far below, and one second that starved"),
        pytest.param(220.0, {11, 13}, Status.INVALID, id="far below, and two"),
        pytest.param(560.0, {12}, Status.FAIL, id="far above, and one"),
        pytest.param(560.0, {11, 13}, Status.FAIL, id="far above, and two"),
    ],
)
def test_overload_is_told_from_starving(rate_per_s: float, starved: set[int], expected: Status) -> None:
    """Eight servers carry 320 a second; every trial breaks as measured, and one who is to blame is found."""
    for seed in range(4):
        samples = paused(rate_per_s, starved, np.random.default_rng(seed))

        assert missed(samples)
        assert judged(samples, starved).status("strict") is expected


def test_what_only_a_starved_second_broke_is_nobody_s() -> None:
    """And no trial that held either: the shop may be what starved the machine."""
    trial = judged(told({15: 900.0, 16: 900.0}), {15})

    assert trial.status("strict") is Status.INVALID
    assert trial.invalid == "this machine starved, which may be why it broke"
    assert not trial.holds("strict")


def test_what_breaks_without_it_is_the_shop_s() -> None:
    """Counted without what starving may have added; what was kept in spite of it stays as measured."""
    samples = told(dict.fromkeys((11, 12, 13, 14, 15, 16, 22, 23, 26), 900.0))
    samples.good[510:520] = False
    trial = judged(samples, {15})
    shares = {met.slo_set: met.share.value for met in trial.met}

    assert (trial.status("strict"), trial.broke) == (Status.FAIL, "pay in a")
    assert (trial.invalid, trial.excused) == ("", "this machine starved")
    assert (shares["loose"], trial.holds("loose")) == (0.995, True)
    assert trial.met[0].share.value == pytest.approx(0.65, abs=0.03)


def test_a_set_that_the_machine_may_have_broken_is_not_spoken_of() -> None:
    """The trial was made for the other, and counts for that; made for this one it is invalid."""
    samples = told({**dict.fromkeys((11, 12, 13), 900.0), 15: 3100.0, 16: 3100.0})
    strict, loose = judged(samples, {15}), judged(samples, {15}, made_for="loose")

    assert (strict.status("strict"), strict.of("loose"), strict.invalid) == (Status.FAIL, (), "")
    assert (loose.status("loose"), loose.status("strict")) == (Status.INVALID, Status.INVALID)


def test_a_little_left_is_not_enough() -> None:
    """A miss by less than its interval may be chance."""
    assert judged(told({15: 900.0, 21: 900.0}), {15}).status("strict") is Status.INVALID
