"""Which drill exposes which planted bug of the mock shop, and which check has to say so."""

from typing import NamedTuple

from rehearsal.model.faults import FaultKind
from rehearsal.pipeline.selftest.drills import CALM


class Trap(NamedTuple):
    """A drill by its name, and the checks of which one must fail."""

    drill: str
    expected: tuple[str, ...]


#: The trap for each bug. A bug without one makes the selftest fail.
TRAPS: dict[str, Trap] = {
    "oversell_race": Trap(CALM, ("invariant.I1",)),
    "double_charge_on_retry": Trap(FaultKind.ANSWER_LOST_AFTER_CAPTURE, ("invariant.I4",)),
    "double_click_charges": Trap(CALM, ("invariant.I4",)),
    "ack_before_commit": Trap(FaultKind.REGION_KILLED, ("invariant.I5",)),
    "all_payments_declined": Trap(CALM, ("slo.payment_success",)),
}
