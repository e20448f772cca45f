"""What a search for capacity found, as findings: every SLO set, what survives, and what can be believed."""

from collections.abc import Iterator

from msgspec.structs import replace

from capacity.margin import judge_margin
from rehearsal.model.capacity import CapacityRecord, Found, Survived
from rehearsal.model.plan import Forecast
from rehearsal.model.verdict import Finding, Status

UNIT = "visits/s"


def judge_search(record: CapacityRecord, forecast: Forecast | None) -> tuple[Finding, ...]:
    """Return capacity.search, capacity.found of each SLO set, and headroom.surviving of each scene.

    What was found is a number and no rule: PASS if there is a lower bound, INCONCLUSIVE if there is none,
    INVALID if the generator was the limit. What survives is held against what the plan requires of it.
    """
    return (
        _judge_course(record),
        *(_judge_found(found, record) for found in record.found),
        *(finding for row in record.surviving for finding in _judge_survived(row, forecast)),
    )


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


def _judge_survived(row: Survived, forecast: Forecast | None) -> Iterator[Finding]:
    """Yield the finding on what is left with something gone; without a forecast there is no rule."""
    if forecast is None:
        return
    unknown = Finding(
        check="headroom.surviving",
        subject=row.scene,
        status=Status.INCONCLUSIVE,
        summary=f"{row.scene}: {row.why or 'nothing was measured'}",
        limit=row.required,
        unit="times the forecast peak",
    )
    band = row.found.capacity if row.found else None
    if row.found is None or band is None or not row.proven:
        yield unknown
        return
    gate = judge_margin(band.low or 0.0, band.high, peak_per_s=forecast.peak_per_s, required=row.required)
    factor = None if band.low is None else band.low / forecast.peak_per_s
    yield replace(
        unknown,
        status=gate.status,
        measured=factor,
        summary=f"{row.scene}: {words_of(row.found)}; {gate.words}",
        evidence={"low_per_s": band.low, "high_per_s": band.high, "fault": row.fault},
    )
