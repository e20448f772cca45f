"""Whether a plan's own commands around the load did what they were to do."""

import polars as pl

from rehearsal.model.clock import seconds
from rehearsal.model.history import Kind, Outcome
from rehearsal.model.plan_shop import Hooks
from rehearsal.model.protocol import ProtocolStep
from rehearsal.model.verdict import Finding, Status

_OF_COMMANDS = {ProtocolStep.BEFORE: "before", ProtocolStep.AFTER: "after"}


def hook_findings(frame: pl.DataFrame, hooks: Hooks) -> tuple[Finding, ...]:
    """Return run.hooks: nothing if the plan has none, PASS if all that it has ended well.

    A clean-up that failed leaves test orders in the shop: that is no failure of the shop's, but no run to
    sign either, so it is INCONCLUSIVE. (Without `before` a run ends before it begins, and is not judged.)
    """
    wanted = {step: key for step, key in _OF_COMMANDS.items() if getattr(hooks, key).strip()}
    if not wanted:
        return ()
    rows = frame.filter((pl.col("kind") == Kind.PROTOCOL) & (pl.col("note") != "")).to_dicts()
    last = {row["f"]: row for row in rows if row["f"] in wanted}
    missing = [f"hooks.{key} was not carried out" for step, key in wanted.items() if step not in last]
    failed = [str(row["note"]) for row in last.values() if row["outcome"] != Outcome.OK]
    if missing or failed:
        told = "; ".join((*failed, *missing)).removesuffix(".")
        words = f"A hook of the plan's did not end well: {told}. Carry it out, or run: rehearse heal"
        return (Finding(check="run.hooks", status=Status.INCONCLUSIVE, summary=words),)
    took = {key: seconds(last[step]["done_ns"] - last[step]["sent_ns"]) for step, key in wanted.items()}
    words = ", ".join(f"{key} in {took_s:.1f} s" for key, took_s in took.items())
    return (Finding(check="run.hooks", status=Status.PASS, summary=f"The plan's hooks ended well: {words}."),)
