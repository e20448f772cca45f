"""What a search for capacity found, as findings: every SLO set, what survives, and what can be believed."""

from collections.abc import Iterator

from msgspec.structs import replace

from capacity.bound import judge_bound
from capacity.proof import ProofOutcome, goal_of, outcome_of
from rehearsal.model.capacity import CapacityRecord, Found, Survived
from rehearsal.model.plan import Forecast
from rehearsal.model.plan_capacity import Capacity
from rehearsal.model.verdict import Finding, Status

UNIT = "visits/s"
_WITHOUT_FORECAST = Finding(
    check="headroom.capacity",
    status=Status.INCONCLUSIVE,
    summary="the plan states no forecast, so nobody knows whether what was found is enough",
)


def judge_search(
    record: CapacityRecord, forecast: Forecast | None, capacity: Capacity
) -> tuple[Finding, ...]:
    """Return capacity.search, capacity.found of each SLO set, headroom.capacity, and what of it survives.

    What was found is a number and no rule: PASS if there is a lower bound, INCONCLUSIVE if there is none,
    INVALID if the generator was the limit. The rule is the headroom's: by the first SLO set, and with each
    thing gone (headroom.surviving). Without a forecast the headroom is unknown, whatever was found.
    """
    headroom: tuple[Finding, ...] = ()
    if record.found:
        headroom = tuple(_judge_headroom(record, forecast, capacity)) if forecast else (_WITHOUT_FORECAST,)
    return (_judge_course(record), *(_judge_found(found, record) for found in record.found), *headroom)


def _judge_headroom(record: CapacityRecord, forecast: Forecast, capacity: Capacity) -> Iterator[Finding]:
    first, peak_per_s = record.found[0], forecast.peak_per_s

    def proof(required: float, scene: str) -> ProofOutcome | None:
        goal = goal_of(
            first.slo_set, peak_per_s=peak_per_s, required=required, capacity=capacity, scene=scene
        )
        return outcome_of(goal, record.trials)

    yield judge_bound(first, proof(forecast.headroom, ""), peak_per_s, forecast.headroom)
    for row in record.surviving:
        held = judge_bound(row.found, proof(row.required, row.scene), peak_per_s, row.required)
        yield _survived(row, held)


def _survived(row: Survived, held: Finding) -> Finding:
    """Return the finding on what is left with something gone, given that on its headroom."""
    known = replace(held, check="headroom.surviving", subject=row.scene)
    if row.found is None or not row.proven:
        why = row.why or "nothing was measured"
        return replace(
            known, status=Status.INCONCLUSIVE, summary=f"{row.scene}: {why}", measured=None, evidence={}
        )
    return replace(known, summary=f"{row.scene}: {held.summary}")


def _judge_course(record: CapacityRecord) -> Finding:
    bad = [trial for trial in record.trials if trial.invalid]
    requests = sum(trial.requests for trial in record.trials)
    count = len(record.trials)
    words = f"{count} trial{'' if count == 1 else 's'}, {requests} requests after warm-up"
    if bad:
        words += f"; {len(bad)} say nothing of the shop, the last because {bad[-1].invalid}"
    known = Finding(
        check="capacity.search",
        status=Status.PASS,
        summary=words,
        measured=float(count),
        unit="trials",
    )
    if record.stopped:
        return replace(known, status=Status.INCONCLUSIVE, summary=f"{words}; stopped: {record.stopped}")
    if not record.trials:
        return replace(known, status=Status.INCONCLUSIVE, summary="no trial was made")
    return replace(known, status=Status.INVALID) if len(bad) == count else known


def _judge_found(found: Found, record: CapacityRecord) -> Finding:
    band, mine = found.capacity, [trial for trial in record.trials if trial.number in found.trials]
    known = Finding(
        check="capacity.found",
        subject=found.slo_set,
        status=Status.PASS,
        summary=f"{found.slo_set}: {words_of(found)}",
        measured=band.low,
        unit=UNIT,
        evidence={
            "low_per_s": band.low,
            "value_per_s": band.value,
            "high_per_s": band.high,
            "broke": found.broke,
            "shoppers": found.shoppers,
        },
    )
    if band.low is not None:
        return known
    limited = bool(mine) and bool(mine[-1].invalid)
    return replace(known, status=Status.INVALID if limited else Status.INCONCLUSIVE)


def words_of(found: Found) -> str:
    """Return what was found in a sentence's words, with what is missing of it."""
    band = found.capacity
    low = "no rate was carried beyond doubt" if band.low is None else f"at least {band.low:.1f} {UNIT} (95 %)"
    high = "" if band.high is None else f", less than {band.high:.1f}"
    broke = f"; the first to break: {found.broke}" if found.broke else ""
    shoppers = "" if found.shoppers is None else f"; {found.shoppers:.0f} shoppers at once"
    why = f"; {found.why}" if found.why else ""
    return f"{low}{high}{broke}{shoppers}{why}"
