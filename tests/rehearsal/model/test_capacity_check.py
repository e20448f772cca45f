"""What a plan may say of its search for capacity; each refusal with its place."""

import pytest

from rehearsal.model.capacity_check import only_searches, searches
from rehearsal.model.errors import PlanError
from rehearsal.model.plan import Plan
from rehearsal.model.plan_check import check_plan
from tests.rehearsal.model.search_texts import SEARCH, SLO, THEIRS

PHASE = '[[phases]]\nname = "search"\nkind = "capacity"\n'
AGAIN = PHASE.replace('"search"', '"again"')
LATER = '[[phases]]\nname = "later"\nkind = "return"\nduration_s = 1.0\nrate = 1.0\n'
WARM_UP = SEARCH[SEARCH.index("[[phases]]") : SEARCH.index(PHASE)]
SETS = SEARCH[SEARCH.index("slo.strict") : SEARCH.index("[[capacity.surviving]]")]
ROOM = "[waiting_room]\nshoppers = 9\ngather_s = 1.0\nhold_s = 1.0\nrelease_s = {}\n"
FAULT = '[[faults]]\nkind = "region_killed"\nphase = "search"\nhold_s = 1.0\nrecover_within_s = 1.0\n'
CPU = '[[capacity.resources]]\nname = "cpu"\nseries = "cpu_busy"\nlimit = 1.0\n'


def checked(text: str) -> Plan:
    """Check a plan whose faults are all possible."""
    return check_plan(text, source="p.toml", curves=("c.csv",))


def refused(text: str) -> str:
    """Return what a plan is refused with."""
    with pytest.raises(PlanError) as caught:
        checked(text)
    return str(caught.value)


def metrics(url: str) -> tuple[str, str]:
    """Return what puts an address of metrics, and a resource, into the plan."""
    return "[[capacity.surviving]]", f'metrics = "{url}"\n{CPU}[[capacity.surviving]]'


REFUSED = [
    ("a trial by name", 'kind = "warmup"', 'kind = "trial"', "kind: is trial, which a search for capacity"),
    ("a rest by name", 'kind = "warmup"', 'kind = "rest"', "phases[0].kind: is rest, which a search"),
    (
        "promises of trials",
        "[capacity]",
        f"[slo]\ntrial = {SLO}\n[capacity]",
        "slo.trial: has no use: trials are judged by",
    ),
    (
        "promises of the phase",
        "[capacity]",
        f"[slo]\ncapacity = {SLO}\n[capacity]",
        "slo.capacity: has no use",
    ),
    (
        "a rate",
        PHASE,
        f"{PHASE}rate = 2.0\n",
        "phases[1].rate: has no use in a phase of kind capacity (rate)",
    ),
    ("a ramp", PHASE, f"{PHASE}start = 1.0\nend = 2.0\n", "phases[1].start: has no use in a phase of kind"),
    ("a curve", PHASE, f'{PHASE}curve = "c.csv"\n', "phases[1].curve: has no use"),
    ("stairs", PHASE, f"{PHASE}steps = 3\n", "phases[1].steps: has no use"),
    ("a spike", PHASE, f"{PHASE}spike_s = 3.0\n", "phases[1].spike_s: has no use"),
    ("rules", PHASE, f"{PHASE}rules = 3\n", "phases[1].rules: has no use"),
    ("a length", PHASE, f"{PHASE}duration_s = 3.0\n", "duration_s: has no use here: each search may take"),
    ("two searches", PHASE, PHASE + AGAIN, "phases[2].kind: is capacity once more"),
    ("a search before the end", PHASE, PHASE + LATER, "phases[1]: of kind capacity must be the last"),
    ("a search from cold", WARM_UP, "", "phases[0]: of kind capacity needs a phase before it"),
    (
        "a trial's name",
        'name = "warm-up"',
        'name = "trial 01"',
        "name: 'trial 01' is what a phase",
    ),
    (
        "a rest's name",
        'name = "warm-up"',
        'name = "rest 2"',
        "name: 'rest 2' is what a phase is",
    ),
    (
        "a day and more",
        "slo.strict",
        "most_s = 90000.0\nslo.strict",
        "capacity.most_s: must be at most 86400",
    ),
    (
        "dimensions of a proof",
        "[capacity]\n",
        '[capacity]\nsearch = false\ndimensions = [{ name = "flash_share", values = [0.1, 0.2] }]\n',
        "capacity.dimensions: are searches, and capacity.search is false",
    ),
    ("no promises", SETS, "", "capacity: has no promises to search by: give [capacity.slo.NAME], or"),
    ("a p99 below the p95", "p99_ms = 900.0", "p99_ms = 90.0", "capacity.slo.loose.p99_ms: is below p95_ms"),
    (
        "a sale that opens with it",
        'opens_with = "warm-up"',
        'opens_with = "search"',
        "sale.opens_with: names",
    ),
    (
        "a sale that ends with it",
        'opens_with = "warm-up"',
        'opens_with = "warm-up"\ncloses_with = "search"',
        "sale.closes_with: names the search for capacity",
    ),
    (
        "a fault in it",
        "[capacity]",
        f"{FAULT}[capacity]",
        "faults[0].phase: names the search for capacity; what is",
    ),
    ("a strange address", *metrics("ftp://127.0.0.1/x"), "capacity.metrics: is no http address"),
    ("no address at all", *metrics("http://[::1"), "capacity.metrics: is no http address"),
    ("another machine", *metrics("http://shop.test/m"), "capacity.metrics: leads to shop.test, which is not"),
    (
        "an address and nothing to read there",
        "slo.strict",
        'metrics = "http://127.0.0.1:1/metrics"\nslo.strict',
        "capacity.metrics: has no use without [[capacity.resources]]",
    ),
    (
        "two of one name",
        "[[capacity.surviving]]",
        f"{CPU}{CPU}[[capacity.surviving]]",
        "resources[1].name: is",
    ),
    (
        "more than one run can hold",
        "slo.strict",
        "most_requests = 5000000\nslo.strict",
        "capacity.most_requests: comes to 15,320,000 requests",
    ),
]


