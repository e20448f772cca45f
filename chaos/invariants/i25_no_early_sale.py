"""I25, no early sale: no order of the sale SKU is given before T-0, the start of `sale.opens_with`.

An answer that says so and arrived before T-0 is proof by itself: it was given earlier still. Orders are
counted by their lines too, for the cart may be a way around the flash sale. Only the mock shop is told when
T-0 is, to the nanosecond of one clock; what another shop sold before it may be a plan that says so wrongly,
so there it is INCONCLUSIVE. Safety.
"""

from functools import partial

import polars as pl

from chaos.invariants import proof
from chaos.invariants.books import Books
from chaos.invariants.outcome import NAMED, Case
from rehearsal.model.clock import NS_PER_MS, seconds
from rehearsal.model.history import Outcome, Step
from rehearsal.model.plan import Plan
from rehearsal.model.timeline import timeline_of
from rehearsal.model.verdict import Finding

CHECK = "I25.no_early_sale"

#: A load process on another machine knows the run's clock this well.
DOUBT_NS = 10 * NS_PER_MS


def check(books: Books, plan: Plan) -> Finding:
    """Look for orders of the sale SKU that were given before T-0, and for buys that were refused then."""
    sku = plan.sale.sku
    case = Case(CHECK, sku)
    if not plan.sale.opens_with:
        return case.unknown("the plan has no sale, so there is no T-0")
    opens_ns = timeline_of(plan).window_of(plan.sale.opens_with).start_ns
    given = _of_the_sale(books, sku)
    if opens_ns == 0 and not given.is_empty():
        words = f"{sku}: the plan opens the sale with its first phase, so no order came before"
        return case.judged((), held=words, broken="", proof=list)
    ids = given.filter(pl.col("acked_ns") < opens_ns - DOUBT_NS)["order_id"].to_list()
    refused = _refused(books, opens_ns)
    told = f"{len(ids)} orders were given before T-0 ({seconds(opens_ns):g} s)"
    if ids and plan.target.shop != "mock":
        named = ", ".join(ids[:NAMED])
        return case.unknown(
            f"{sku}: {told}, and nobody told this shop when T-0 is; see whether its sale was open: {named}"
        )
    if not ids and not refused:
        return case.unknown(
            f"nobody who tried to buy {sku} before T-0 was answered, so opening early was never tested"
        )
    return case.judged(
        ids,
        held=f"{sku}: all {refused} attempts to buy before T-0 were refused",
        broken=f"{sku}: {told}, {refused} attempts were refused",
        evidence={"opens_s": seconds(opens_ns), "refused": refused},
        proof=partial(_proof, books, ids[:3], f"the sale opens at {seconds(opens_ns):g} s"),
    )


def _of_the_sale(books: Books, sku: str) -> pl.DataFrame:
    given, lines = books.given, books.lines
    if lines is None:
        return given.filter(pl.col("sku") == sku)
    holding = lines.filter(pl.col("sku") == sku)["order_id"]
    return given.filter((pl.col("sku") == sku) | pl.col("order_id").is_in(holding.implode()))


def _refused(books: Books, opens_ns: int) -> int:
    """Count the buys that the shop answered with a no of its own before T-0."""
    no = (
        (pl.col("outcome") == Outcome.FAIL) & (pl.col("error") == "not_open") & (pl.col("done_ns") < opens_ns)
    )
    return int(books.ops(Step.FLASH_BUY).filter(no).select(pl.len()).collect().item())


def _proof(books: Books, first: list[str], opens: str) -> proof.Proof:
    given = pl.col("f").is_in(["flash_buy", "order"]) & (pl.col("outcome") == Outcome.OK)
    told = proof.ops(books, given & pl.col("order_id").is_in(first), 3)
    return proof.proof_of(proof.counted("the plan", opens), told, proof.kept(books, first))
