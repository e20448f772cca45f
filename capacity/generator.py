"""The generator's honesty: whether it was on time, dropped arrivals, or was starved by the machine."""

from collections.abc import Callable, Mapping

import polars as pl

from capacity.aborted import judge_aborted
from capacity.latency import p99_of, percentile
from capacity.samples import timed_of
from capacity.starvation import Starved, spans
from rehearsal.model.clock import NS_PER_S
from rehearsal.model.history import ADAPTER_ERROR, NO_SOCKET, Drop, Kind
from rehearsal.model.percent import percent
from rehearsal.model.plan import Limits, Phase, Plan
from rehearsal.model.timeline import Timeline
from rehearsal.model.verdict import Finding, Status

#: Drops the generator may cause before the offered load is no longer the planned one.
DROPPED_SHARE = 0.001
#: Part of the run's seconds in which the machine must have been watched; a busy one skips some.
WATCHED = 0.5


def starved_seconds(frame: pl.DataFrame, limits: Limits) -> dict[int, str]:
    """Return the seconds (since the origin) in which the machine starved the run, each with its reason.

    A second starves if the send-lag p99 of what was due in it, a stall, or the processor's busy share
    (0..1) measured in it is above its limit.
    """
    lags = _late_seconds(timed_of(frame), limits)
    health = frame.filter(pl.col("kind") == Kind.HEALTH).with_columns(
        (pl.col("sent_ns") // NS_PER_S).alias("second")
    )
    reasons: dict[int, str] = {}
    readings: tuple[tuple[str, float, Callable[[float], str]], ...] = (
        ("cpu", limits.cpu, lambda share: f"processor {percent(share, 0)} busy"),
        ("stall_ms", limits.stall_ms, lambda ms: f"stalled {ms:.0f} ms"),
        ("load_cpu", limits.cpu, lambda share: f"load process {percent(share, 0)} busy"),
    )
    for f, limit, words in readings:
        worst = (
            health.filter((pl.col("f") == f) & (pl.col("value") > limit))
            .group_by("second")
            .agg(pl.col("value").max())
        )
        reasons |= {second: words(value) for second, value in worst.iter_rows()}
    reasons |= {second: f"requests sent {lag:.0f} ms late" for second, lag in lags.iter_rows()}
    return dict(sorted(reasons.items()))


def judge_generator(
    frame: pl.DataFrame, plan: Plan, timeline: Timeline, planned: Mapping[str, int]
) -> tuple[Finding, ...]:
    """Return generator.send_lag of each judged phase, .dropped, .aborted of phases, .adapter and .machine."""
    timed = timed_of(frame)
    judged = [phase for phase in timeline.phases if phase.kind in plan.slo]
    return (
        *(judge_send_lag(timed, phase, plan.limits) for phase in judged),
        judge_dropped(frame, sum(planned.values())),
        *judge_aborted(frame, timeline, planned),
        judge_adapter(frame),
        judge_sockets(frame),
        judge_machine(frame, timeline, plan.limits),
    )


def judge_send_lag(timed: pl.DataFrame, phase: Phase, limits: Limits) -> Finding:
    """Compare a phase's send-lag p99 with its limit. All requests are measured, so there is no minimum."""
    inside = timed.filter(pl.col("phase") == phase.name)
    check, limit = "generator.send_lag", limits.send_lag_p99_ms
    if inside.is_empty():
        return Finding(
            check=check,
            subject=phase.name,
            status=Status.INCONCLUSIVE,
            summary=f"{phase.name}: nothing was sent, so nothing is known of the generator's punctuality",
        )
    lag_ms = percentile(inside["lag_ms"].to_numpy(), 0.99)
    late = lag_ms > limit
    seconds = _late_seconds(inside, limits)["second"].to_list()
    where = f"; late in {spans(seconds)}" if late and seconds else ""
    return Finding(
        check=check,
        subject=phase.name,
        status=Status.INVALID if late else Status.PASS,
        summary=f"{phase.name}: 99 % of {inside.height} requests and visits were sent within {lag_ms:.1f} ms"
        f" of their due time (limit {limit:g} ms){where}",
        measured=lag_ms,
        limit=limit,
        unit="ms",
        evidence={"samples": inside.height, "late_seconds": seconds},
    )


def judge_dropped(frame: pl.DataFrame, planned: int) -> Finding:
    """Count the arrivals that were never started: the generator's own may be at most `DROPPED_SHARE`.

    Those that died with a load process are judged phase by phase, in `aborted`.
    """
    drops = frame.filter(pl.col("kind") == Kind.DROP)
    causes: dict[str, int] = dict(drops["f"].value_counts().sort("f").iter_rows())
    own = causes.get(Drop.POOL_EXHAUSTED, 0) + causes.get(Drop.GENERATOR_LATE, 0)
    share = own / planned if planned else 0.0
    status = Status.INVALID if share > DROPPED_SHARE else Status.PASS
    told = ", ".join(f"{count} {cause.replace('_', ' ')}" for cause, count in causes.items()) or "none"
    return Finding(
        check="generator.dropped",
        status=status,
        summary=f"of {planned} planned visits these were never started: {told}",
        measured=share,
        limit=DROPPED_SHARE,
        unit="share",
        evidence={"planned": planned, "dropped": causes},
    )


def judge_adapter(frame: pl.DataFrame) -> Finding:
    """Count the visits that ended in an error of the adapter's own: load that was planned and never came."""
    visits = frame.filter(pl.col("kind") == Kind.VISIT)
    broken = visits.filter(pl.col("error") == ADAPTER_ERROR)
    why = f", the first by {broken['note'][0]}" if broken.height else ""
    return Finding(
        check="generator.adapter",
        status=Status.INVALID if broken.height else Status.PASS,
        summary=f"{broken.height} of {visits.height} visits broke off inside the adapter{why}",
        measured=float(broken.height),
        limit=0.0,
        unit="visits",
    )


def judge_sockets(frame: pl.DataFrame) -> Finding:
    """Count the requests that never left because this machine was out of ports or descriptors.

    To shoppers they look like a dead shop, so more than `DROPPED_SHARE` of them make the run INVALID.
    """
    requests = frame.filter(pl.col("kind") == Kind.OP)
    without = requests.filter(pl.col("error") == NO_SOCKET).height
    share = without / requests.height if requests.height else 0.0
    mend = "; raise `ulimit -n` or use more load machines" if without else ""
    return Finding(
        check="generator.sockets",
        status=Status.INVALID if share > DROPPED_SHARE else Status.PASS,
        summary=f"{without} of {requests.height} requests found no free port or descriptor here{mend}",
        measured=share,
        limit=DROPPED_SHARE,
        unit="share",
    )


def judge_machine(frame: pl.DataFrame, timeline: Timeline, limits: Limits) -> Finding:
    """Compare the share of starved seconds over the planned run with `limits.starved_share`.

    INCONCLUSIVE if the machine was watched for less than half of the run.
    """
    starved = Starved(starved_seconds(frame, limits))
    length = max(1, -(-timeline.end_ns // NS_PER_S))
    watched = (
        frame.filter(pl.col("kind") == Kind.HEALTH).select((pl.col("sent_ns") // NS_PER_S).n_unique()).item()
    )
    seconds = [second for second in starved.reasons if second < length]
    share = len(seconds) / length
    where = f": {spans(seconds)}" if seconds else ""
    status, words = Status.PASS, f"the machine starved the run in {len(seconds)} of {length} seconds{where}"
    if share > limits.starved_share:
        status = Status.INVALID
    elif watched < WATCHED * length:
        status, words = Status.INCONCLUSIVE, f"the machine was watched in only {watched} of {length} seconds"
    return Finding(
        check="generator.machine",
        status=status,
        summary=words,
        measured=share,
        limit=limits.starved_share,
        unit="share",
        evidence={"seconds": {str(second): starved.reasons[second] for second in seconds}},
    )


def _late_seconds(timed: pl.DataFrame, limits: Limits) -> pl.DataFrame:
    return (
        timed.group_by("second")
        .agg(p99_of("lag_ms").alias("lag_ms"))
        .filter(pl.col("lag_ms") > limits.send_lag_p99_ms)
        .sort("second")
    )
