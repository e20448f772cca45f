"""The page of a run: what search, plan and findings come to, from files to figures."""

import math
from typing import Any

import pytest
from msgspec.structs import replace

from rehearsal.model.capacity import Band, CapacityRecord, Purpose
from rehearsal.model.plan import Plan
from rehearsal.model.verdict import Finding, Status
from rehearsal.pipeline.capacity.page import page_of
from rehearsal.pipeline.publish import publish
from rehearsal.rundir import folder
from reports.capacity import CapacityPage, LatencyLimit, Needed
from reports.figures import Drawing
from tests.reports.capacity_samples import found_of, record_of, trial_of
from tests.reports.run_factory import plan_of, write_run

PAST = [5.2, 6.1, 7.4, 5.8, 8.3]


def page(record: CapacityRecord, plan: Plan | None = None, *findings: Finding) -> CapacityPage:
    """Return the page of a run that searched; its forecast is 30 visits a second, with a spread."""
    told = page_of(plan or plan_of(forecast={"peak_per_s": 30.0, "multipliers": PAST}), record, findings)
    assert told is not None
    return told


def test_a_run_without_a_search_has_no_page() -> None:
    """An ordinary drill's report shows nothing new."""
    assert page_of(plan_of(), None, ()) is None


def test_headroom_is_that_of_the_lower_bound() -> None:
    """40.9 over 30: factor, spare and slack, which differ."""
    figures = page(record_of()).figures

    assert figures is not None
    assert figures.factor == pytest.approx(1.36333, abs=1e-5)
    assert figures.spare == pytest.approx(0.26650, abs=1e-5)
    assert figures.slack == pytest.approx(0.36333, abs=1e-5)


def test_the_forecast_brings_its_spread_and_the_chance_that_the_rule_is_not_enough() -> None:
    """Five past promotions: 13.7 % that the real peak is above 1.3 times the forecast."""
    shown = page(record_of()).forecast

    assert shown is not None
    assert (shown.peak_per_s, shown.n, shown.required) == (30.0, 5, 1.3)
    assert shown.above_required == pytest.approx(0.137, abs=5e-4)
    assert shown.high_per_s == pytest.approx(30.0 * 10.059 / 6.466, rel=1e-3)
    assert shown.low_per_s == pytest.approx(30.0 * 6.466 / 10.059, rel=1e-3)


@pytest.mark.parametrize("proof", [Status.PASS, Status.FAIL, Status.INCONCLUSIVE, Status.INVALID])
def test_the_proof_came_to_what_the_judge_says(proof: Status) -> None:
    """Its last trial may pass by itself while all of them together leave it open."""
    judged = Finding(
        check="headroom.capacity", status=Status.INCONCLUSIVE, summary="", evidence={"proof": proof.value}
    )

    assert page(record_of(), None, judged).held is proof
    assert page(record_of()).held is Status.INCONCLUSIVE


def test_the_shaded_part_is_as_large_as_the_chance() -> None:
    """The curves that are drawn add up to the number that is printed."""
    overlap = page(record_of()).overlap

    assert overlap is not None
    assert area(overlap.rates_per_s, overlap.overload) == pytest.approx(overlap.chance, abs=2e-3)
    assert 0.05 < overlap.chance < 0.137
    assert 0.5 < overlap.holds < 1 - overlap.chance
    assert not overlap.is_bound


def area(rates: tuple[float, ...], density: tuple[float, ...]) -> float:
    """Return the area under a curve by trapezoids."""
    steps = zip(rates, rates[1:], density, density[1:], strict=False)
    return math.fsum((right - left) * (low + high) / 2 for left, right, low, high in steps)


def test_a_stated_peak_has_no_chances() -> None:
    """Without past promotions there is a peak and a headroom, and nothing of how far it may be off."""
    told = page(record_of(), plan_of(forecast={"peak_per_s": 30.0}))

    assert told.forecast is not None
    assert told.figures is not None
    assert (told.overlap, told.forecast.above_required, told.forecast.n) == (None, None, 0)


