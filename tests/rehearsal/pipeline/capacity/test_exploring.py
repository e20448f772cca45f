"""All searches of a run, on a shop whose limit is known."""

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from chaos.nemesis import Sustained
from rehearsal.model.capacity import CapacityRecord, Purpose, Trial
from rehearsal.model.errors import BrokenOff, RehearsalError
from rehearsal.model.faults import FaultKind
from rehearsal.model.plan import Phase, PhaseKind, Plan
from rehearsal.model.plan_capacity import Capacity, Dimension, Slo, Surviving
from rehearsal.pipeline.capacity import exploring
from rehearsal.pipeline.capacity.exploring import explore, search_of
from rehearsal.pipeline.capacity.growing import Growing, resting
from rehearsal.pipeline.capacity.plans import without_search
from rehearsal.pipeline.capacity.record_file import read_record
from rehearsal.pipeline.watcher import Nobody
from rehearsal.rundir import folder
from scenarios.schedule import build
from tests.rehearsal.pipeline.capacity.shop import ORIGIN_NS, Shop

STRICT = Slo(p95_ms=100.0, p99_ms=200.0, goodput=0.9)
#: Slow answers of the shop take two seconds.
LOOSE = Slo(p95_ms=3000.0, p99_ms=4000.0, goodput=0.9)
SMALL = Capacity(
    slo={"strict": STRICT},
    start_per_s=20.0,
    trial_requests=100,
    confirm_requests=1000,
    proof_requests=1000,
    most_requests=8000,
)
GONE = Surviving(name="one region gone", kind=FaultKind.REGION_KILLED)


