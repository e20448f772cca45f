from collections.abc import Callable

import msgspec
import polars as pl
import pytest

from rehearsal.model.plan import Phase, PhaseKind, Plan
from rehearsal.model.readings import FinalReadings
from rehearsal.model.timeline import timeline_of
from rehearsal.model.verdict import Status
from rehearsal.pipeline.judge import RunFiles, findings_of
from rehearsal.rundir.histogram_file import SCHEMA
from rehearsal.rundir.history_file import frame_of
from rehearsal.rundir.record import RunRecord
from scenarios.schedule import build

RECORD = RunRecord(
    schema=1,
    run_id="r",
    harness_version="1",
    started_at="2026-01-01T00:00:00+00:00",
    origin_ns=0,
    seed=7,
    defects=(),
    versions={},
    machine={},
    shop_digest="0" * 64,
)


@pytest.fixture
def files(make_plan: Callable[..., Plan], plan_text: str) -> RunFiles:
    """Return a run in which nothing happened."""
    plan = make_plan(plan_text)
    return RunFiles(
        plan=plan,
        schedule=build(plan),
        record=RECORD,
        frame=frame_of((), timeline_of(plan)),
        histograms=pl.DataFrame(schema=SCHEMA),
        readings=FinalReadings(),
    )


def test_a_final_state_that_could_not_be_read_is_a_finding(files: RunFiles) -> None:
    """The reason is told once, as INCONCLUSIVE, and every other check is judged all the same."""
    fallen = msgspec.structs.replace(files, readings=FinalReadings(unread="http://a answers 500."))
    told = [finding for finding in findings_of(fallen) if finding.check == "run.readings"]

    assert [(finding.status, "http://a answers 500." in finding.summary) for finding in told] == [
        (Status.INCONCLUSIVE, True)
    ]
    assert len(findings_of(fallen)) == len(findings_of(files)) + 1


def test_trials_that_are_sent_again_show_no_headroom(files: RunFiles) -> None:
    """A replayed search is load without a search: it cannot end in GO, for nobody judged the headroom."""
    before, after = (
        [finding for finding in findings_of(each) if finding.check == "capacity.search"]
        for each in (files, msgspec.structs.replace(files, plan=replayed(files.plan)))
    )

    assert before == []
    assert [finding.status for finding in after] == [Status.INCONCLUSIVE]


def replayed(plan: Plan) -> Plan:
    """Return a plan as a search leaves it."""
    trial = Phase(name="trial 01", kind=PhaseKind.TRIAL, duration_s=1.0, rate=1.0)
    return plan.model_copy(update={"phases": (*plan.phases, trial)})


def test_what_was_still_open_at_the_end_is_a_finding(files: RunFiles) -> None:
    """A final state read too early proves less: INCONCLUSIVE, with the number."""
    early = msgspec.structs.replace(files, readings=FinalReadings(undecided=3))
    told = [finding for finding in findings_of(early) if finding.check == "run.undecided"]

    assert [(finding.status, finding.summary[0]) for finding in told] == [(Status.INCONCLUSIVE, "3")]


def test_a_fault_that_could_not_be_healed_fails_the_run(files: RunFiles) -> None:
    """Every sentence of the nemesis is a finding, also when the run is judged again later."""
    left = msgspec.structs.replace(RECORD, unhealed=("edge_a stayed closed",))
    told = [
        finding
        for finding in findings_of(msgspec.structs.replace(files, record=left))
        if finding.check == "fault.unhealed"
    ]

    assert [(finding.status, finding.summary) for finding in told] == [(Status.FAIL, "edge_a stayed closed")]