def test_without_a_forecast_there_is_a_capacity_and_no_headroom() -> None:
    """A plan need not say what is expected."""
    told = page(record_of(), plan_of(forecast=None))

    assert told.band.low == 40.9
    assert (told.forecast, told.figures, told.overlap, told.needed) == (None, None, None, ())


@pytest.mark.parametrize(
    "band",
    [
        pytest.param(Band(), id="nothing is known"),
        pytest.param(Band(high=40.0), id="no lower bound"),
        pytest.param(Band(low=41.0, value=40.5, high=40.0), id="bounds that exclude all"),
        pytest.param(Band(low=0.0, high=40.0), id="a bound of nothing"),
    ],
)
def test_no_headroom_without_a_lower_bound(band: Band) -> None:
    """What was not shown to be carried has no factor and needs no instances."""
    told = page(record_of(found=(found_of(band.low, band.value, band.high),)))

    assert (told.figures, told.overlap, told.needed) == (None, None, ())


def test_a_capacity_that_never_broke_makes_the_chance_a_bound() -> None:
    """Without an upper bound the chance of an overload is at most so much."""
    overlap = page(record_of(found=(found_of(40.9, None, None),))).overlap

    assert overlap is not None
    assert overlap.is_bound


def test_the_outcome_of_a_survivor_is_the_judges() -> None:
    """What no finding speaks of is not known, whatever its numbers."""
    finding = Finding(
        check="headroom.surviving", subject="region a gone", status=Status.FAIL, summary="too little"
    )
    rows = page(record_of(), None, finding).scenes

    assert [(row.scene, row.status) for row in rows] == [
        ("region a gone", Status.FAIL),
        ("payment slow", Status.INCONCLUSIVE),
        ("zone lost", Status.INCONCLUSIVE),
    ]
    assert (rows[0].broke, rows[2].why) == ("pay", "the fault was not felt by shoppers")


def test_instances_are_those_of_the_plan_or_the_mock_shops_servers() -> None:
    """Sixteen servers of the sample's mock shop; for another shop the plan says how many serve."""
    forecast = {"peak_per_s": 30.0, "multipliers": PAST}
    own = plan_of(forecast=forecast)
    told = plan_of(forecast=forecast, capacity={"instances": 3})

    assert "16 present instances" in page(record_of(), own).needed[0].why
    assert "3 present instances" in page(record_of(), told).needed[0].why
    assert [need.more for need in page(record_of(), told).needed] == [0, 1, 2]


def test_where_nobody_said_how_many_there_are_a_multiple_is_told() -> None:
    """Of a shop of one's own: what is missing as part of what there is, and nothing of a loss."""
    plan = plan_of(forecast={"peak_per_s": 40.0})
    target = plan.target.model_copy(update={"shop": "own"})
    needed = page(record_of(), plan.model_copy(update={"target": target})).needed

    assert needed == (
        Needed(aim="1.3 times the forecast peak", more=None, why="takes 1.27 times what there is"),
        Needed(
            aim="a chance of an overload of at most 1.0 %",
            more=None,
            why="the forecast is stated, without a spread, so no number of instances can be told",
        ),
    )


def test_limits_are_those_of_the_sets_that_are_searched() -> None:
    """Each set's p95 and p99, by name."""
    slo = {"strict": {"p95_ms": 100.0, "p99_ms": 200.0, "goodput": 0.99}}

    assert page(record_of(), plan_of(capacity={"slo": slo})).limits == (
        LatencyLimit(slo_set="strict", quantile="p95", limit_ms=100.0),
        LatencyLimit(slo_set="strict", quantile="p99", limit_ms=200.0),
    )