class Told(Nobody):
    """Keeps what a watcher is told."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self.stages: list[str] = []
        self.trials: list[Trial] = []

    def stage(self, sentence: str) -> None:
        """Keep it."""
        self.stages.append(sentence)

    def trial(self, trial: Trial) -> None:
        """Keep it."""
        self.trials.append(trial)


class Lab:
    """A plan with a search, a shop that carries so much, and what is told."""

    def __init__(self, plan: Plan, run: Path, capacity: Capacity) -> None:
        """Let the planned phases be over."""
        search = Phase(name="capacity", kind=PhaseKind.CAPACITY, duration_s=1.0)
        self.plan = plan.model_copy(update={"phases": (*plan.phases, search), "capacity": capacity})
        begun = resting(without_search(self.plan))
        self.growing = Growing(run, begun, build(begun))
        self.shop = Shop(run, self.growing, most_per_s=60.0)
        self.shop.clock.at_ns = ORIGIN_NS + self.growing.timeline.end_ns
        self.shop.look()
        self.told = Told()
        self.run = run
        self.used = {"cpu": 1.0}

    def explore(self) -> tuple[str, ...]:
        """Make the searches."""
        stage: Any = SimpleNamespace(
            run=self.run,
            load=self.shop,
            clock=self.shop.clock,
            origin_ns=ORIGIN_NS,
            halt=self.shop.halt(),
            look=self.shop.look,
            world=None,
            gauges=SimpleNamespace(limits={"cpu": 2.0}, told="", means=lambda _start, _end: self.used),
            record=lambda _row: None,
            enter=lambda _step, _note: None,
            watcher=self.told,
        )
        return explore(stage, plan=self.plan, growing=self.growing)

    @property
    def record(self) -> CapacityRecord:
        """Return what was kept of them."""
        record = read_record(self.run)
        assert record is not None
        return record


@pytest.fixture
def lab(make_plan: Callable[[], Plan], tmp_path: Path) -> Callable[..., Lab]:
    """Return a maker of laboratories."""

    def make(**changes: Any) -> Lab:
        return Lab(make_plan(), tmp_path, SMALL.model_copy(update=changes))

    return make


def test_a_plan_without_a_search_has_none(make_plan: Callable[[], Plan], tmp_path: Path) -> None:
    """Its load does not grow."""
    plan = make_plan()

    assert search_of(plan, Growing(tmp_path, plan, build(plan))) is None


def test_the_limit_of_a_shop_is_found(lab: Callable[..., Lab]) -> None:
    """Sixty visits a second: between the bounds, with every trial kept, shown and counted."""
    it = lab()
    assert it.explore() == ()
    (found,) = it.record.found

    assert found.capacity.low is not None
    assert found.capacity.high is not None
    assert 0.8 * 60 <= found.capacity.low <= 60
    assert found.capacity.low < found.capacity.high <= 1.2 * 60
    assert found.broke == "product in region a"
    assert it.record.trials == tuple(it.told.trials)
    assert it.record.limits == {"cpu": 2.0}
    assert it.growing.timeline.end_ns >= it.shop.clock.at_ns - ORIGIN_NS - 1_000_000


def test_the_resource_that_was_full_is_named_with_what_broke(lab: Callable[..., Lab]) -> None:
    """1.9 of 2 processors were busy, whatever the rate."""
    it = lab()
    it.used = {"cpu": 1.9}
    it.explore()

    assert it.record.found[0].broke.endswith(" a; cpu full: 1.9 of 2 cores")


@pytest.mark.parametrize(
    ("most_per_s", "low", "high"),
    [pytest.param(60.0, 13.0, None, id="it holds"), pytest.param(6.0, None, 13.0, id="it breaks")],
)
def test_the_proof_alone_is_a_bound(
    lab: Callable[..., Lab], most_per_s: float, low: float | None, high: float | None
) -> None:
    """1.3 times the forecast of 10 are held, of the first SLO set only; nothing is searched for."""
    it = lab(search=False, slo={"strict": STRICT, "loose": LOOSE})
    it.shop.most_per_s = most_per_s
    it.explore()
    (found,) = it.record.found

    assert {trial.wanted.purpose for trial in it.record.trials} == {Purpose.PROOF}
    assert (found.slo_set, found.capacity.low, found.capacity.high) == ("strict", low, high)
    assert (found.why, found.trials) == (
        "only the proof was made",
        tuple(trial.number for trial in it.record.trials),
    )
    assert found.shoppers == (None if low is None else 0.0)  # they are so quick that nobody is counted


@pytest.mark.parametrize(
    ("most_per_s", "held"),
    [pytest.param(12.0, True, id="little less than asked"), pytest.param(4.0, False, id="far less")],
)
def test_a_verdict_rests_on_the_rate_itself(lab: Callable[..., Lab], most_per_s: float, held: bool) -> None:
    """13 visits a second are asked for, and are held unless the shop broke beyond doubt far below."""
    it = lab(start_per_s=2.0)
    it.shop.most_per_s = most_per_s
    it.explore()

    assert (Purpose.PROOF in {trial.wanted.purpose for trial in it.record.trials}) is held


def test_each_slo_set_has_a_capacity(lab: Callable[..., Lab]) -> None:
    """A loose promise is kept where a strict one is broken: here at every rate that the budget allows."""
    it = lab(slo={"strict": STRICT, "loose": LOOSE})
    it.explore()
    strict, loose = it.record.found

    assert (strict.slo_set, loose.slo_set) == ("strict", "loose")
    assert strict.capacity.low is not None
    assert loose.capacity.low is not None
    assert loose.capacity.low > strict.capacity.low
    assert loose.capacity.high is None
    assert "nothing broke up to" in loose.why
    assert set(strict.trials) < set(loose.trials)


def test_what_survives_is_searched_for_under_the_fault(
    lab: Callable[..., Lab], monkeypatch: pytest.MonkeyPatch
) -> None:
    """While the region is gone the shop carries half."""
    it = lab(surviving=(GONE,))

    def gone(_: Surviving, __: object, meanwhile: Callable[[], None]) -> Sustained:
        it.shop.most_per_s = 30.0
        meanwhile()
        it.shop.most_per_s = 60.0
        return Sustained(proven=True, problems=())

    monkeypatch.setattr(exploring, "gone", gone)
    assert it.explore() == ()
    (row,) = it.record.surviving

    assert (row.scene, row.proven, row.required) == ("one region gone", True, 1.3)
    assert row.found is not None
    assert row.found.capacity.low is not None
    assert row.found.capacity.low <= 30
    assert {trial.wanted.scene for trial in it.told.trials} == {"", "one region gone"}


@pytest.mark.parametrize(
    ("happens", "why"),
    [
        (Sustained(proven=False, problems=()), "its effect could not be proven"),
        (RehearsalError("region a does not exist"), "region a does not exist"),
    ],
    ids=["no effect", "no such fault"],
)
def test_a_scene_that_could_not_be_made_is_told(
    lab: Callable[..., Lab], monkeypatch: pytest.MonkeyPatch, happens: Sustained | Exception, why: str
) -> None:
    """Nothing was measured, so nothing is found, and the search goes on."""

    def gone(*_: object) -> Sustained:
        if isinstance(happens, Exception):
            raise happens
        return happens

    monkeypatch.setattr(exploring, "gone", gone)
    it = lab(surviving=(GONE,), dimensions=(Dimension(name="rules", values=(0.0, 2.0)),), most_requests=1500)
    it.explore()
    (row,) = it.record.surviving

    assert (row.found, row.proven) == (None, False)
    assert why in row.why
    assert [cell.value for cell in it.record.dimensions] == [0.0, 2.0]


def test_what_could_not_be_healed_ends_the_searches(
    lab: Callable[..., Lab], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A broken shop has no dimensions."""
    unhealed = Sustained(proven=True, problems=("region a is gone",))
    monkeypatch.setattr(exploring, "gone", lambda *_: unhealed)
    it = lab(surviving=(GONE,), dimensions=(Dimension(name="rules", values=(0.0, 2.0)),), most_requests=1500)

    assert it.explore() == ("region a is gone",)
    assert it.record.dimensions == ()


def test_a_shop_that_does_not_come_to_rest_leaves_what_was_found(lab: Callable[..., Lab]) -> None:
    """The record says why it ends; the run is judged all the same."""
    it = lab()
    it.shop.stuck = 3

    assert it.explore() == ()
    assert "3 visits had not ended" in it.record.stopped


def test_a_load_that_dies_ends_the_run(lab: Callable[..., Lab]) -> None:
    """That is no finding of a search: the run is INVALID. What was found so far is in its folder."""
    it = lab()
    served = it.shop.look

    def dies() -> None:
        served()
        if len(it.told.trials) == 2:
            raise BrokenOff("Locust ended")

    it.shop.look = dies  # type: ignore[method-assign]

    with pytest.raises(BrokenOff):
        it.explore()
    assert len(it.record.trials) == 2
    assert (it.run / folder.PLAN).exists()
