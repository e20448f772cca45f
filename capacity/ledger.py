"""The load's double entry: every planned visit was either started or dropped, in every phase."""

from collections.abc import Mapping

import polars as pl

from rehearsal.model.history import Kind
from rehearsal.model.verdict import Finding, Status


def judge_ledger(frame: pl.DataFrame, planned: Mapping[str, int]) -> Finding:
    """Check planned = started + dropped for each phase. A broken ledger is the harness's fault: INVALID."""
    started, dropped = _by_phase(frame, Kind.VISIT), _by_phase(frame, Kind.DROP)
    booked = {
        phase: started.get(phase, 0) + dropped.get(phase, 0) for phase in {**planned, **started, **dropped}
    }
    broken = {
        phase: count - planned.get(phase, 0)
        for phase, count in booked.items()
        if count != planned.get(phase, 0)
    }
    totals = {
        "planned": sum(planned.values()),
        "started": sum(started.values()),
        "dropped": sum(dropped.values()),
    }
    account = "planned {planned} = started {started} + dropped {dropped}".format_map(totals)
    status, summary = Status.PASS, f"the ledger balances in every phase: {account}"
    if broken:
        told = ", ".join(f"{phase} {surplus:+d}" for phase, surplus in broken.items())
        status, summary = Status.INVALID, f"the ledger does not balance, off by: {told}"
    elif not totals["planned"]:
        status, summary = Status.INCONCLUSIVE, "no visit was planned, so the ledger proves nothing"
    return Finding(
        check="ledger.balance",
        status=status,
        summary=summary,
        measured=float(sum(abs(surplus) for surplus in broken.values())),
        limit=0.0,
        unit="visits",
        evidence={**totals, "surplus": broken},
    )


def _by_phase(frame: pl.DataFrame, kind: Kind) -> dict[str, int]:
    rows = frame.filter(pl.col("kind") == kind)
    return dict(rows.group_by("phase", maintain_order=True).len().iter_rows())
