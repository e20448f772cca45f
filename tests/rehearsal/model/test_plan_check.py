from collections.abc import Callable

import pytest

from rehearsal.model.errors import PlanError
from rehearsal.model.plan import Plan
from rehearsal.model.plan_check import check_plan, plan_schema, warnings_of

BREAKS = [
    ("not TOML at all", "seed = 7", "seed = = 7", "syntax: not TOML"),
    ("a key misspelt", "[forecast]\npeak_per_s", "[forecast]\npeek_per_s", "is not a key of a plan"),
    ("a key missing", "peak_per_s = 10.0", "", "forecast.peak_per_s: is missing"),
    ("a table missing", '[sale]\nopens_with = "burst"', "", "and the plan has no [sale] to buy in"),
    ("an unknown table", "[forecast]", "[wheather]\nx = 1\n[forecast]", "wheather: is not a key"),
    ("a text for a number", "multiplier = 5.0", 'multiplier = "5"', "multiplier: must be a number"),
    ("a number for a text", 'name = "small"', "name = 3", "name: must be a text in quotes"),
    ("a fraction for a count", "seed = 7", "seed = 7.5", "seed: must be a whole number"),
    ("a negative duration", "duration_s = 4.0", "duration_s = -4.0", "duration_s: must be greater than 0"),
    ("a rate of nothing", "normal_per_s = 2.0", "normal_per_s = 0.0", "normal_per_s: must be greater"),
    ("a share above one", "browse = 0.5", "browse = 1.5", "mix.browse: must be at most 1"),
    ("a negative seed", "seed = 7", "seed = -1", "seed: must be at least 0"),
    ("more units than there are", "[sale]", f"[sale]\nstock = {2**63}", "stock: must be at most"),
    ("a hold for ever", "hold_s = 4.0", "hold_s = 1e300", "hold_s: must be at most 1000000"),
    ("a rate of infinity", "normal_per_s = 2.0", "normal_per_s = 1e308", "normal_per_s: must be at most"),
    ("a rate without end", "normal_per_s = 2.0", "normal_per_s = inf", "must be a number, not inf"),
    (
        "no number where none need be",
        "[forecast]",
        "[stop]\np99_ms = nan\n[forecast]",
        "stop.p99_ms: must be a",
    ),
    (
        "minus infinity in a list",
        "[forecast]",
        "[forecast]\nmultipliers = [1, -inf]",
        "multipliers[1]: must be",
    ),
    ("more visits than fit", "normal_per_s = 2.0", "normal_per_s = 1e6", "one drill can hold 1,000,000"),
    ("a number of 5,000 digits", "seed = 7", f"seed = {'7' * 5000}", "syntax: not TOML"),
    ("lists within lists", "seed = 7", f"seed = {'[' * 9999}{']' * 9999}", "syntax: not TOML"),
    ("an unknown kind of phase", 'kind = "burst"', 'kind = "bust"', "must be one of"),
    ("an unknown kind of fault", "payment_unreachable", "payment_sluggish", "faults[0].kind: must be one of"),
    ("a name of odd letters", 'name = "small"', 'name = "<b>"', "name: must match"),
    (
        "a list for a table",
        "mix = { browse = 0.5, cart = 0.3, flash_sale = 0.2 }",
        "mix = [1]",
        "must be a table",
    ),
    ("no phases", "phases", "phasen", "phases: is missing"),
    ("shares that do not add up", "browse = 0.5", "browse = 0.4", "traffic.mix: adds up to 0.9, not 1"),
    (
        "a sale that opens nowhere",
        'opens_with = "burst"',
        'opens_with = "x"',
        "sale.opens_with: names no phase",
    ),
    ("two phases of one name", 'name = "back"', 'name = "down"', "phases[3].name: is used twice"),
    ("a fault in no phase", 'phase = "down"', 'phase = "up"', "faults[0].phase: names no phase"),
    ("a fault longer than its phase", "hold_s = 4.0", "hold_s = 40.0", "ends after its phase"),
    ("a rate and also ends", "start = 1.0", "rate = 2.0\nstart = 1.0", "has a rate and also start"),
    ("two ways at once", "end = 5.0", "end = 5.0\nsteps = 3\nspike_s = 1.0", "keep one"),
    ("a spike without a base", "end = 5.0", "end = 5.0\nspike_s = 8.0", "spike_s: fills its phase"),
    ("a single stair", "end = 5.0", "end = 5.0\nsteps = 1", "steps: must be at least 2"),
    ("a rate in stairs", "rate = 5.0", "rate = 5.0\nsteps = 3", "has a rate and also start"),
    ("one end only", "start = 1.0\n", "", "needs a rate, or both start and end"),
    ("a curve that is not there", "end = 5.0", 'end = 5.0\ncurve = "x.csv"', "is not in scenarios/curves"),
    ("a judged phase without SLO", "[slo.burst]", "[slo.proof]", "has no [slo.burst]"),
    ("a p99 below the p95", "p99_ms = 500.0", "p99_ms = 100.0", "slo.normal.p99_ms: is below p95_ms"),
    (
        "another shop without address",
        "[traffic]",
        '[target]\nshop = "url"\n[traffic]',
        "target.url: is missing",
    ),
    (
        "faults in another shop",
        "[traffic]",
        '[target]\nshop = "url"\nurl = "http://x"\n[traffic]',
        "faults[0]: of the kind payment_unreachable can be",
    ),
    ("the mock shop with an address", "[traffic]", '[target]\nurl = "http://x"\n[traffic]', "has no use"),
]


