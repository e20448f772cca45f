"""Bugs that real shops had, each off until a configuration names it, each a thing the harness must catch."""

from enum import StrEnum


class Defect(StrEnum):
    """A switchable bug; `BITES` says what it does and where."""

    OVERSELL_RACE = "oversell_race"
    DOUBLE_CHARGE_ON_RETRY = "double_charge_on_retry"
    DOUBLE_CLICK_CHARGES = "double_click_charges"
    ACK_BEFORE_COMMIT = "ack_before_commit"
    ALL_PAYMENTS_DECLINED = "all_payments_declined"
    CONFIRMED_TWICE = "confirmed_twice"


#: What each does and where, as `python -m mock_store defects` prints it.
BITES = {
    Defect.OVERSELL_RACE: "flash_sale: reads the stock, dawdles 5-40 ms, writes back what it read minus "
    "the quantity.",
    Defect.DOUBLE_CHARGE_ON_RETRY: "charge: after a lost capture answer it authorizes and captures again "
    "under new keys; payments: a second capture of a paid order is not refunded.",
    Defect.DOUBLE_CLICK_CHARGES: "charge: a second request to pay under the key of one still under way "
    "authorizes and captures anew; payments: the surplus is not refunded.",
    Defect.ACK_BEFORE_COMMIT: 'early_ack: answers "paid" and acknowledges callbacks from memory; the '
    "database hears of both 2 s later.",
    Defect.ALL_PAYMENTS_DECLINED: "provider: answers every authorization with status 200 and a body that "
    "says it was declined; charge: hands that on as 200, so the shop lies by status code.",
    Defect.CONFIRMED_TWICE: "worker: sends first and crosses off half a second later; whoever takes over "
    "from a killed worker sends again.",
}