def test_resources_are_held_against_their_ceilings() -> None:
    """The sample's processor takes 8 / 47.04 of a core for each visit a second, and is the bottleneck."""
    told = page(record_of())
    (cpu,) = told.resources

    assert told.bottleneck == "cpu"
    assert cpu.at_forecast == pytest.approx(30 * 8 / 47.04, rel=0.02)
    assert cpu.at_required == pytest.approx(39 * 8 / 47.04, rel=0.02)
    assert cpu.limit == 8.0


@pytest.mark.parametrize(
    ("used", "names"),
    [
        pytest.param([{}, {}, {}, {}], [], id="nothing was read"),
        pytest.param([{"a": 1.0}, {"a": 2.0}, {}, {}], [], id="read at two rates only"),
        pytest.param([{"a": 1.0}, {"a": math.nan}, {"a": 3.0}, {"a": 4.0}], ["a"], id="once not a number"),
        pytest.param([{"a": 1.0}, {"a": -1.0}, {"a": math.inf}, {"a": 4.0}], [], id="twice no reading"),
    ],
)
def test_readings_that_are_none_do_not_count(used: list[dict[str, float]], names: list[str]) -> None:
    """A shop may say NaN of what it does not know; a line needs three rates."""
    trials = tuple(
        trial_of(number, Purpose.DOUBLE, 8.0 * number, 1000, used=readings)
        for number, readings in enumerate(used, 1)
    )

    assert [row.name for row in page(CapacityRecord(trials=trials)).resources] == names


def test_overloaded_trials_turn_no_line() -> None:
    """At full use nearly nothing is served in time: such trials, beyond what held, say nothing of a visit."""
    kept = [trial_of(n, Purpose.DOUBLE, 8.0 * n, 1000, used={"servers": 1.0 * n}) for n in range(1, 5)]
    full = [
        trial_of(n, Purpose.BISECT, 40.0 + n, 1000, used={"servers": 5.0}, goodput_per_s=5.0 - n)
        for n in range(5, 9)
    ]
    (servers,) = page(CapacityRecord(trials=(*kept, *full))).resources

    assert servers.at_forecast == pytest.approx(30 / 8, rel=0.02)
    assert servers.at_required == pytest.approx(39 / 8, rel=0.02)
    assert page(CapacityRecord(trials=tuple(full))).resources == ()


@pytest.mark.parametrize(
    ("name", "unit", "words"),
    [
        pytest.param(
            "edge",
            "bytes/s",
            "edge: 12 of 16 Mbit/s at the forecast (75 %);"
            " 1.3 times it takes 15.6 (15.6 to 15.6), so have 15.6",
            id="a link, whatever its name",
        ),
        pytest.param(
            "pool",
            "connections",
            "pool: 1,500,000 of 2,000,000 connections at the forecast (75 %);"
            " 1.3 times it takes 1,950,000 (1,950,000 to 1,950,000), so have 1,950,000",
            id="as the plan calls it",
        ),
        pytest.param(
            "heap",
            "",
            "heap: 1,500,000 of 2,000,000 at the forecast (75 %);"
            " 1.3 times it takes 1,950,000 (1,950,000 to 1,950,000), so have 1,950,000",
            id="of which nobody said what it is counted in",
        ),
    ],
)
def test_a_resource_is_told_in_a_line_in_its_unit(name: str, unit: str, words: str) -> None:
    """50,000 bytes a visit, or what else there is: what it takes at 1.3 times the forecast of 30 a second."""
    read = [(8.0 * n, {name: 4e5 * n}) for n in range(1, 5)]
    trials = tuple(
        trial_of(n, Purpose.DOUBLE, rate, 1000, used=used, offered_per_s=rate)
        for n, (rate, used) in enumerate(read, 1)
    )
    resource = {"name": name, "series": "x", "limit": 2e6, "unit": unit}
    plan = plan_of(forecast={"peak_per_s": 30.0}, capacity={"resources": [resource]})
    (row,) = page(CapacityRecord(trials=trials, limits={name: 2e6}), plan).resources

    assert row.words == words
    assert row.unit == ("Mbit/s" if unit == "bytes/s" else unit)


