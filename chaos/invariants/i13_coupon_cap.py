"""I13, coupon: uses ≤ cap, uses of one shopper ≤ per_shopper, and uses = orders that bear the coupon.

Both ways: a use that no order shows is lost to the next shopper, an order that is not counted is money given
away. Expired and cancelled orders give their use back. The cap is put to the test only when it is reached.
Kin: Jepsen's counter and bank. Safety, the count judged at rest.
"""

from functools import partial

import polars as pl

from chaos.invariants import proof
from chaos.invariants.books import Books
from chaos.invariants.outcome import Case
from chaos.invariants.tables import LIVE
from rehearsal.model.history import Step
from rehearsal.model.plan import Coupon, Plan
from rehearsal.model.verdict import Finding

CHECK = "I13.coupon_cap"


def check(books: Books, plan: Plan) -> Finding:
    """Count the live orders that bear the plan's coupon against its caps and the shop's own counter."""
    coupon = plan.coupon
    if coupon is None:
        return Case(CHECK).unknown("the plan has no coupon")
    case, orders = Case(CHECK, coupon.code), books.orders
    if orders is None:
        return case.unread(orders=orders, coupons=books.coupons)
    bearing = orders.filter((pl.col("coupon") == coupon.code) & pl.col("status").is_in(LIVE))
    counted = _counted(books, coupon)
    excess, greedy = bearing.slice(coupon.cap), _greedy(bearing, coupon)
    loose = orders.filter((pl.col("coupon") == "") & (pl.col("discount_cents") > 0))
    offenders = list(dict.fromkeys([*excess["order_id"], *greedy["order_id"], *loose["order_id"]]))
    unequal = counted is not None and counted != bearing.height
    if unequal and books.at_rest:
        offenders.append(coupon.code)
    if not offenders and counted is None:
        return case.unread("the coupons")
    if not offenders and unequal:
        return case.unknown(f"coupon {coupon.code} was counted while orders were still open")
    uses = f"coupon {coupon.code}: {bearing.height} orders bear it of a cap of {coupon.cap}"
    if not offenders and not _reached(books, coupon, bearing):
        return case.unknown(f"{uses}, as the shop counts, but the cap was never reached")
    shoppers = greedy["shopper"].n_unique()
    return case.judged(
        offenders,
        held=f"{uses}, as the shop counts, and the cap was reached",
        broken=f"{uses}, the shop counts {'nothing' if counted is None else counted}; {shoppers} shoppers"
        f" used it more than {coupon.per_shopper} times; {loose.height} orders are cheaper without a coupon",
        evidence={"orders": bearing.height, "counted": counted, "cap": coupon.cap},
        proof=partial(_proof, books, coupon, offenders),
    )


def _counted(books: Books, coupon: Coupon) -> int | None:
    """Return how often the shop says the coupon was used; None if it does not say."""
    if books.coupons is None:
        return None
    mine = books.coupons.filter(pl.col("code") == coupon.code)
    return None if mine.is_empty() else int(mine["used"].sum())


def _greedy(bearing: pl.DataFrame, coupon: Coupon) -> pl.DataFrame:
    named = bearing.filter(pl.col("shopper") != "")
    return named.filter(pl.len().over("shopper") > coupon.per_shopper)


def _reached(books: Books, coupon: Coupon, bearing: pl.DataFrame) -> bool:
    if bearing.height >= coupon.cap:
        return True
    no = books.ops(Step.COUPON, Step.ORDER).filter(pl.col("error") == "coupon_used_up")
    return not no.select("f").head(1).collect().is_empty()


def _proof(books: Books, coupon: Coupon, offenders: list[str]) -> proof.Proof:
    rule = f"coupon {coupon.code} is good for {coupon.cap} orders, {coupon.per_shopper} each"
    own = _counted(books, coupon)
    counter = [] if own is None else proof.counted("the shop's coupons", f"{own} uses of {coupon.code}")
    first = [offender for offender in offenders if offender != coupon.code][:4]
    used = pl.col("order_id").is_in(first) & (pl.col("f") == Step.ORDER)
    said = proof.counted("the plan", rule)
    return proof.proof_of(said, counter, proof.kept(books, first), proof.ops(books, used, 4))
