"""From a plan's TOML text to a Plan, or to all of its mistakes at once, each with its place. Pure."""

import tomllib
from collections.abc import Collection, Iterator
from math import isfinite
from typing import Any

import msgspec
from pydantic import ValidationError

from rehearsal.model.capacity_check import capacities
from rehearsal.model.capacity_warnings import search_warnings
from rehearsal.model.crowd_check import crowd
from rehearsal.model.data_check import data
from rehearsal.model.drill_check import FaultMistake, drills
from rehearsal.model.errors import Mistake, PlanError
from rehearsal.model.forecast_check import forecasts, peak_differs
from rehearsal.model.link_check import edge_missed, links
from rehearsal.model.mark_check import marks_and_hooks
from rehearsal.model.past_peaks import FEWEST, with_peak
from rehearsal.model.plan import QUIET, Mix, Phase, PhaseKind, Plan
from rehearsal.model.sale_check import sale
from rehearsal.model.search_length import with_search
from rehearsal.model.stranger_check import stranger
from rehearsal.model.toml_places import Path, Places, dotted

#: Multipliers outside this range are allowed and warned about: a promotion's peak is 5 to 10 times normal.
USUAL_MULTIPLIERS = (5.0, 10.0)

#: A drill of more visits would not fit into memory: each is a due time, a row or more, and a line of JSON.
MOST_VISITS = 1_000_000

_UNJUDGED = {PhaseKind.WARMUP, PhaseKind.RECOVERY, PhaseKind.RETURN, *QUIET, PhaseKind.TRIAL}
#: What a plan need not say where it can be told: `past_peaks`, `search_length`.
_TOLD = (("Forecast", "peak_per_s"), ("Phase", "duration_s"))
_SHARES_ADD_UP = 1e-6
_PEAK: Path = ("forecast", "peak_per_s")
_PEAK_MISSING = f"is missing; it is told by {FEWEST} multipliers or more of past promotions"
_WORDS = {
    "missing": "is missing",
    "extra_forbidden": "is not a key of a plan",
    "greater_than": "must be greater than {gt}",
    "greater_than_equal": "must be at least {ge}",
    "less_than": "must be less than {lt}",
    "less_than_equal": "must be at most {le}",
    "too_short": "needs at least {min_length} entry",
    "string_pattern_mismatch": "must match {pattern}",
    "float_type": "must be a number",
    "int_type": "must be a whole number",
    "int_from_float": "must be a whole number",
    "string_type": "must be a text in quotes",
    "tuple_type": "must be a list",
    "model_type": "must be a table",
    "model_attributes_type": "must be a table",
    "dict_type": "must be a table",
    "literal_error": "must be one of {expected}",
    "enum": "must be one of {expected}",
}


def check_plan(
    text: str,
    *,
    source: str,
    curves: Collection[str],
    mistake_of: FaultMistake = lambda _fault, _ours: "",
) -> Plan:
    """Return the plan a TOML text describes.

    `curves` are the names a phase may use; `mistake_of` looks at each fault by itself. PlanError carries
    every mistake of the stage that failed: syntax, then keys and types, then what the tables say about each
    other.
    """
    places = Places(text)
    try:
        raw = tomllib.loads(text)
        strange = tuple(_not_finite(raw))
        encoded = msgspec.json.encode(with_search(with_peak(raw)))
    except (ValueError, RecursionError) as error:  # ValueError: also a number of 5,000 digits
        raise PlanError(source, (Mistake(0, "syntax", f"not TOML: {error}"),)) from None
    if strange:
        raise PlanError(
            source, tuple(Mistake(places.line_of(path), dotted(path), words) for path, words in strange)
        )
    try:
        plan = Plan.model_validate_json(encoded)
    except ValidationError as error:
        raise PlanError(source, tuple(_mistake(places, item) for item in error.errors())) from None
    mistakes = tuple(
        Mistake(places.line_of(path), dotted(path), message)
        for path, message in _contradictions(plan, curves, mistake_of)
    )
    if mistakes:
        raise PlanError(source, mistakes)
    return plan


def warnings_of(plan: Plan) -> tuple[str, ...]:
    """Return what is allowed but unusual, a sentence each."""
    said = (_unusual_multiplier(plan), edge_missed(plan), peak_differs(plan), *search_warnings(plan))
    return tuple(filter(None, said))


def plan_schema() -> dict[str, Any]:
    """Return the JSON Schema of a plan, for editors."""
    schema = Plan.model_json_schema()
    for table, key in _TOLD:
        schema["$defs"][table]["required"].remove(key)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}


def _unusual_multiplier(plan: Plan) -> str:
    low, high = USUAL_MULTIPLIERS
    multiplier = plan.traffic.multiplier
    if low <= multiplier <= high:
        return ""
    return (
        f"traffic.multiplier is {multiplier:g}; promotions peak at {low:g} to {high:g} times normal volume."
    )