@pytest.mark.parametrize(
    ("old", "new", "says"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED]
)
def test_refusals(old: str, new: str, says: str) -> None:
    """In words that name the place and the mistake."""
    assert old in SEARCH

    assert says in refused(SEARCH.replace(old, new, 1))


def test_a_phase_needs_the_table() -> None:
    """An empty one stands for its defaults, with the promises of a proof."""
    head = SEARCH[: SEARCH.index("[capacity]")]
    proof = f"[slo]\nproof = {SLO}\n"

    assert "phases[1]: of kind capacity needs a table [capacity]" in refused(head + proof)
    assert checked(f"{head}{proof}[capacity]\n").capacity is not None


@pytest.mark.parametrize(
    ("release_s", "opens", "late"),
    [
        pytest.param(2.0, "warm-up", False, id="all let go before the search"),
        pytest.param(9.0, "warm-up", True, id="some let go in the search"),
    ],
)
def test_a_waiting_room_is_empty_before_the_search(release_s: float, opens: str, late: bool) -> None:
    """What the search appends knows no gathering."""
    sale = '[[phases]]\nname = "early"\nkind = "warmup"\nduration_s = 3.0\nrate = 1.0\n\n[[phases]]\n'
    text = SEARCH.replace("[[phases]]\n", sale, 1).replace(
        "[capacity]", f"{ROOM.format(release_s)}[capacity]"
    )
    assert f'opens_with = "{opens}"' in text

    if late:
        assert "waiting_room.release_s: reaches into the search for capacity" in refused(text)
    else:
        assert checked(text).waiting_room is not None


def test_a_waiting_room_of_a_sale_that_opens_nowhere() -> None:
    """The sale's mistake is told, and nothing is looked up for it."""
    text = SEARCH.replace('opens_with = "warm-up"', 'opens_with = "x"')

    assert "sale.opens_with: names no phase" in refused(
        text.replace("[capacity]", f"{ROOM.format(1.0)}[capacity]")
    )


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ('locustfile = "f.py"\nusers = 3', "capacity: has no use beside traffic.locustfile: a closed model"),
        ('log = "access.log"', "capacity: has no use beside traffic.log: a session of a log goes on"),
    ],
)
def test_loads_of_others(line: str, says: str) -> None:
    """Of neither can a rate be searched for."""
    assert says in refused(SEARCH.replace("multiplier", f"{line}\nmultiplier"))


@pytest.mark.parametrize(
    ("target", "given", "says"),
    [
        pytest.param("[traffic]", "", "", id="the mock shop tells its own"),
        pytest.param(THEIRS, "", "capacity.resources: need capacity.metrics", id="another shop, no address"),
        pytest.param(THEIRS, 'metrics = "http://localhost:9090/m"\n', "", id="another shop on this machine"),
        pytest.param(
            THEIRS.replace("shop =", 'allow = ["shop.test"]\nshop ='),
            'metrics = "https://shop.test/m"\n',
            "",
            id="another shop elsewhere, allowed",
        ),
    ],
)
def test_resources_need_an_address(target: str, given: str, says: str) -> None:
    """Unless the harness has started the shop."""
    text = SEARCH[: SEARCH.index("[[capacity.surviving]]")] + given + CPU
    text = text.replace("[traffic]", target)
    if says:
        assert says in refused(text)
    else:
        plan = checked(text)
        assert plan.capacity is not None
        assert [each.name for each in plan.capacity.resources] == ["cpu"]


@pytest.mark.parametrize(
    ("old", "new", "is_searched", "alone"),
    [
        pytest.param("", "", True, True, id="a warm-up and the search"),
        pytest.param(WARM_UP, WARM_UP + LATER, True, False, id="another phase before it"),
        pytest.param(
            "[capacity]", f"{FAULT.replace('search', 'warm-up')}[capacity]", True, True, id="a fault before"
        ),
        pytest.param(PHASE, "", False, False, id="no search"),
    ],
)
def test_which_plans_search(old: str, new: str, is_searched: bool, alone: bool) -> None:
    """And which do nothing else."""
    plan = checked(SEARCH.replace(old, new, 1))

    assert (searches(plan), only_searches(plan)) == (is_searched, alone)


def test_a_plan_that_only_searches_may_lack_a_forecast() -> None:
    """Capacity is found all the same; in a drill the rule of the house needs one."""
    text = SEARCH.replace("[forecast]\npeak_per_s = 60.0\n", "")

    assert checked(text).forecast is None
    assert "forecast: is missing; only a plan with" in refused(text.replace(WARM_UP, WARM_UP + LATER))


def test_a_proof_alone_needs_a_forecast() -> None:
    """Without one, nothing at all would be measured."""
    alone = SEARCH.replace("slo.strict", "search = false\nslo.strict")

    assert checked(alone).capacity is not None
    assert "capacity.search: is false, and without [forecast] there is nothing to prove" in refused(
        alone.replace("[forecast]\npeak_per_s = 60.0\n", "")
    )


def test_the_plan_of_a_run_holds_trials() -> None:
    """What a search has appended is read from plan.json, though no plan file may name it."""
    plan = checked(SEARCH)
    trial = plan.phases[0].model_copy(update={"name": "trial 01", "kind": "trial"})
    run = plan.model_copy(update={"phases": (plan.phases[0], trial)})

    assert Plan.model_validate_json(run.model_dump_json(warnings=False)).phases[1].kind == "trial"
