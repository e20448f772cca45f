"""How long shoppers were still sent to a region that was lost: recovery.<fault>.stale_clients.

The tail is the time from the injection until the last request for the lost region was sent, while the fault
held. A visit learns by one refused request that its region is gone, so a short tail is right; the plan allows
as long as for the recovery. A fault shorter than that cannot show it: then it is asked whether in its second
half requests still went there, more than one in twenty beyond doubt. Where old routes are the fault itself
(routing_stale) the tail is measured and never a FAIL.

Only of faults that take a region away altogether, and only if somebody used that region before.
"""

import polars as pl

from capacity.fault_windows import LOST_REGION, Drill, name_of
from capacity.share import due_in, falls_short
from rehearsal.model.clock import seconds
from rehearsal.model.faults import FaultKind
from rehearsal.model.history import Step
from rehearsal.model.timeline import Window
from rehearsal.model.verdict import Finding, Status

#: Of the requests in the second half of a fault, this part may still go to the lost region.
STILL = 0.05


def judge_stale_clients(requests: pl.DataFrame, *, drill: Drill) -> Finding | None:
    """Measure the tail, and look for requests that still go to the lost region."""
    # What the director says of a region is no use of it.
    used = requests.filter((pl.col("f") != Step.ROUTE) & (pl.col("region") != ""))
    there = pl.col("region") == drill.fault.region
    known = used.filter(there & (pl.col("sent_ns") < drill.inject_ns)).height
    if drill.fault.kind not in LOST_REGION or not known:
        return None
    sent_ns = used.filter(
        there & pl.col("sent_ns").is_between(drill.injected_ns, drill.released_ns, closed="left")
    )["sent_ns"].max()
    tail_s = seconds(sent_ns - drill.injected_ns) if isinstance(sent_ns, int) else 0.0
    half_ns = (drill.injected_ns + drill.released_ns) // 2
    late = due_in(used, Window(half_ns, drill.released_ns))
    still = late.filter(there).height
    budget_s = drill.fault.recover_within_s
    stale = tail_s > budget_s or falls_short(late.height - still, late.height, 1 - STILL)
    excused = drill.fault.kind is FaultKind.ROUTING_STALE
    words = (
        f"region {drill.fault.region} was last used {tail_s:.1f} s after it was lost ({budget_s:g} s allowed)"
    )
    return Finding(
        check=f"recovery.{drill.fault.kind}.stale_clients",
        subject=drill.fault.phase,
        status=Status.FAIL if stale and not excused else Status.PASS,
        summary=f"{name_of(drill.placed)}: {words}; {still} of {late.height} requests of its second half"
        " went there",
        measured=tail_s,
        limit=budget_s,
        unit="s",
        evidence={"still": still, "samples": late.height, "held_s": drill.held_s},
    )
