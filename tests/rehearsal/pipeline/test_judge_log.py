import pytest

from rehearsal.model.plan import Phase, PhaseKind, Plan, Traffic
from rehearsal.model.timeline import timeline_of
from rehearsal.model.verdict import Status
from rehearsal.pipeline.judge_log import judge_log
from rehearsal.rundir.log_record import LogRecord, PhaseLoad

LOADS = [
    ("all of it", PhaseLoad(brought=100, due=104), Status.PASS),
    ("nearly all", PhaseLoad(brought=100, due=90), Status.PASS),
    ("too little", PhaseLoad(brought=100, due=89), Status.INCONCLUSIVE),
    ("none", PhaseLoad(brought=100, due=0), Status.INCONCLUSIVE),
    ("nobody came", PhaseLoad(brought=0, due=0), Status.INCONCLUSIVE),
]


def record_of(**phases: PhaseLoad) -> LogRecord:
    """Return the record of a log with this load."""
    return LogRecord(
        log="access.log",
        sha256="",
        played_sha256="",
        visits=9,
        requests=40,
        sessions=12,
        played=9,
        steps_mean=3.0,
        length_mean_s=90.0,
        offset_mean_s=40.0,
        left_out={},
        unreadable=0,
        normal_per_s=None,
        under_way=3,
        phases=phases,
    )


def plan_of() -> Plan:
    """Return a plan of a warm-up and a burst."""
    phases = tuple(
        Phase(name=kind.value, kind=kind, duration_s=5.0, rate=1.0)
        for kind in (PhaseKind.WARMUP, PhaseKind.BURST)
    )
    return Plan(name="x", traffic=Traffic(log="a", normal_per_s=1.0, multiplier=5.0), phases=phases, slo={})


@pytest.mark.parametrize(("what", "load", "status"), LOADS, ids=[row[0] for row in LOADS])
def test_a_phase_must_hold_what_its_visits_ask(what: str, load: PhaseLoad, status: Status) -> None:
    """Where sessions outlast a phase, its rate promises a load that never came."""
    record = record_of(warmup=PhaseLoad(brought=1, due=0), burst=load)
    (finding,) = judge_log(record, timeline_of(plan_of()), frozenset({PhaseKind.BURST}))

    assert (finding.status, finding.subject) == (status, "burst"), what
    assert ("let the phase last 400 s or longer" in finding.summary) == (status is not Status.PASS)


def test_another_load_is_not_judged() -> None:
    """Without a log there is nothing to say."""
    assert judge_log(None, timeline_of(plan_of()), frozenset({PhaseKind.BURST})) == ()
