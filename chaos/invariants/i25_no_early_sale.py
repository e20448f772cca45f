"""I25, no early sale: nobody is given an order of the sale before T-0, the start of `sale.opens_with`.

An answer that says so and arrived before T-0 is proof by itself: it was given earlier still. Orders are
counted by their lines too, for the cart may be a way around the flash sale. Only the mock shop is told when
T-0 is, to the nanosecond of one clock; what another shop sold before it may be a plan that says so wrongly,
so there it is INCONCLUSIVE.
"""

import polars as pl

from chaos.invariants.outcome import NAMED, judged, unknown
from chaos.invariants.tables import lines_of, ordered_of
from rehearsal.model.clock import NS_PER_MS, seconds
from rehearsal.model.history import Kind, Outcome, Step
from rehearsal.model.plan import Plan
from rehearsal.model.readings import FinalReadings
from rehearsal.model.timeline import timeline_of
from rehearsal.model.verdict import Finding

CHECK = "I25.no_early_sale"

#: A load process on another machine knows the run's clock this well.
DOUBT_NS = 10 * NS_PER_MS


def check(frame: pl.DataFrame, readings: FinalReadings, plan: Plan) -> Finding:
    """Look for orders of the sale SKU that were given before T-0, and for buys that were refused then."""
    sku = plan.sale.sku
    if not plan.sale.opens_with:
        return unknown(CHECK, "the plan has no sale, so there is no T-0")
    opens_ns = timeline_of(plan).window_of(plan.sale.opens_with).start_ns
    given = _of_the_sale(ordered_of(frame), readings, sku)
    if opens_ns == 0 and not given.is_empty():
        words = f"{sku}: the plan opens the sale with its first phase, so no order came before"
        return judged(CHECK, (), held=words, broken="", subject=sku)
    early = given.filter(pl.col("acked_ns") < opens_ns - DOUBT_NS)
    refused = _refused(frame).filter(pl.col("done_ns") < opens_ns).height
    ids = early["order_id"].to_list()
    told = f"{early.height} orders were given before T-0 ({seconds(opens_ns):g} s)"
    if ids and plan.target.shop != "mock":
        named = ", ".join(ids[:NAMED])
        words = (
            f"{sku}: {told}, and nobody told this shop when T-0 is; see whether its sale was open: {named}"
        )
        return unknown(CHECK, words, subject=sku)
    if not ids and not refused:
        words = f"nobody who tried to buy {sku} before T-0 was answered, so opening early was never tested"
        return unknown(CHECK, words, subject=sku)
    return judged(
        CHECK,
        ids,
        held=f"{sku}: all {refused} attempts to buy before T-0 were refused",
        broken=f"{sku}: {told}, {refused} attempts were refused",
        subject=sku,
        evidence={"opens_s": seconds(opens_ns), "refused": refused},
    )


def _of_the_sale(given: pl.DataFrame, readings: FinalReadings, sku: str) -> pl.DataFrame:
    lines = lines_of(readings)
    if lines is None:
        return given.filter(pl.col("sku") == sku)
    holding = lines.filter(pl.col("sku") == sku)["order_id"]
    return given.filter((pl.col("sku") == sku) | pl.col("order_id").is_in(holding.implode()))


def _refused(frame: pl.DataFrame) -> pl.DataFrame:
    """Return the buys that the shop answered with a no of its own."""
    buys = frame.filter((pl.col("kind") == Kind.OP) & (pl.col("f") == Step.FLASH_BUY))
    return buys.filter((pl.col("outcome") == Outcome.FAIL) & (pl.col("error") == "not_open"))
