"""What the invariants can say of a run in which nobody told what the shop told its shoppers.

A stranger's locustfile reads the shop's answers and keeps them, and visits of an access log only ask for
pages: no row names an order, a payment or an intent. The shop's own books and the provider's ledger are read
all the same, and what they break they break. But that a promise was kept cannot be known of a promise nobody
heard.
"""

from msgspec.structs import replace

from rehearsal.model.verdict import Finding, Status

#: Invariants that the final readings decide alone.
BY_THE_BOOKS = frozenset(
    {
        "I2.stock_conserved",
        "I4.no_double_charge",
        "I6.no_charge_without_order",
        "I7.no_order_without_charge",
        "I11.callback_once",
        "I13.coupon_cap",
        "I14.price_honoured",
        "I15.refund_once",
        "I16.legal_states",
        "I17.unique_ids",
        "I21.ledger_balance",
        "I22.confirmed_once",
        "I23.gift_card_balance",
        "I26.capture_authorized",
    }
)


#: Why nobody tells.
OF_A_FILE = "a locustfile keeps that to itself"
OF_A_LOG = "visits of an access log only ask for pages"


def untold(finding: Finding, why: str = OF_A_FILE) -> Finding:
    """Return what a finding means where shoppers tell nothing: a FAIL stays, a PASS on no evidence goes."""
    check = finding.check.removeprefix("invariant.")
    if finding.status is Status.FAIL or check in BY_THE_BOOKS:
        return finding
    number, _, name = check.partition(".")
    summary = (
        f"{number} ({name.replace('_', ' ')}) needs what the shop told its shoppers, and {why};"
        " nothing that was read of the shop's own books stands against it."
    )
    return replace(finding, status=Status.INCONCLUSIVE, summary=summary, measured=None, limit=None)