def test_bytes_over_a_link_are_told_as_bandwidth() -> None:
    """50,000 bytes a visit are 12 Mbit/s at the forecast of 30 a second, of 1000; memory stays in bytes."""
    trials = tuple(
        trial_of(n, Purpose.DOUBLE, 8.0 * n, 1000, used={"bytes_sent": 4e5 * n, "heap_bytes": 1e6 * n})
        for n in range(1, 5)
    )
    limits = {"bytes_sent": 1.25e8}
    link, heap = sorted(
        page(CapacityRecord(trials=trials, limits=limits)).resources, key=lambda row: row.name
    )

    assert (link.name, link.unit, link.limit) == ("bytes_sent", "Mbit/s", 1000.0)
    assert link.at_forecast == pytest.approx(12.0, rel=0.02)
    assert link.needed == pytest.approx(1.3 * 12.0, rel=0.05)
    assert (heap.name, heap.unit) == ("heap_bytes", "")
    assert heap.at_forecast == pytest.approx(30 / 8 * 1e6, rel=0.02)


def test_one_rate_turns_no_line_either() -> None:
    """A proof alone holds one rate; what a tenth of a visit more seems to take is noise, of either sign."""
    read = enumerate((3.0, 2.9, 3.1, 2.8), 1)
    held = tuple(trial_of(n, Purpose.PROOF, 39 + n / 10, 1000, used={"servers": used}) for n, used in read)
    (servers,) = page(CapacityRecord(trials=held)).resources

    assert servers.at_forecast == pytest.approx(2.95 * 30 / 39.25, rel=0.05)


def test_models_explain_and_say_that_they_prove_nothing() -> None:
    """The scalability law and the knee, each with its reservation; silent of too few trials."""
    law, knee = page(record_of()).explained

    assert "It explains what was measured, and is no evidence of a capacity." in law
    assert "A hint only: it is no capacity." in knee
    assert page(record_of(trials=record_of().trials[:3])).explained == ()


def test_a_proof_alone_has_no_shape() -> None:
    """Many trials at one rate are one point: no law goes through them, and no knee."""
    made = [trial_of(n, Purpose.PROOF, 39.0, 1000 + n, in_flight=None) for n in range(1, 13)]

    assert page(CapacityRecord(trials=tuple(made))).explained == ()


def test_a_trial_that_never_answered_breaks_no_page() -> None:
    """Infinite times, no request, no time: still a page."""
    odd = (
        trial_of(1, Purpose.DOUBLE, 5.0, 0, mean_ms=0.0),
        trial_of(2, Purpose.DOUBLE, 6.0, 100, p99_ms=Band(value=math.inf), mean_ms=math.inf),
        *(trial_of(n, Purpose.DOUBLE, 5.0 + n, 1000) for n in range(3, 9)),
    )

    assert len(page(CapacityRecord(trials=odd)).explained) == 2


def test_what_of_resources_could_not_be_read_is_told() -> None:
    """A sentence of its own, after what models say; none where all was read."""
    record = record_of()
    told = page(replace(record, unread="2 of 9 readings failed: late")).explained

    assert told == (*page(record).explained, "Resources: 2 of 9 readings failed: late.")


def test_publish_draws_what_the_folder_keeps(tmp_path: Any) -> None:
    """capacity.json in a run's folder becomes the section; without it there is none."""
    run = write_run(tmp_path / "run")
    with pytest.MonkeyPatch.context() as undrawn:
        undrawn.setattr("reports.figures.drawing_of", lambda *_: Drawing(wide="", narrow=""))
        before = publish(run).read_text()

    assert "<h2>Capacity</h2>" not in before

    folder.write_json(run / folder.CAPACITY, record_of())
    assert "<h2>Capacity</h2>" in publish(run).read_text()
