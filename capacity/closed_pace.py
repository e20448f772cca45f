"""How a closed load paced itself: what its users could ask for at most, and what their waiting hid.

Users who ask once in a cycle of X = N / rate, of which R is the answer's, keep Z = X - R for themselves
(Denning and Buzen, ACM Computing Surveys 10 (1978), 225-261). So however fast the shop and however many its
servers, they ask at most N / (S + Z) times a second; and while one waits for longer than a cycle, requests
that were meanwhile due are in no sample. A number, never a rule: PASS; of a phase without answers nothing.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import polars as pl

from capacity.closed_queue import closed, most_per_s, saturation_users
from capacity.correction import corrected
from capacity.headroom import MOCK_REGIONS
from capacity.latency import percentile as percentile_of
from capacity.samples import Floats, requests_of, service_ms
from rehearsal.model.clock import NS_PER_S
from rehearsal.model.histogram import HIGHEST_NS, Histogram, bounds_ns, percentile, record
from rehearsal.model.history import Crowd, Kind
from rehearsal.model.plan import Phase, Plan
from rehearsal.model.timeline import Timeline
from rehearsal.model.verdict import Finding, Status

#: The share of requests that are no slower than the service time S that is taken for an unhindered one.
_UNHINDERED = 0.1
_NS_PER_MS = 1_000_000


@dataclass(frozen=True, slots=True)
class Pace:
    """How many users, how often each asked (`cycle_s`), what of it was its own, and what that allows.

    `kept_p99_ms` is the p99 that a schedule at that pace would have measured, beside the measured one.
    """

    users: int
    cycle_s: float
    own_s: float
    unhindered_s: float
    p99_ms: float
    kept_p99_ms: float

    @property
    def most_per_s(self) -> float:
        """Return what they can ask for at most, were there a server for each of them."""
        return most_per_s(self.users, self.users, service_s=self.unhindered_s, think_s=self.own_s)


def judge_pace(frame: pl.DataFrame, plan: Plan, timeline: Timeline) -> Iterator[Finding]:
    """Yield generator.pace of each judged phase in which users asked for anything."""
    for phase in timeline.phases:
        if phase.kind in plan.slo and (pace := pace_of(frame, phase)) is not None:
            yield _told(pace, phase, plan)


def pace_of(frame: pl.DataFrame, phase: Phase) -> Pace | None:
    """Return the pace of a phase; None without requests that were answered, or without counted users."""
    inside = requests_of(frame.filter(pl.col("phase") == phase.name))
    times_ms = service_ms(inside)
    counted = _each_second(frame.filter(pl.col("phase") == phase.name), inside)
    ended = times_ms[times_ms * _NS_PER_MS <= HIGHEST_NS]
    if counted is None or not ended.size:
        return None
    users, cycle_s = counted
    # The middle response, for the mean of one stall is not what a user meets in a cycle.
    own_s = max(0.0, cycle_s - percentile_of(ended, 0.5) / 1000)
    measured = record((ended * _NS_PER_MS).astype(np.int64))
    return Pace(
        users=users,
        cycle_s=cycle_s,
        own_s=own_s,
        unhindered_s=max(percentile_of(ended, _UNHINDERED) / 1000, 1e-6),
        p99_ms=_p99_ms(measured),
        kept_p99_ms=_p99_ms(_kept(measured, cycle_s)),
    )


def _each_second(frame: pl.DataFrame, requests: pl.DataFrame) -> tuple[int, float] | None:
    """Return the middle number of users, and the middle of users over requests of each second."""
    second = (pl.col("sent_ns") // NS_PER_S).alias("at")
    there = frame.filter((pl.col("kind") == Kind.USERS) & (pl.col("f") == Crowd.RUNNING))
    users = there.group_by(second).agg(pl.col("qty").sum().alias("users"))
    asked = requests.group_by(second).agg(pl.len().alias("asked"))
    both = users.join(asked, on="at").filter(pl.col("users") > 0)
    if both.is_empty():
        return None
    cycles: Floats = both["users"].to_numpy() / both["asked"].to_numpy()
    return round(float(np.median(both["users"].to_numpy()))), float(np.median(cycles))


def _kept(measured: Histogram, cycle_s: float) -> Histogram:
    lows, ends = bounds_ns(measured.buckets)
    return corrected((lows + ends) // 2, measured.counts, round(cycle_s * NS_PER_S))


def _p99_ms(histogram: Histogram) -> float:
    return percentile(histogram, 0.99).value_ns / _NS_PER_MS


def _told(pace: Pace, phase: Phase, plan: Plan) -> Finding:
    return Finding(
        check="generator.pace",
        subject=phase.name,
        status=Status.PASS,
        summary=f"{phase.name}: {pace.users} users each asked once in {pace.cycle_s:.3g} s, of which"
        f" {pace.own_s:.3g} s were their own: however many servers there are, they ask at most"
        f" {pace.most_per_s:.4g} requests a second; their p99 is {pace.p99_ms:.0f} ms, and would be about"
        f" {pace.kept_p99_ms:.0f} ms had they kept that pace while they waited{_model(pace, plan)}",
        measured=pace.most_per_s,
        unit="requests/s",
        evidence={"users": pace.users, "own_s": pace.own_s, "kept_p99_ms": pace.kept_p99_ms},
    )


def _model(pace: Pace, plan: Plan) -> str:
    """Return what queueing theory says of the mock shop under such users; "" of another shop or law."""
    users, store = pace.users // MOCK_REGIONS, plan.store
    if plan.target.shop != "mock" or store.law != "exponential" or not users:
        return ""
    service_s = store.service_ms / 1000
    law = closed(users, store.servers, service_s=service_s, think_s=pace.own_s)
    crowded = MOCK_REGIONS * saturation_users(store.servers, service_s=service_s, think_s=pace.own_s)
    return (
        f"; by theory (M/M/{store.servers}//{users} in each region) they get"
        f" {MOCK_REGIONS * law.throughput_per_s:.4g} a second, and more than {crowded:.0f} users"
        " would wait for each other"
    )