@pytest.mark.parametrize(("old", "new", "says"), [row[1:] for row in BREAKS], ids=[row[0] for row in BREAKS])
def test_every_kind_of_broken_plan_is_named(plan_text: str, old: str, new: str, says: str) -> None:
    """A broken plan is refused in words that name the place and the mistake."""
    assert old in plan_text

    with pytest.raises(PlanError) as caught:
        check_plan(plan_text.replace(old, new), source="p.toml", curves=("c.csv",))

    assert says in str(caught.value)


def test_all_mistakes_are_told_at_once_with_their_lines(plan_text: str) -> None:
    """Three mistakes in one file are three lines, in file order."""
    broken = plan_text.replace("seed = 7", "seed = -7").replace("rate = 5.0", "rate = 0.0")

    with pytest.raises(PlanError) as caught:
        check_plan(broken, source="p.toml", curves=())

    places = [(mistake.line, mistake.place) for mistake in caught.value.mistakes]
    assert places == [(3, "seed"), (33, "phases[2].rate"), (39, "phases[3].rate")]


def test_overlapping_faults_are_refused(plan_text: str) -> None:
    """Faults come one at a time: a second that begins before the first has ended is a mistake."""
    second = plan_text.split("[[faults]]")[1].split("[slo.normal]")[0]
    doubled = plan_text.replace("[slo.normal]", f"[[faults]]{second}[slo.normal]")

    with pytest.raises(PlanError, match="begins before payment_unreachable has ended"):
        check_plan(doubled, source="p.toml", curves=())


def test_phases_may_follow_a_curve_and_have_a_mix_of_their_own(plan_text: str) -> None:
    """A phase's own mix is checked like the plan's."""
    curved = plan_text.replace(
        "end = 5.0", 'end = 5.0\ncurve = "c.csv"\nmix = {browse=1,cart=0,flash_sale=0}'
    )

    assert check_plan(curved, source="p", curves=("c.csv",)).phases[1].curve == "c.csv"
    with pytest.raises(PlanError, match=r"phases\[1\]\.mix: adds up to 0\.5"):
        check_plan(curved.replace("browse=1,", "browse=0.5,"), source="p", curves=("c.csv",))


@pytest.mark.parametrize(("multiplier", "warned"), [(4.9, True), (5.0, False), (10.0, False), (12.0, True)])
def test_an_unusual_multiplier_is_warned_about(
    make_plan: Callable[..., Plan], plan_text: str, multiplier: float, warned: bool
) -> None:
    """5 to 10 times normal volume is usual; anything else is allowed and said."""
    plan = make_plan(plan_text.replace("multiplier = 5.0", f"multiplier = {multiplier}"))

    assert bool(warnings_of(plan)) is warned
    assert plan.peak_per_s == 2.0 * multiplier


def test_the_schema_names_every_table() -> None:
    """Editors learn the plan's tables from its JSON Schema."""
    schema = plan_schema()

    assert set(Plan.model_fields) == set(schema["properties"])
    assert schema["additionalProperties"] is False


def test_the_schema_asks_for_nothing_that_a_plan_may_leave_out() -> None:
    """A peak that past promotions tell, and the length of a search, are no mistakes in an editor."""
    tables = plan_schema()["$defs"]

    assert tables["Phase"]["required"] == ["name", "kind"]
    assert tables["Forecast"]["required"] == []
