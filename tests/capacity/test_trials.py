"""A trial's requests as shares with bounds: what counts, what is discarded, what broke, what is in doubt."""

from typing import Any

import numpy as np
import pytest

from capacity.trials import Promise, Samples, broke_of, met_of, promises_of, samples_needed, trial_of
from rehearsal.model.capacity import Band, Purpose, Trial, Wanted
from rehearsal.model.plan_capacity import Slo
from rehearsal.model.verdict import Status

WANTED = Wanted(purpose=Purpose.CONFIRM, rate_per_s=10.0, requests=1000)
SLO = Slo(p95_ms=200.0, p99_ms=300.0, goodput=0.995, payment_success=0.9)
ONE = Slo(p95_ms=300.0, p99_ms=300.0, goodput=0.0)


def samples_of(response_ms: Any, **changes: Any) -> Samples:
    """Return requests due every tenth of a second, all good, half of them products and half payments."""
    times = np.asarray(response_ms, dtype=np.float64)
    basis: dict[str, Any] = {
        "due_s": np.arange(times.size) / 10,
        "response_ms": times,
        "good": np.ones(times.size, dtype=np.bool_),
        "where": np.where(np.arange(times.size) % 2, "pay in b", "product in a"),
        "paid": np.ones(400, dtype=np.bool_),
    }
    paid = changes.get("paid", basis["paid"])
    basis["paid_s"] = np.zeros(np.size(paid))
    basis["declined"] = np.zeros(np.size(paid), dtype=np.bool_)
    return Samples(**{**basis, **changes})


def tried(samples: Samples, slo: Slo = SLO, **changes: Any) -> Trial:
    """Return the trial of samples that began at 0."""
    end_s = float(samples.due_s[-1]) + 0.1 if samples.due_s.size else 1.0
    facts: dict[str, Any] = {"number": 1, "start_s": 0.0, "end_s": end_s, "visits": 500, **changes}
    return trial_of(WANTED, samples, {"proof": slo}, **facts)


def noise(n: int, seed: int = 1) -> Any:
    """Return response times around 100 ms."""
    return np.random.default_rng(seed).uniform(50, 150, size=n)


def test_a_set_is_four_promises_and_may_be_one() -> None:
    """A p95 with the p99's limit, a goodput of 0 and payments not spoken of promise nothing."""
    assert [each.words for each in promises_of(SLO)] == [
        "p95 <= 200 ms",
        "p99 <= 300 ms",
        "goodput >= 0.995",
        "payments >= 0.9",
    ]
    assert promises_of(ONE) == (Promise("p99 <= 300 ms", 0.99, 300.0),)


def test_a_good_trial() -> None:
    """Every promise is kept by its whole interval, nothing broke, and rates are visits'."""
    trial = tried(samples_of(noise(2000)), in_flight=3.5, used={"cpu": 0.5})

    assert [met.status for met in trial.met] == [Status.PASS] * 4
    assert (trial.status("proof"), trial.broke, trial.requests) == (Status.PASS, "", 2000)
    assert (trial.offered_per_s, trial.goodput_per_s) == pytest.approx((2.5, 2.5))
    assert (trial.in_flight, trial.used) == (3.5, {"cpu": 0.5})
    assert 145 < (trial.p99_ms.low or 0) <= (trial.p99_ms.value or 0) <= (trial.p99_ms.high or 0) < 151


def test_what_is_not_good_misses_the_promises_of_time_too() -> None:
    """Fast refusals do not make a shop fast: goodput, not throughput."""
    good = np.arange(2000) % 20 > 0
    trial = tried(samples_of(noise(2000), good=good))

    assert [met.share.value for met in trial.met] == pytest.approx([0.95, 0.95, 0.95, 1.0])
    assert trial.goodput_per_s == pytest.approx(0.95 * trial.offered_per_s)
    assert trial.status("proof") is Status.FAIL


def test_what_never_ended_is_no_percentile() -> None:
    """An infinite time cannot be quoted: bounds that reach it are None, and so is the mean."""
    times = noise(2000)
    times[::10] = np.inf
    trial = tried(samples_of(times))

    assert (trial.p99_ms, trial.mean_ms) == (Band(), None)
    assert trial.p50_ms.value == pytest.approx(105, abs=5)