def _not_finite(raw: Any, path: Path = ()) -> Iterator[tuple[Path, str]]:
    """Yield TOML's inf and nan: JSON has neither, and what may be left out would seem not to be given."""
    if isinstance(raw, float) and not isfinite(raw):
        yield path, f"must be a number, not {raw}"
    elif isinstance(raw, dict | list):
        for key, value in raw.items() if isinstance(raw, dict) else enumerate(raw):
            yield from _not_finite(value, (*path, key))


def _mistake(places: Places, item: Any) -> Mistake:
    path: Path = tuple(part for part in item["loc"] if part != "[key]")
    words = _WORDS.get(item["type"], item["msg"])
    if path == _PEAK and item["type"] == "missing":
        words = _PEAK_MISSING
    return Mistake(places.line_of(path), dotted(path), words.format(**item.get("ctx", {})))


def _contradictions(
    plan: Plan, curves: Collection[str], mistake_of: FaultMistake
) -> Iterator[tuple[Path, str]]:
    yield from stranger(plan)
    yield from sale(plan)
    if plan.traffic.mix:
        yield from _mix(("traffic", "mix"), plan.traffic.mix)
    yield from _volume(plan)
    yield from _phases(plan, curves)
    yield from drills(plan, mistake_of)
    yield from forecasts(plan)
    yield from capacities(plan, mistake_of)
    yield from _target(plan)
    yield from data(plan)
    yield from links(plan)
    yield from marks_and_hooks(plan)
    names = [phase.name for phase in plan.phases]
    if not plan.has_sale:
        pass  # what it lacks, or that there need be none, `sale` has said
    elif plan.sale.opens_with not in names:
        yield ("sale", "opens_with"), f"names no phase; the phases are {', '.join(names)}"
    else:
        yield from crowd(plan)
    for kind in sorted({phase.kind for phase in plan.phases} - _UNJUDGED - set(plan.slo)):
        yield ("slo",), f"has no [slo.{kind}], and the plan has a phase of that kind"
    for kind, slo in plan.slo.items():
        if slo.p99_ms < slo.p95_ms:
            yield ("slo", kind.value, "p99_ms"), "is below p95_ms; the 99th percentile cannot be smaller"


def _volume(plan: Plan) -> Iterator[tuple[Path, str]]:
    highest = (
        phase.duration_s * max(rate or 0.0 for rate in (phase.rate, phase.start, phase.end))
        for phase in plan.phases
    )
    visits = (plan.traffic.normal_per_s or 0.0) * sum(highest)
    if visits > MOST_VISITS:
        yield ("traffic",), f"comes to {visits:.3g} visits; one drill can hold {MOST_VISITS:,}"


def _phases(plan: Plan, curves: Collection[str]) -> Iterator[tuple[Path, str]]:
    seen: set[str] = set()
    for number, phase in enumerate(plan.phases):
        path: Path = ("phases", number)
        if phase.name in seen:
            yield (*path, "name"), f"is used twice: {phase.name!r}"
        seen.add(phase.name)
        if phase.kind not in QUIET:
            yield from _shape(path, phase, curves)
        if phase.mix:
            yield from _mix((*path, "mix"), phase.mix)


def _shape(path: Path, phase: Phase, curves: Collection[str]) -> Iterator[tuple[Path, str]]:
    ends = (phase.start is not None) + (phase.end is not None)
    ways = bool(phase.curve) + (phase.steps is not None) + (phase.spike_s is not None)
    if phase.rate is not None and (ends or ways):
        yield path, "has a rate and also start, end, curve, steps or spike_s; keep the rate or the others"
    elif phase.rate is None and ends != 2:  # noqa: PLR2004 - both ends
        yield path, "needs a rate, or both start and end"
    if ways > 1:
        yield path, "goes from start to end by one of curve, steps and spike_s; keep one"
    if phase.spike_s is not None and phase.spike_s >= phase.duration_s:
        yield (*path, "spike_s"), f"fills its phase: it must be below {phase.duration_s:g}"
    if phase.curve and phase.curve not in curves:
        yield (*path, "curve"), f"is not in scenarios/curves; there are {', '.join(sorted(curves))}"


def _target(plan: Plan) -> Iterator[tuple[Path, str]]:
    if plan.target.shop == "url" and not plan.target.url:
        yield ("target", "url"), "is missing: target.shop is url"
    if plan.target.shop == "mock" and plan.target.toxiproxy:
        yield ("target", "toxiproxy"), "has no use: the harness starts one for the mock shop"
    if plan.target.shop == "mock" and plan.target.url:
        yield ("target", "url"), "has no use: the mock shop is started by the harness"


def _mix(path: Path, mix: Mix) -> Iterator[tuple[Path, str]]:
    total = mix.browse + mix.cart + mix.flash_sale
    if abs(total - 1) > _SHARES_ADD_UP:
        yield path, f"adds up to {total:g}, not 1"
