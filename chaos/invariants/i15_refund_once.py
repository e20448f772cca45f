"""I15, refund once: Σ refund ≤ Σ capture of a payment; one refund and one restock for each cancelled order.

What a shopper was told is cancelled is so in the end, and its money is back: once. Units restocked are at
most those of cancelled orders that had been sold (an unpaid order's units are released, not restocked).
Kin: Jepsen's bank. Liveness as for I6: refunds are waited for until the shop is at rest.
"""

from functools import partial

import polars as pl

from chaos.invariants import proof
from chaos.invariants.books import Books
from chaos.invariants.outcome import Case
from chaos.invariants.strange import strange_of
from chaos.invariants.tables import SOLD, payments_of
from rehearsal.model.plan import Plan
from rehearsal.model.verdict import Finding

CHECK = "I15.refund_once"


def check(books: Books, plan: Plan) -> Finding:  # noqa: ARG001 - one face for all
    """Compare refunds with captures, cancelled orders with their money, and restocked units with both."""
    case, charges, orders = Case(CHECK), books.charges, books.orders
    if charges is None or orders is None:
        return case.unread(charges=charges, orders=orders)
    strange = strange_of(charges)
    payments = payments_of(strange.leave_out(charges))
    cancelled = orders.filter(pl.col("status") == "cancelled")
    over = payments.filter(pl.col("refunded_cents") > pl.col("captured_cents"))
    owed = payments.join(cancelled, on="order_id", how="semi").filter(pl.col("net_cents") > 0)
    kept = _kept(books, orders)
    restocked = _restocked(books, cancelled)
    offenders = [
        *pl.concat([over["order_id"], owed["order_id"], kept["order_id"]]).unique(maintain_order=True),
        *restocked["sku"],
    ]
    refunds = int(payments["refunds"].sum())
    if not offenders and not refunds:
        return case.unknown("nothing was refunded, so nothing can have been refunded twice")
    finding = case.judged(
        offenders,
        held=f"{refunds} refunds gave back what was captured and no more, {cancelled.height} orders are"
        " cancelled",
        broken=f"{over.height} payments were refunded beyond their capture, the money of {owed.height}"
        f" cancelled orders is not back, {kept.height} are not cancelled though their shoppers were told so,"
        f" and of {restocked.height} SKUs more was restocked than cancelled",
        evidence={"refunds": refunds, "cancelled": cancelled.height},
        proof=partial(_proof, books, offenders[0] if offenders else "", restocked),
    )
    return strange.qualify(finding)


def _kept(books: Books, orders: pl.DataFrame) -> pl.DataFrame:
    """Return the orders whose shoppers were told that they are cancelled, and that are not in the end."""
    told = books.cancels.filter(pl.col("acked_ns").is_not_null())
    return orders.join(told, on="order_id", how="semi").filter(pl.col("status") != "cancelled")


def _restocked(books: Books, cancelled: pl.DataFrame) -> pl.DataFrame:
    """Return the SKUs of which more came back than cancelled orders can have held."""
    if books.stock is None or books.lines is None:
        return pl.DataFrame(schema={"sku": pl.String, "restocked": pl.Int64, "qty": pl.Int64})
    sold = cancelled
    if books.transitions is not None:
        once_sold = books.transitions.filter(pl.col("status").is_in(SOLD))
        sold = cancelled.join(once_sold, on="order_id", how="semi")
    units = books.lines.join(sold, on="order_id", how="semi").group_by("sku").agg(pl.col("qty").sum())
    both = books.stock.join(units, on="sku", how="left", maintain_order="left")
    counts = both.select("sku", "restocked", pl.col("qty").fill_null(0))
    return counts.filter(pl.col("restocked") > pl.col("qty"))


def _proof(books: Books, first: str, restocked: pl.DataFrame) -> proof.Proof:
    of_first = restocked.filter(pl.col("sku") == first)
    if not of_first.is_empty():
        words = "{restocked} units of {sku} were restocked, cancelled orders held {qty}"
        return proof.proof_of(proof.counted("the shop's stock", words.format_map(of_first.to_dicts()[0])))
    told = pl.col("order_id").is_in([first]) & (pl.col("f") == "cancel")
    money = proof.ledger(books, [first], ("capture", "refund", "void"))
    return proof.proof_of(money[:8], proof.kept(books, [first]), proof.ops(books, told, 2))
