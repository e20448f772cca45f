"""A proof goes on until it is clear, and the headroom is judged by it and by the bounds."""

import dataclasses
from typing import Any

import msgspec
import numpy as np
import pytest

from capacity.bound import judge_bound
from capacity.proof import Hold, ProofOutcome, hold
from capacity.search import drive
from capacity.simulated import Simulated
from capacity.simulation import Queue
from rehearsal.model.capacity import Band, Found, Met, Trial, Wanted
from rehearsal.model.plan_capacity import Slo
from rehearsal.model.verdict import Status
from tests.capacity.told_trials import PROMISE, SET, Shop, met, trial

GOAL = Hold(slo_set=SET, rate_per_s=130.0)


def outcome_of(shop: Any, **changes: Any) -> ProofOutcome:
    """Return what holding came to."""
    return drive(hold(dataclasses.replace(GOAL, **changes)), shop)


def saying(*told: Met | str) -> Any:
    """Return a shop whose n-th trial comes to what is told: how the promise fared, or why it is INVALID."""
    left = iter(told)

    def measure(wanted: Wanted) -> Trial:
        each = next(left)
        invalid = each if isinstance(each, str) else ""
        kept = met(0.99) if isinstance(each, str) else over(each, wanted.requests)
        return trial(wanted, kept, invalid=invalid)

    return measure


def over(each: Met, requests: int) -> Met:
    """Return how a promise fared over so many requests."""
    return Met(
        slo_set=SET, promise=PROMISE, target=each.target, share=each.share, samples=requests, doubt=each.doubt
    )


def test_what_holds_by_far_is_proven_at_once() -> None:
    """One trial of the requests asked for, at the rate asked for."""
    shop = Shop(lambda _rate, _number: 1.0)
    proof = outcome_of(shop)

    assert proof.status is Status.PASS
    assert [(each.rate_per_s, each.requests, str(each.purpose)) for each in shop.wanted] == [
        (130.0, 10000, "proof")
    ]
    assert proof.why == "p99 <= 300 ms: 100.00 % ± 0.00 % of 10000 (asked 99.00 %)"


def test_what_breaks_by_far_is_refuted_at_once() -> None:
    """Its whole interval misses, and no second trial is made."""
    shop = Shop(lambda _rate, _number: 0.9)

    assert outcome_of(shop).status is Status.FAIL
    assert len(shop.wanted) == 1


def test_what_is_near_is_held_for_longer() -> None:
    """Each trial as long as all before it, up to sixteen times the first; then it says what would decide."""
    shop = Shop(lambda _rate, _number: 0.9905)
    proof = outcome_of(shop)

    assert [each.requests for each in shop.wanted] == [10000, 10000, 20000, 40000, 80000]
    assert (proof.status, proof.requests) == (Status.INCONCLUSIVE, 160000)
    assert proof.more_requests is not None
    assert proof.more_requests > 0


