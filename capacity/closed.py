"""A closed model judged: users who wait for the shop's answer before they ask again.

Such users come at no rate of their own. While the shop stands still they ask nothing, and what that kept
waiting is in no sample (coordinated omission). So no arrival was planned, and no rate is proven; what can be
judged is how many users there were, what they got, and whether their process had room to ask.
"""

from collections.abc import Iterator

import polars as pl

from capacity.closed_pace import judge_pace
from capacity.generator import judge_dropped, judge_machine, judge_send_lag, judge_sockets
from capacity.ledger import judge_ledger
from capacity.samples import timed_of
from capacity.starvation import spans
from rehearsal.model.clock import NS_PER_S
from rehearsal.model.history import NOT_ALLOWED, Crowd, Kind
from rehearsal.model.plan import PhaseKind, Plan
from rehearsal.model.timeline import Timeline
from rehearsal.model.verdict import Finding, Status

HIDES = (
    "nothing was planned by arrival: users ask again once they are answered, so response times do not hold"
    " the waiting of those who would have come meanwhile"
)
#: Fewer users than this part of those wanted is another load than the plan's.
ENOUGH = 0.9
#: Readings with too few users that are put up with: a user takes a moment to come.
SHORT_SHARE = 0.1
_NAMED = 5
#: Phases in which an exception in the file is what its author may not have thought of: the shop fails.
_TROUBLED = (PhaseKind.FAULT, PhaseKind.RECOVERY)


def judge_closed_ledger(frame: pl.DataFrame) -> Finding:
    """Balance the ledger of the classes with a schedule of their own; say that the others have none."""
    planned = frame.filter(pl.col("kind") == Kind.PLANNED)
    if not planned.is_empty():
        sums = planned.group_by("phase", maintain_order=True).agg(pl.col("qty").sum())
        return judge_ledger(frame, dict(sums.iter_rows()))
    return Finding(
        check="ledger.balance", status=Status.PASS, summary=HIDES, evidence={"model": "closed", "planned": 0}
    )


def judge_closed_generator(frame: pl.DataFrame, plan: Plan, timeline: Timeline) -> tuple[Finding, ...]:
    """Return generator.users, .pace, .unfinished, .locustfile, .hosts, .sockets and .machine.

    Of classes with schedules of their own also generator.send_lag and .dropped.
    """
    return (
        *_scheduled(frame, plan, timeline),
        judge_users(frame),
        *_paced(frame, plan, timeline),
        judge_unfinished(frame),
        judge_locustfile(frame, timeline),
        judge_hosts(frame),
        judge_sockets(frame),
        judge_machine(frame, timeline, plan.limits),
    )


def judge_users(frame: pl.DataFrame) -> Finding:
    """Compare how many users there were, each second, with how many there should have been."""
    # Each load process counts its own users, and says how many there should be in all.
    readings = (
        _crowd(frame, Crowd.RUNNING)
        .with_columns((pl.col("sent_ns") // NS_PER_S).alias("second"))
        .group_by("second")
        .agg(pl.col("qty").sum(), pl.col("value").max())
        .sort("second")
    )
    short = readings.filter(pl.col("qty") < ENOUGH * pl.col("value"))["second"].to_list()
    check = "generator.users"
    if readings.is_empty():
        return Finding(
            check=check, status=Status.INCONCLUSIVE, summary="nobody counted the users while the load ran"
        )
    share = len(short) / readings.height
    few = share > SHORT_SHARE
    where = f": {spans(short)}" if short else ""
    return Finding(
        check=check,
        status=Status.INCONCLUSIVE if few else Status.PASS,
        summary=f"in {len(short)} of {readings.height} seconds there were fewer users than planned{where}"
        + ("; users of the file left, and nobody comes in their place" if few else ""),
        measured=share,
        limit=SHORT_SHARE,
        unit="share",
        evidence={"most": max(readings["qty"].to_list()), "seconds": short},
    )


def judge_unfinished(frame: pl.DataFrame) -> Finding:
    """Count the users who were still busy when the run was ended: what they waited for is in no row."""
    left = int(_crowd(frame, Crowd.UNFINISHED)["qty"].sum())
    words = "every user came to the end of its last task"
    if left:
        words = f"{left} users were cut off in their last task, and what they waited for is in no row"
    return Finding(
        check="generator.unfinished",
        status=Status.INCONCLUSIVE if left else Status.PASS,
        summary=words,
        measured=float(left),
        limit=0.0,
        unit="users",
    )


def judge_locustfile(frame: pl.DataFrame, timeline: Timeline) -> Finding:
    """Count the exceptions that the file's own code let through.

    While the shop fails they are to be expected. In a sound shop they are the file's mistakes, and the load
    is not what its author meant.
    """
    errors = _crowd(frame, Crowd.ERROR)
    troubled = [phase.name for phase in timeline.phases if phase.kind in _TROUBLED]
    own = errors.filter(~pl.col("phase").is_in(troubled))
    told = own if own.height else errors
    first = f", the first by {told['note'][0]}" if told.height else ""
    beside = f"{own.height} of them in phases without a fault" if own.height else "all of them beside a fault"
    words = f"{errors.height} tasks of the locustfile broke off, {beside}{first}"
    return Finding(
        check="generator.locustfile",
        status=Status.INCONCLUSIVE if own.height else Status.PASS,
        summary=words if errors.height else "no task of the locustfile broke off",
        measured=float(own.height),
        limit=0.0,
        unit="tasks",
        evidence={"all": errors.height},
    )


def judge_hosts(frame: pl.DataFrame) -> Finding:
    """Count the requests that were held back: the file asks hosts that the plan does not allow."""
    held = frame.filter((pl.col("kind") == Kind.OP) & (pl.col("error") == NOT_ALLOWED))
    names = ", ".join(held["f"].unique(maintain_order=True).head(_NAMED))
    words = f"{held.height} requests were held back, for target.allow does not name their hosts: {names}"
    return Finding(
        check="generator.hosts",
        status=Status.INCONCLUSIVE if held.height else Status.PASS,
        summary=words if held.height else "every request went to this machine or to an allowed host",
        measured=float(held.height),
        limit=0.0,
        unit="requests",
    )


def _paced(frame: pl.DataFrame, plan: Plan, timeline: Timeline) -> Iterator[Finding]:
    """Yield the pace of users; of classes with a schedule of their own the requests are not told apart."""
    if frame.filter(pl.col("kind") == Kind.PLANNED).is_empty():
        yield from judge_pace(frame, plan, timeline)


def _scheduled(frame: pl.DataFrame, plan: Plan, timeline: Timeline) -> Iterator[Finding]:
    planned = frame.filter(pl.col("kind") == Kind.PLANNED)
    if planned.is_empty():
        return
    visits = timed_of(frame).filter(pl.col("kind") == Kind.VISIT)
    due = set(planned["phase"])
    for phase in timeline.phases:
        if phase.kind in plan.slo and phase.name in due:
            yield judge_send_lag(visits, phase, plan.limits)
    yield judge_dropped(frame, int(planned["qty"].sum()))


def _crowd(frame: pl.DataFrame, what: Crowd) -> pl.DataFrame:
    return frame.filter((pl.col("kind") == Kind.USERS) & (pl.col("f") == what))
