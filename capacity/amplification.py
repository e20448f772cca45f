"""How many requests a payment took: recovery.<fault>.amplification.

Two measures, the worse of which counts: at the shoppers, card payments sent for each payment meant (without
double clicks and what is sent again on purpose); and at the provider, requests to authorize and to capture
for each order, from its own count. The provider's count has no times: what it received in excess in the whole
run is laid upon the orders paid by card while some payment fault held.

At most 1.3 while the fault lasts (a retry for each third payment is what a retry budget lets through), and
1.0 again once the recovery's time is over, or one in twenty beyond doubt more. Below ten payments in the
fault there is no finding: there was nothing to amplify.
"""

from collections.abc import Iterable

import polars as pl
from msgspec.structs import replace

from capacity.fault_windows import Drill, hits_of, name_of, unforced
from capacity.share import SAMPLES, due_in, falls_short
from rehearsal.model.fault_facts import PAIRS
from rehearsal.model.faults import FaultKind, Function
from rehearsal.model.history import Step
from rehearsal.model.readings import CallReading
from rehearsal.model.timeline import Window
from rehearsal.model.verdict import Finding, Status

LIMIT = 1.3
#: Afterwards so many of the payments may take a second request.
AGAIN = 0.05
_CHARGING = ("authorize", "capture")


def judge_amplification(
    requests: pl.DataFrame, *, drill: Drill, drills: Iterable[Drill], calls: Iterable[CallReading] | None
) -> Finding | None:
    """Compare requests for each payment with the limit; `drills` are the run's, `calls` the provider's."""
    intents = _intents(requests)
    during = due_in(intents, drill.held)
    if not is_of_payments(drill) or during.height < SAMPLES:
        return None
    shoppers = _mean(during)
    provider = _at_provider(intents, drills, calls)
    after = due_in(intents, Window(drill.window.end_ns, drill.until_ns))
    again = after.filter(pl.col("sent") > 1).height
    worst = max(shoppers, provider or 0.0)
    told = f"{provider:.2f} at the provider" if provider else "the provider's own count could not be read"
    finding = Finding(
        check=f"recovery.{drill.fault.kind}.amplification",
        subject=drill.fault.phase,
        status=Status.PASS if worst <= LIMIT else Status.FAIL,
        summary=f"{name_of(drill.placed)}: {shoppers:.2f} requests for each payment at the shoppers, {told}"
        f" ({LIMIT:g} allowed)",
        measured=worst,
        limit=LIMIT,
        unit="times the payments",
        evidence={
            "shoppers": shoppers,
            "provider": provider,
            "payments": during.height,
            "after": _mean(after),
            "payments_after": after.height,
        },
    )
    if falls_short(after.height - again, after.height, 1 - AGAIN):
        words = f"{finding.summary}; afterwards {again} of {after.height} payments still took several"
        return replace(finding, status=Status.FAIL, summary=words)
    return finding


def is_of_payments(drill: Drill) -> bool:
    """Tell whether a fault makes payments be sent again: it hits nothing else, or is a storm of retries."""
    kind = drill.fault.kind
    return hits_of(kind) == {Function.PAYMENT} or FaultKind.RETRY_STORM in {kind, *PAIRS.get(kind, ())}


def _mean(intents: pl.DataFrame) -> float:
    return int(intents["sent"].sum()) / max(1, intents.height)


def _intents(requests: pl.DataFrame) -> pl.DataFrame:
    """Return the card payments that were meant: when first `due_ns`, and how many requests were `sent`."""
    by_card = (pl.col("f") == Step.PAY) & (pl.col("channel") == "card")
    grouped = unforced(requests).filter(by_card).sort("due_ns").group_by("intent", maintain_order=True)
    return grouped.agg(pl.col("due_ns").first(), pl.len().alias("sent"))


def _at_provider(
    intents: pl.DataFrame, drills: Iterable[Drill], calls: Iterable[CallReading] | None
) -> float | None:
    charging = [call for call in calls or () if call.endpoint in _CHARGING and call.orders]
    if not charging:
        return None
    paid = sum(due_in(intents, drill.held).height for drill in drills if is_of_payments(drill))
    return 1 + max(call.requests - call.orders for call in charging) / paid
