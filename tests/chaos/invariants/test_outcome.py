"""How an invariant says what it found, and that a violation stands though its proof cannot be shown."""

from chaos.invariants.outcome import NAMED, Case
from chaos.invariants.proof import Proof, counted
from rehearsal.model.verdict import Status

CASE = Case("I99.none", "flash")


def test_held() -> None:
    """Without offenders nothing is searched for a proof."""

    def never() -> Proof:
        raise AssertionError

    finding = CASE.judged((), held="all is well", broken="", proof=never, evidence={"count": 1})

    assert (finding.status, finding.summary, finding.measured) == (Status.PASS, "All is well.", 0.0)
    assert (finding.check, finding.subject) == ("invariant.I99.none", "flash")
    assert finding.evidence == {"count": 1}


def test_broken() -> None:
    """All offenders are counted, the first are named, and the proof stands in the evidence."""
    names = [str(number) for number in range(NAMED + 5)]
    finding = CASE.judged(names, held="", broken="it is not", proof=lambda: counted("who", "what"))

    assert (Status.FAIL, float(NAMED + 5), tuple(names[:NAMED])) == (
        finding.status,
        finding.measured,
        finding.ids,
    )
    assert finding.evidence["proof"] == [{"at_s": None, "who": "who", "what": "what", "kind": "books"}]


def test_a_proof_that_cannot_be_drawn_up_excuses_nobody() -> None:
    """The violation stands, and the evidence says what the search died of."""

    def dies() -> Proof:
        raise KeyError("order_id")

    finding = CASE.judged(["o1"], held="", broken="it is not", proof=dies)

    assert Status.FAIL is finding.status
    assert "could not be drawn up (KeyError: 'order_id')" in finding.evidence["proof"][0]["what"]


def test_what_reading_would_settle_it() -> None:
    """An adapter's author learns what to add."""
    finding = CASE.unread(orders=None, coupons=None)
    words = "Reading the orders and the coupons after the run would settle this; the adapter does not."

    assert (finding.status, finding.summary) == (Status.INCONCLUSIVE, words)


def test_what_is_read_is_not_asked_for() -> None:
    """Of several readings only those are named that are not there, whatever is in the others."""
    finding = CASE.unread(orders=[], charges=None)

    assert finding.summary.startswith("Reading the provider's ledger after the run")
