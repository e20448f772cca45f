"""Visits that died with their load process: how many, in which phases and seconds, and with which process."""

from collections.abc import Mapping

import polars as pl
from msgspec.structs import replace

from capacity.starvation import spans
from rehearsal.model.clock import NS_PER_S
from rehearsal.model.history import Drop, Kind
from rehearsal.model.percent import percent
from rehearsal.model.plan import PhaseKind
from rehearsal.model.timeline import Timeline
from rehearsal.model.verdict import Finding, Status

#: Above this share a phase was not offered the load it was planned for.
ABORTED_SHARE = 0.001


def judge_aborted(frame: pl.DataFrame, timeline: Timeline, planned: Mapping[str, int]) -> tuple[Finding, ...]:
    """Return generator.aborted for each phase in which visits were aborted: INVALID past `ABORTED_SHARE`."""
    aborted = frame.filter((pl.col("kind") == Kind.DROP) & (pl.col("f") == Drop.ABORTED))
    return tuple(
        _judge_phase(rows, phase.name, planned.get(phase.name, 0))
        for phase in timeline.phases
        if not (rows := aborted.filter(pl.col("phase") == phase.name)).is_empty()
    )


def judge_aborted_trials(
    frame: pl.DataFrame, timeline: Timeline, planned: Mapping[str, int]
) -> tuple[Finding, ...]:
    """Return generator.aborted of a search, if any trial of it lost visits with a load process.

    INVALID if one lost more than `ABORTED_SHARE`: from there on another load was sent than was asked for.
    """
    trials = {phase.name for phase in timeline.phases if phase.kind is PhaseKind.TRIAL}
    lost = [each for each in judge_aborted(frame, timeline, planned) if each.subject in trials]
    if not lost:
        return ()
    worst = max(lost, key=lambda each: each.measured or 0.0)
    others = f"; {len(lost)} trials in all lost visits so" if len(lost) > 1 else ""
    return (replace(worst, subject="search", summary=f"{worst.summary}{others}"),)


def _judge_phase(rows: pl.DataFrame, phase: str, planned: int) -> Finding:
    share = rows.height / planned if planned else 1.0
    seconds = (rows["due_ns"] // NS_PER_S).unique().sort().to_list()
    causes = rows["note"].unique(maintain_order=True).to_list()
    told = "; ".join(cause for cause in causes if cause) or "the run was stopped"
    return Finding(
        check="generator.aborted",
        subject=phase,
        status=Status.INVALID if share > ABORTED_SHARE else Status.PASS,
        summary=f"{phase}: {rows.height} of {planned} planned visits ({percent(share, 2)}) were aborted in"
        f" {spans(seconds)} ({told})",
        measured=share,
        limit=ABORTED_SHARE,
        unit="share",
        evidence={"aborted": rows.height, "planned": planned, "seconds": seconds, "causes": causes},
    )
