"""What the runs of `run_factory` promise under each fault, and the proof of what they break."""

from rehearsal.model.faults import FaultKind

PROMISES = {
    FaultKind.PAYMENT_UNREACHABLE: (("browse", "works", "works"), ("payment", "degraded", "degraded")),
    FaultKind.ANSWER_LOST_AFTER_CAPTURE: (("payment", "degraded", "degraded"),),
    FaultKind.REGION_KILLED: (("browse", "works", "works"),),
}
PROOF = [
    {"at_s": None, "who": "the shop's books", "what": "153 units sold of a stock of 150", "kind": "books"},
    {"at_s": 31.2, "who": "shopper s618-151", "what": "was told that order o151 is paid", "kind": "ok"},
    {"at_s": 31.205, "who": "shopper s618-152", "what": "was told that order o152 is paid", "kind": "ok"},
    {"at_s": 47.9, "who": "shopper s618-152", "what": "asked for order o152: paid", "kind": "ok"},
    {"at_s": 31.1, "who": "the provider's ledger of captures", "what": "captured 199.00", "kind": "capture"},
]
