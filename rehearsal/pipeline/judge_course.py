"""How the run itself went: to its end or to a stop condition, and whether its Toxiproxy held."""

import polars as pl

from rehearsal.model.clock import seconds
from rehearsal.model.history import Kind
from rehearsal.model.plan import Plan
from rehearsal.model.protocol import ProtocolStep
from rehearsal.model.timeline import timeline_of
from rehearsal.model.verdict import Finding, Status
from rehearsal.pipeline.cut import stop_finding
from rehearsal.pipeline.judge_hooks import hook_findings
from rehearsal.rundir.record import StopRecord


def judge_course(frame: pl.DataFrame, plan: Plan, tripped: StopRecord | None) -> tuple[Finding, ...]:
    """Return run.completed, stop.<condition> if one was met, run.toxiproxy for each server replaced.

    Also run.hooks, if the plan has any.
    """
    return (*_completed(plan, tripped), *_replaced(frame, plan), *hook_findings(frame, plan.hooks))


def _completed(plan: Plan, tripped: StopRecord | None) -> tuple[Finding, ...]:
    if tripped is None:
        words = "The run went through all its phases."
        return (Finding(check="run.completed", status=Status.PASS, summary=words),)
    words = f"A stop condition ended the run after {tripped.at_s:.1f} s; what came before it is judged."
    return (
        Finding(check="run.completed", status=Status.INCONCLUSIVE, summary=words),
        stop_finding(tripped, plan),
    )


def _replaced(frame: pl.DataFrame, plan: Plan) -> tuple[Finding, ...]:
    """Return what cannot be held against the shop: a server that is replaced cuts every connection."""
    timeline = timeline_of(plan)
    told = frame.filter((pl.col("kind") == Kind.PROTOCOL) & (pl.col("f") == ProtocolStep.REPLACED))
    return tuple(
        Finding(
            check="run.toxiproxy",
            status=Status.INVALID,
            subject=timeline.phase_at(row["sent_ns"]).name,
            summary=f"{row['note']}: until {seconds(row['done_ns']):.1f} s the way to the shop was cut.",
            evidence={"start_s": seconds(row["sent_ns"]), "end_s": seconds(row["done_ns"])},
        )
        for row in told.iter_rows(named=True)
    )