def test_a_promise_on_few_requests_is_looked_at_no_earlier() -> None:
    """One request in ten pays: a quarter of the proof is a quarter of it for payments too."""

    def measure(wanted: Wanted) -> Trial:
        paid = met(1.0, samples=wanted.requests // 10, target=0.9)
        payments = msgspec.structs.replace(paid, promise="payments >= 0.9")
        return trial(wanted, met(1.0, samples=wanted.requests), payments)

    proof = outcome_of(measure, requests=1000, most_requests=16000)

    assert (proof.status, proof.requests) == (Status.PASS, 4000)


@pytest.mark.parametrize(
    ("change", "requests"),
    [
        pytest.param({"most_requests": 25000}, [10000, 10000, 5000], id="the requests are spent"),
        pytest.param({"most_s": 30.0}, [10000], id="the seconds are spent"),
        pytest.param({"requests": 1000, "most_requests": 500}, [500], id="fewer than asked"),
    ],
)
def test_a_budget_ends_the_proof(change: dict[str, Any], requests: list[int]) -> None:
    """With what is known by then."""
    shop = Shop(lambda _rate, _number: 0.9905)

    assert outcome_of(shop, **change).status is Status.INCONCLUSIVE
    assert [each.requests for each in shop.wanted] == requests


def test_every_promise_must_hold() -> None:
    """One that is open leaves the proof open, one that breaks breaks it; the words name which it is."""

    def measure(wanted: Wanted, share: float) -> Trial:
        other = Met(
            slo_set=SET,
            promise="goodput",
            target=0.995,
            share=Band(low=share - 0.001, value=share, high=share + 0.001),
            samples=wanted.requests,
        )
        return trial(wanted, met(1.0, samples=wanted.requests), other)

    unsure = outcome_of(lambda wanted: measure(wanted, 0.9951), most_requests=10000)
    broken = outcome_of(lambda wanted: measure(wanted, 0.9))

    assert (unsure.status, broken.status) == (Status.INCONCLUSIVE, Status.FAIL)
    assert unsure.why.startswith("goodput: 99.51 %")
    assert broken.why.startswith("goodput: 90.00 %")


def test_batches_in_doubt_must_clear_by_more() -> None:
    """What would do with quiet batches does not with such as drift; nor do few samples."""
    clear = met(0.9975, apart=0.001)
    doubtful = Met(
        slo_set=SET, promise=PROMISE, target=0.99, share=clear.share, samples=1000, doubt="run longer"
    )

    assert outcome_of(saying(clear), most_requests=10000).status is Status.PASS
    proof = outcome_of(saying(doubtful), most_requests=10000)
    assert (proof.status, proof.why[-12:]) == (Status.INCONCLUSIVE, ", run longer")
    few = outcome_of(saying(met(1.0)), requests=200, most_requests=200)
    assert (few.status, few.more_requests) == (Status.INCONCLUSIVE, 99)


def test_a_trial_that_cannot_be_believed_is_repeated_once() -> None:
    """Twice: INVALID, with the generator's reason; once: nothing is said of it."""
    assert outcome_of(saying("late", met(1.0))).status is Status.PASS
    proof = outcome_of(saying("late", "late again"))
    assert (proof.status, proof.why) == (Status.INVALID, "the generator cannot be believed: late again")


def test_exactly_on_target_no_number_decides() -> None:
    """The share measured is the share asked: how many more would decide cannot be said."""
    proof = outcome_of(saying(met(0.99)), most_requests=10000)

    assert (proof.status, proof.more_requests) == (Status.INCONCLUSIVE, None)


def proven(status: Status, rate_per_s: float = 130.0, more: int | None = None) -> ProofOutcome:
    """Return a proof's outcome."""
    return ProofOutcome(
        slo_set=SET,
        rate_per_s=rate_per_s,
        status=status,
        why="p99 and so on",
        trials=(),
        requests=10000,
        more_requests=more,
    )


def bounds(low: float | None, high: float | None) -> Found:
    """Return what was found."""
    return Found(slo_set=SET, capacity=Band(low=low, value=low, high=high))


@pytest.mark.parametrize(
    ("found", "proof", "status", "words"),
    [
        pytest.param(bounds(145, 160), proven(Status.PASS), Status.PASS, "it was held, and every", id="both"),
        pytest.param(None, proven(Status.PASS), Status.PASS, "it was held", id="the proof is a bound itself"),
        pytest.param(bounds(120, 160), proven(Status.PASS), Status.PASS, "it was held", id="a loose search"),
        pytest.param(
            bounds(145, 160),
            proven(Status.FAIL),
            Status.FAIL,
            "broke its promise: p99 and so on. No capacity was shown",
            id="it broke what was found",
        ),
        pytest.param(
            bounds(120, 160),
            proven(Status.FAIL),
            Status.FAIL,
            "broke its promise: p99 and so on. The lower",
            id="it never held",
        ),
        pytest.param(bounds(110, 125), None, Status.FAIL, "less than 125/s", id="too little, never held"),
        pytest.param(
            bounds(110, 125), proven(Status.INCONCLUSIVE), Status.FAIL, "less than 125/s", id="too little"
        ),
        pytest.param(
            bounds(110, 125), proven(Status.PASS), Status.INCONCLUSIVE, "it has changed", id="they contradict"
        ),
        pytest.param(bounds(145, None), None, Status.INCONCLUSIVE, "not held itself", id="no proof"),
        pytest.param(
            None,
            None,
            Status.INCONCLUSIVE,
            "it was not held itself, and only holding it would decide. No capacity was shown",
            id="nothing at all",
        ),
        pytest.param(
            bounds(145, None),
            proven(Status.PASS, 120),
            Status.INCONCLUSIVE,
            "only 120/s",
            id="too low a proof",
        ),
        pytest.param(
            bounds(125, 140),
            proven(Status.INCONCLUSIVE, more=120000),
            Status.INCONCLUSIVE,
            "about 120,000 requests more would decide",
            id="more would decide",
        ),
        pytest.param(
            bounds(125, 140),
            proven(Status.INCONCLUSIVE),
            Status.INCONCLUSIVE,
            "hold it for longer",
            id="open",
        ),
        pytest.param(bounds(145, 160), proven(Status.INVALID), Status.INVALID, "p99", id="the generator"),
    ],
)
def test_the_decision(found: Found | None, proof: ProofOutcome | None, status: Status, words: str) -> None:
    """Asked is 1.3 times 100 a second."""
    finding = judge_bound(found, proof, 100.0, 1.3)

    assert (finding.check, finding.status, finding.limit) == ("headroom.capacity", status, 1.3)
    assert words in finding.summary


def test_a_proof_below_what_is_asked_is_none_even_with_a_bound_above_by_the_search() -> None:
    """The promise needs a proof at that load, not an interpolation."""
    finding = judge_bound(bounds(145, 160), proven(Status.PASS, 120.0), 100.0, 1.3)

    assert finding.status is Status.INCONCLUSIVE


def test_three_figures_are_in_the_evidence() -> None:
    """Factor, spare and slack of the lower bound; of none only the factor."""
    finding = judge_bound(bounds(130, 150), proven(Status.PASS), 100.0, 1.3)
    nothing = judge_bound(None, None, 100.0, 1.3)

    figures = [finding.evidence[name] for name in ("factor", "spare", "slack")]
    assert figures == pytest.approx([1.3, 0.2307692, 0.3])
    assert (finding.measured, finding.evidence["proof_requests"]) == (1.3, 10000)
    assert (nothing.measured, "spare" in nothing.evidence) == (0.0, False)


@pytest.mark.parametrize(
    ("factor", "status"),
    [
        pytest.param(1.25, Status.FAIL, id="too little"),
        pytest.param(1.45, Status.PASS, id="enough"),
    ],
)
def test_simulated_proofs_decide(factor: float, status: Status) -> None:
    """Three proofs at 1.3 times the forecast on an M/M/8 that carries so many times of it."""
    shop = Simulated(Queue(8), {SET: Slo(p95_ms=6000.0, p99_ms=6000.0, goodput=0.0)}, 30.0)
    proofs = [
        outcome_of(
            shop.measuring(np.random.default_rng(seed)), rate_per_s=1.3 / factor * 6.933123, most_s=1e9
        )
        for seed in range(3)
    ]

    assert [proof.status for proof in proofs] == [status] * 3
