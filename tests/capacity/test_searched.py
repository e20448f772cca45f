"""What a search for capacity found, as findings."""

import msgspec
import pytest

from capacity.searched import judge_search, words_of
from rehearsal.model.capacity import Band, CapacityRecord, Found, Met, Purpose, Survived, Trial, Wanted
from rehearsal.model.plan import Forecast
from rehearsal.model.plan_capacity import Capacity
from rehearsal.model.verdict import Finding, Status
from tests.trials import plain_trial

FORECAST, CAPACITY = Forecast(peak_per_s=100.0), Capacity()
FOUND = Found(
    slo_set="proof",
    capacity=Band(low=140.0, value=145.0, high=150.0),
    broke="product in a",
    trials=(1,),
    shoppers=70.0,
)


def trial(number: int = 1, invalid: str = "") -> Trial:
    """Return a trial of 1,000 requests."""
    return plain_trial(number=number, invalid=invalid)


def proof(scene: str, *, kept: float) -> Trial:
    """Return a proof of 20,000 requests, a share of which `kept` its promise."""
    met = Met(
        slo_set="proof",
        promise="p99 <= 200 ms",
        target=0.99,
        share=Band(low=kept - 0.00035, value=kept, high=min(1.0, kept + 0.00035)),
        samples=20_000,
    )
    wanted = Wanted(purpose=Purpose.PROOF, rate_per_s=130.0, requests=1000, scene=scene)
    return msgspec.structs.replace(trial(2), wanted=wanted, met=(met,), requests=20_000)


def survived(
    low: float | None, high: float | None, *, proven: bool = True, required: float = 1.3
) -> Survived:
    """Return what is left with region a gone."""
    found = Found(slo_set="proof", scene="region a gone", capacity=Band(low=low, high=high))
    return Survived(
        scene="region a gone", fault="region_killed", found=found, required=required, proven=proven
    )


def one(findings: tuple[Finding, ...], check: str) -> Finding:
    """Return the only finding of a check."""
    (finding,) = (each for each in findings if each.check == check)
    return finding


def test_what_was_found_is_told_with_both_bounds() -> None:
    """A number is no rule: PASS, with what broke first and how many shoppers that is."""
    finding = one(
        judge_search(CapacityRecord(trials=(trial(),), found=(FOUND,)), FORECAST, CAPACITY), "capacity.found"
    )

    assert (finding.status, finding.measured, finding.unit) == (Status.PASS, 140.0, "visits/s")
    assert finding.summary == (
        "proof: at least 140.0 visits/s (95 %), less than 150.0; the first to break: product in a; "
        "70 shoppers at once"
    )


def test_without_a_bound_the_reason_is_told() -> None:
    """Nothing was carried beyond doubt."""
    found = Found(slo_set="proof", capacity=Band(), why="the first trial missed already")

    assert words_of(found) == "no rate was carried beyond doubt; the first trial missed already"


@pytest.mark.parametrize(
    ("invalid", "status"),
    [("", Status.INCONCLUSIVE), ("it was late", Status.INVALID)],
    ids=["shop", "generator"],
)
def test_no_bound_is_laid_at_the_right_door(invalid: str, status: Status) -> None:
    """A generator that was the limit is named as such."""
    found = Found(slo_set="proof", capacity=Band(), trials=(1,))
    record = CapacityRecord(trials=(trial(invalid=invalid),), found=(found,))

    assert one(judge_search(record, FORECAST, CAPACITY), "capacity.found").status is status


@pytest.mark.parametrize(
    ("record", "status", "words"),
    [
        (CapacityRecord(trials=(trial(),)), Status.PASS, "1 trial, 1000 requests after warm-up"),
        (CapacityRecord(), Status.INCONCLUSIVE, "no trial was made"),
        (
            CapacityRecord(trials=(trial(),), stopped="it never came to rest."),
            Status.INCONCLUSIVE,
            "stopped: it never came to rest.",
        ),
        (
            CapacityRecord(trials=(trial(1), trial(2, "it was late"))),
            Status.PASS,
            "1 say nothing of the shop, the last because it was late",
        ),
        (CapacityRecord(trials=(trial(1, "it was late"),)), Status.INVALID, "because it was late"),
    ],
    ids=["good", "none", "stopped", "one unbelievable", "all unbelievable"],
)
def test_the_course_of_the_search(record: CapacityRecord, status: Status, words: str) -> None:
    """A search that ended early, or whose every trial was unbelievable, says so."""
    finding = one(judge_search(record, FORECAST, CAPACITY), "capacity.search")

    assert finding.status is status
    assert words in finding.summary


@pytest.mark.parametrize(
    ("row", "kept", "status"),
    [
        pytest.param(survived(140.0, 150.0), 1.0, Status.PASS, id="held, and the bound clears"),
        pytest.param(survived(125.0, 150.0), 1.0, Status.PASS, id="what was held is a bound itself"),
        pytest.param(survived(140.0, 150.0), 0.95, Status.FAIL, id="held, and broken"),
        pytest.param(survived(140.0, 150.0), None, Status.INCONCLUSIVE, id="not held itself"),
        pytest.param(survived(60.0, 70.0), None, Status.FAIL, id="the whole interval misses"),
        pytest.param(survived(60.0, 70.0, required=0.5), None, Status.INCONCLUSIVE, id="less is required"),
        pytest.param(survived(None, 70.0), None, Status.FAIL, id="nothing carried, and a rate that missed"),
        pytest.param(survived(None, None), None, Status.INCONCLUSIVE, id="nothing known"),
        pytest.param(
            survived(140.0, 150.0, proven=False), 1.0, Status.INCONCLUSIVE, id="the fault did not bite"
        ),
    ],
)
def test_what_survives_is_held_against_what_is_required(
    row: Survived, kept: float | None, status: Status
) -> None:
    """The rule of the house, with something gone: a proof then, and bounds of then."""
    proofs = () if kept is None else (proof("region a gone", kept=kept),)
    record = CapacityRecord(trials=(trial(), *proofs), found=(FOUND,), surviving=(row,))

    assert one(judge_search(record, FORECAST, CAPACITY), "headroom.surviving").status is status


def test_a_proof_of_a_scene_proves_nothing_without_it() -> None:
    """With a region gone 1.3 times the forecast was held; with all there nobody held it."""
    record = CapacityRecord(trials=(trial(), proof("region a gone", kept=1.0)), found=(FOUND,))

    assert one(judge_search(record, FORECAST, CAPACITY), "headroom.capacity").status is Status.INCONCLUSIVE


def test_a_scene_that_could_not_be_made_says_why() -> None:
    """A fault that cannot be held leaves nothing to judge."""
    row = Survived(
        scene="flapping", fault="region_flapping", found=None, required=1.3, proven=False, why="it moves"
    )
    finding = one(
        judge_search(CapacityRecord(found=(FOUND,), surviving=(row,)), FORECAST, CAPACITY),
        "headroom.surviving",
    )

    assert (finding.status, finding.summary) == (Status.INCONCLUSIVE, "flapping: it moves")


def test_without_a_forecast_the_headroom_is_unknown() -> None:
    """The capacity is told; whether it is enough is not, and no GO comes of it."""
    record = CapacityRecord(trials=(trial(),), found=(FOUND,), surviving=(survived(60.0, 70.0),))
    findings = judge_search(record, None, CAPACITY)

    assert [each.check for each in findings] == ["capacity.search", "capacity.found", "headroom.capacity"]
    assert findings[-1].status is Status.INCONCLUSIVE
