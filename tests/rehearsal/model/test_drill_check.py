import pytest

from rehearsal.model.errors import PlanError
from rehearsal.model.plan import Fault, Plan
from rehearsal.model.plan_check import check_plan

OTHER = '[target]\nshop = "url"\nurl = "http://x"\n[traffic]'
PLAN_B = '[[contingencies]]\nname = "switch"\naction = "switch_region"\nphase = "down"\n'
COMMAND = """[[faults]]
kind = "command"
phase = "down"
hold_s = 1.0
recover_within_s = 1.0
command = { inject = "a", undo = "b", prove = "c", prove_healed = "d" }
"""
TOXIC = """[[faults]]
kind = "toxic"
phase = "down"
hold_s = 1.0
recover_within_s = 1.0
listener = "edge"
toxic = { type = "latency", attributes = { latency = 100, jitter = 0 } }
"""


def checked(text: str, mistake: str = "") -> Plan:
    """Check a plan in which each fault has the same mistake by itself."""

    def mistake_of(_: Fault, _ours: bool) -> str:
        return mistake

    return check_plan(text, source="p.toml", curves=("c.csv",), mistake_of=mistake_of)


@pytest.mark.parametrize(
    ("added", "says"),
    [
        pytest.param(PLAN_B * 2, "contingencies[1].name: is used twice", id="two of one name"),
        pytest.param(PLAN_B.replace("down", "up"), "contingencies[0].phase: names no phase", id="no phase"),
        pytest.param(PLAN_B + "after_s = 99.0\n", "after_s: is past the end", id="too late"),
        pytest.param(PLAN_B + 'run = "x"\n', "contingencies[0].run: has no use", id="a command for nothing"),
        pytest.param(PLAN_B + 'undo = "x"\n', "undo: has no use", id="an undoing for nothing"),
        pytest.param(PLAN_B.replace("switch_region", "command"), "run: is missing", id="no command"),
        pytest.param(
            PLAN_B.replace("switch_region", "command") + 'run = " "\n',
            "run: is missing",
            id="a blank command",
        ),
        *(
            pytest.param(
                f"{PLAN_B}after_s = {after_s}\n",
                "contingencies[0]: begins while no fault holds",
                id=f"no fault holds after {after_s} s",
            )
            for after_s in (0.9, 5.0)
        ),
        pytest.param(
            PLAN_B.replace("down", "back"), "contingencies[0]: begins while no", id="a phase without a fault"
        ),
        pytest.param("[stop]\nerror_share = 1.0\n", "must be less than 1.0", id="more than all requests"),
        pytest.param("[stop]\nwindow_s = 0.5\np99_ms = 9.0\n", "must be at least 1.0", id="too few to tell"),
        pytest.param(TOXIC.replace("100", "3000000000"), "must be at most", id="a delay of a lifetime"),
        pytest.param("[stop]\n", "stop: has no condition", id="a stop without a condition"),
        pytest.param("[stop]\nwindow_s = 3.0\n", "stop: has no condition", id="a window alone"),
    ],
)
def test_contradictions(plan_text: str, added: str, says: str) -> None:
    """Each is named with its place."""
    with pytest.raises(PlanError) as caught:
        checked(f"{plan_text}\n{added}")

    assert says in str(caught.value)


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ('opens_with = "burst"\ncloses_with = "x"', "sale.closes_with: names no phase"),
        ('opens_with = "burst"\ncloses_with = "burst"', "sale.closes_with: comes before the sale opens"),
    ],
)
def test_a_sale_that_ends_nowhere(plan_text: str, line: str, says: str) -> None:
    """It ends with a later phase."""
    with pytest.raises(PlanError) as caught:
        checked(plan_text.replace('opens_with = "burst"', line))

    assert says in str(caught.value)


def test_good_plans(plan_text: str) -> None:
    """A contingency plan, stop conditions and an end of the sale, as they are meant."""
    text = plan_text.replace('opens_with = "burst"', 'opens_with = "burst"\ncloses_with = "back"')
    plan = checked(f"{text}\n{PLAN_B}\n[stop]\nerror_share = 0.2\np99_ms = 900.0\norders_lost = 1\n")

    assert (len(plan.contingencies), plan.stop.orders_lost, plan.sale.closes_with) == (1, 1, "back")


def test_a_fault_that_is_wrong_by_itself(plan_text: str) -> None:
    """What the catalogue says of it comes with the fault's line, beside all other mistakes."""
    with pytest.raises(PlanError) as caught:
        checked(plan_text.replace('phase = "down"', 'phase = "up"'), "has a misspelt toxic")

    assert "faults[0]: has a misspelt toxic" in str(caught.value)
    assert "faults[0].phase: names no phase" in str(caught.value)


def test_somebody_s_own_shop(plan_text: str) -> None:
    """Only the team's own commands can break it, and only they can be its contingency plans."""
    head, _, rest = plan_text.partition("[[faults]]")
    tail = rest[rest.index("[slo") :]
    text = head.replace("[traffic]", OTHER) + COMMAND + tail
    with pytest.raises(PlanError) as caught:
        checked(text + PLAN_B)

    assert checked(text).faults[0].command is not None
    assert "contingencies[0].action: can be done only in a shop" in str(caught.value)


def test_somebody_s_own_toxiproxy(plan_text: str) -> None:
    """With its address in the plan, faults of the kind toxic may break its listeners."""
    head, _, rest = plan_text.partition("[[faults]]")
    text = head.replace("[traffic]", OTHER) + TOXIC + rest[rest.index("[slo") :]
    theirs = text.replace('url = "http://x"', 'url = "http://x"\ntoxiproxy = "http://x:8474"')
    ours = plan_text.replace("[traffic]", '[target]\ntoxiproxy = "http://x"\n[traffic]')

    assert checked(theirs).faults[0].listener == "edge"
    for wrong, says in (
        (text, "use the kind command, or toxic with target.toxiproxy"),
        (theirs.replace('listener = "edge"\n', ""), "needs a listener of target.toxiproxy"),
        (ours, "target.toxiproxy: has no use"),
    ):
        with pytest.raises(PlanError) as caught:
            checked(wrong)
        assert says in str(caught.value)


def test_lost_orders_of_a_stranger_s_file() -> None:
    """Nobody says which of its requests pays."""
    text = """
name = "s"
[traffic]
locustfile = "f.py"
users = 5
multiplier = 2.0
[stop]
orders_lost = 1
[[phases]]
name = "p"
kind = "warmup"
duration_s = 1.0
rate = 1.0
[slo.normal]
p95_ms = 1.0
p99_ms = 2.0
goodput = 0.9
"""
    with pytest.raises(PlanError, match=r"stop\.orders_lost: has no use beside traffic\.locustfile"):
        checked(text)
