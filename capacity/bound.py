"""The decision on headroom: a proof at 1.3 times the forecast, and the bounds that a search found."""

from typing import Any

from capacity.found import proven
from capacity.margin import SAME, Margin
from capacity.proof import ProofOutcome
from rehearsal.model.capacity import Band, Found
from rehearsal.model.verdict import Finding, Status

UNIT = "times the forecast peak"


def judge_bound(
    found: Found | None, proof: ProofOutcome | None, forecast_per_s: float, required: float
) -> Finding:
    """Return headroom.capacity: whether the shop carries `required` times the forecast.

    PASS only if the proof held that rate itself: then it is a lower bound of the capacity, however loose the
    search's own. FAIL if the proof missed, or if even the upper bound is smaller. INVALID if the generator
    spoilt the proof. Else INCONCLUSIVE, saying what would decide. ValueError for a forecast of 0.
    """
    asked_per_s = required * forecast_per_s
    band = _band(found, proof)
    status, words = _decided(band, proof, asked_per_s * (1 - SAME))
    margin = Margin(band.low or 0.0, forecast_per_s)
    return Finding(
        check="headroom.capacity",
        status=status,
        summary=f"{asked_per_s:.4g}/s, {required:g} times the forecast peak of {forecast_per_s:.4g}: {words}."
        f" {_bound(margin)}",
        measured=margin.factor,
        limit=required,
        unit=UNIT,
        evidence={
            "forecast_per_s": forecast_per_s,
            "low_per_s": margin.capacity_per_s,
            "value_per_s": band.value,
            "high_per_s": band.high,
            **_figures(margin),
            **_proven(proof),
        },
    )


def _decided(band: Band, proof: ProofOutcome | None, asked_per_s: float) -> tuple[Status, str]:
    high = band.high
    too_little = high is not None and high < asked_per_s
    held = proof is not None and proof.status is Status.PASS
    if proof is not None and proof.status is Status.FAIL:
        return Status.FAIL, f"it was held, and the shop broke its promise: {proof.why}"
    if too_little and held:
        return Status.INCONCLUSIVE, (
            f"it was held, but the search says that the shop carries less than {high:.4g}/s: it has changed"
            " in between, so measure again"
        )
    if too_little:
        return Status.FAIL, f"that is more than the shop carries, less than {high:.4g}/s"
    if proof is None:
        return Status.INCONCLUSIVE, "it was not held itself, and only holding it would decide"
    if held and proof.rate_per_s >= asked_per_s:
        return Status.PASS, f"it was held, and every promise was kept: {proof.why}"
    return _open(proof)


def _bound(margin: Margin) -> str:
    return (
        f"The lower bound of the capacity is {margin.words()}" if margin.factor else "No capacity was shown"
    )


def _open(proof: ProofOutcome) -> tuple[Status, str]:
    """Return in words why a proof decided nothing, and what would."""
    if proof.status is Status.INVALID:
        return Status.INVALID, proof.why
    if proof.status is Status.PASS:
        return Status.INCONCLUSIVE, f"only {proof.rate_per_s:.4g}/s was held; hold what is asked"
    more = proof.more_requests
    decides = f"about {more:,} requests more would decide" if more else "hold it for longer"
    return (
        Status.INCONCLUSIVE,
        f"it was held, and neither kept nor broken for certain: {proof.why}; {decides}",
    )


def _band(found: Found | None, proof: ProofOutcome | None) -> Band:
    """Return the capacity given what came of the proof; of a record that was already given it, the same."""
    known = found or Found(slo_set="", capacity=Band())
    return known.capacity if proof is None else proven(known, proof.rate_per_s, proof.status).capacity


def _figures(margin: Margin) -> dict[str, Any]:
    """Return the three figures of the lower bound; without one there is only the factor, 0."""
    if not margin.factor:
        return {"factor": 0.0}
    return {"factor": margin.factor, "spare": margin.spare, "slack": margin.slack}


def _proven(proof: ProofOutcome | None) -> dict[str, Any]:
    if proof is None:
        return {}
    return {
        "proof": str(proof.status),
        "proof_per_s": proof.rate_per_s,
        "proof_requests": proof.requests,
        "more_requests": proof.more_requests,
        "trials": [trial.number for trial in proof.trials],
    }
