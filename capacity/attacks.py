"""What an attack costs the shoppers who mean it: attack.<kind>.

Measured is the share of real shoppers' asks that worked while the attack lasted, over the share that works
without one, function by function. The attackers' own requests are in no history.

Nine in ten must be kept. Not more: a bounded queue and a limiter cannot always tell people from bots and turn
some of them away, and a sale that bots empty sooner is no loss of goodput, for "sold out" is a right answer.
Not less: the limits of a shop are there so that an attack of many times the people's traffic costs the
attacker his share and not them; without such limits they keep a half or a tenth. Less than that beyond doubt
(`share.falls_short`) is a FAIL; too few asks, or a shop that did not serve them before, are INCONCLUSIVE.
"""

from collections.abc import Mapping

import polars as pl
from msgspec.structs import replace

from capacity.fault_windows import Drill, name_of
from capacity.promises import kept_of
from capacity.recovery import HEALTHY
from capacity.share import SAMPLES, due_in, falls_short
from rehearsal.model.fault_facts import PAIRS
from rehearsal.model.faults import FaultKind, Promise
from rehearsal.model.percent import percent
from rehearsal.model.verdict import Finding, Status

KEPT = 0.9
ATTACKS = frozenset(
    {
        FaultKind.SLOW_CLIENTS,
        FaultKind.BOTS,
        FaultKind.TOKEN_REPLAY,
        FaultKind.RECONNECT_STORM,
    }
)


def judge_attack(asks: pl.DataFrame, *, drill: Drill, usual: Mapping[str, float]) -> Finding | None:
    """Compare the goodput that real shoppers kept with what they must keep; None if it is no attack."""
    kind = drill.fault.kind
    if not ATTACKS & {kind, *PAIRS.get(kind, ())}:
        return None
    due = kept_of(due_in(asks, drill.held), Promise.WORKS)
    n, good = due.height, int(due["good"].sum())
    finding = Finding(
        check=f"attack.{kind}",
        subject=drill.fault.phase,
        status=Status.INCONCLUSIVE,
        summary=f"{name_of(drill.placed)}: only {n} asks of real shoppers were due, which says too little",
        limit=KEPT,
        unit="share",
        evidence={"asks": n, "served": good},
    )
    if n < SAMPLES:
        return finding
    expected = sum(usual[function] for function in due["function"]) / n
    if expected < HEALTHY:
        return replace(
            finding,
            summary=f"{name_of(drill.placed)}: only {percent(expected, 0)} worked even without an attack",
        )
    kept = min(1.0, good / n / expected)
    return replace(
        finding,
        status=Status.FAIL if falls_short(good, n, KEPT * expected) else Status.PASS,
        summary=f"{name_of(drill.placed)}: real shoppers kept {percent(kept)} of their goodput"
        f" ({percent(KEPT, 0)} asked): {good} of {n} asks were met,"
        f" {percent(expected)} are without an attack",
        measured=kept,
        evidence={**finding.evidence, "usual": expected},
    )
