"""What shoppers saw of each fault, besides the time to recover: a finding a measure and fault."""

from collections.abc import Callable
from functools import partial

import polars as pl

from capacity.amplification import judge_amplification
from capacity.asks import asks_of, usual_shares
from capacity.detect import judge_detection
from capacity.failback import judge_failback
from capacity.fault_windows import placed_drills
from capacity.metastable import judge_metastability, visits_due_ns
from capacity.rpo import judge_lost_orders
from capacity.samples import requests_of
from capacity.stale_clients import judge_stale_clients
from capacity.starvation import Starved
from rehearsal.model.readings import FinalReadings
from rehearsal.model.timeline import Timeline, Window
from rehearsal.model.verdict import Finding

Judge = Callable[[pl.DataFrame], Finding | None]


def judge_aftermath(
    frame: pl.DataFrame,
    timeline: Timeline,
    starved: Starved,
    readings: FinalReadings,
    *,
    by_step: bool = True,
) -> tuple[Finding, ...]:
    """Return for each fault recovery.<fault>.detect, .lost_orders, .failback, .stale_clients and others.

    The measures say themselves what they need; one that a fault does not have is left out. Of a stranger's
    locustfile (not `by_step`) only metastability is judged: nobody knows its steps.
    """
    if not timeline.faults:
        return ()
    requests = requests_of(frame)
    drills = [drill for _, drill in placed_drills(frame, timeline) if drill]
    due_ns = visits_due_ns(frame) if by_step else requests["due_ns"]
    asks = asks_of(requests) if by_step else requests.clear()
    usual = usual_shares(asks, drills, timeline.phases) if by_step else {}
    findings: list[Finding | None] = []
    since_ns = 0
    for drill in drills:
        rows = starved_by(starved, requests)
        metastable = partial(judge_metastability, drill=drill, due_ns=due_ns, by_step=by_step)
        if by_step:
            findings += [
                starved_by(starved, asks)(partial(judge_detection, drill=drill, usual=usual), drill.held),
                judge_lost_orders(requests, drill=drill, since_ns=since_ns, orders=readings.orders),
                rows(partial(judge_failback, drill=drill), drill.window),
                rows(partial(judge_stale_clients, drill=drill), drill.held),
                rows(
                    partial(judge_amplification, drill=drill, drills=drills, calls=readings.calls),
                    Window(drill.inject_ns, drill.until_ns),
                ),
            ]
        findings.append(rows(metastable, drill.window))
        since_ns = drill.until_ns
    return tuple(finding for finding in findings if finding)


def starved_by(starved: Starved, rows: pl.DataFrame) -> Callable[[Judge, Window], Finding | None]:
    """Return what makes a timing check of rows honest, one that may have nothing to say."""

    def judged(judge: Judge, window: Window) -> Finding | None:
        finding = judge(rows)
        if finding is None:
            return None
        return starved.temper(finding, window, lambda: judge(starved.untouched(rows)) or finding)

    return judged