def test_warm_up_is_at_least_the_floor() -> None:
    """The slow first ten seconds are no part of the trial, and what is counted begins after them."""
    times = noise(1000)
    times[:100] = 1000.0
    trial = tried(samples_of(times), warm_up_s=10.0)

    assert (trial.steady_s, trial.requests, trial.status("proof")) == (10.0, 900, Status.PASS)


def test_a_queue_that_still_fills_is_warm_up_beyond_the_floor() -> None:
    """What was kinder than the rest would flatter: MSER-5 finds it, and it goes."""
    times = noise(1000) + 100
    times[:100] -= 90
    trial = tried(samples_of(times), Slo(p95_ms=400.0, p99_ms=500.0, goodput=0.9))

    assert trial.requests == pytest.approx(900, abs=10)
    assert trial.steady_s == pytest.approx(10, abs=1)


def test_a_burst_at_the_beginning_stays() -> None:
    """To MSER-5 a burst of misses after the floor is warm-up too; to cut it would flatter the shop."""
    times = noise(1000)
    times[:60] = 1000.0
    trial = tried(samples_of(times))

    assert trial.requests == 1000
    assert trial.met[1].share.value == pytest.approx(0.94)


def test_without_a_steady_state_no_bound_is_believed() -> None:
    """Times that rise all along, still within the limit: INCONCLUSIVE, and the words say why."""
    trial = tried(samples_of(np.linspace(10, 190, 1000) + noise(1000) / 100))

    assert trial.status("proof") is Status.INCONCLUSIVE
    assert trial.met[0].doubt.startswith("run longer: no steady state")


def test_a_miss_beyond_doubt_needs_no_steady_state() -> None:
    """An overloaded shop drifts, and fails all the same."""
    trial = tried(samples_of(np.linspace(10, 5000, 1000)))

    assert (trial.status("proof"), trial.met[1].doubt) == (Status.FAIL, "")


@pytest.mark.parametrize(
    ("n", "share"),
    [
        pytest.param(298, Band(value=1.0), id="one too few"),
        pytest.param(0, Band(), id="none"),
    ],
)
def test_too_few_samples_have_no_bounds(n: int, share: Band) -> None:
    """Below Wilks' 299 for 99 % there is only what was measured."""
    met = met_of("proof", Promise("p99 <= 300 ms", 0.99, 300.0), np.ones(n, dtype=np.bool_))

    assert (met.share, met.doubt) == (share, f"not enough samples: {n} of 299")
    assert met.status is Status.INCONCLUSIVE


@pytest.mark.parametrize(
    ("target", "need"),
    [
        pytest.param(0.99, 299, id="99 %"),
        pytest.param(0.5, 20, id="a batch each at least"),
        pytest.param(1.0, 20, id="all of them, which no number shows"),
    ],
)
def test_how_many_samples_are_needed(target: float, need: int) -> None:
    """Wilks' number, or one for each batch."""
    assert samples_needed(target) == need


def test_the_first_to_break_is_named() -> None:
    """By the misses beyond its share: a label with many requests and few misses is not to blame."""
    times = noise(1000)
    times[1::10] = 1000.0
    trial = tried(samples_of(times))

    assert trial.broke == "pay in b"


def test_payments_may_be_the_first_to_break() -> None:
    """They have no label of their own, and a promise that allows no miss outweighs all others."""
    unpaid = samples_of(noise(1000), paid=np.arange(400) % 5 > 0)
    never = (Promise("p99 <= 1 ms", 0.99, 1.0), Promise("payments", 1.0, of_payments=True))

    assert tried(unpaid).broke == "payments"
    assert broke_of(never, unpaid) == "payments"
    assert broke_of((Promise("p99", 0.99, 200.0),), unpaid) == ""


def test_a_trial_of_nothing() -> None:
    """No request came after warm-up: nothing is kept, and nothing is known."""
    trial = tried(samples_of([]), visits=0)

    assert (trial.requests, trial.goodput_per_s, trial.mean_ms) == (0, 0.0, None)
    assert (trial.p50_ms, trial.holds("proof")) == (Band(), False)


def test_few_requests_have_a_percentile_without_bounds() -> None:
    """Fewer than the batches: the value alone."""
    trial = tried(samples_of(noise(15)))

    assert trial.p50_ms == Band(value=trial.p50_ms.value)
    assert trial.p50_ms.value == pytest.approx(100, abs=40)
