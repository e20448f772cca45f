"""What may be gone, or different, while capacity is searched for again."""

import pytest

from capacity.proof import LONGEST
from chaos.catalogue import DEFINITIONS, check_fault
from chaos.faults.links import Flap
from chaos.faults.mechanism import Later
from rehearsal.model.errors import PlanError
from rehearsal.model.fault_facts import PAIRS, UNSTEADY
from rehearsal.model.faults import FaultKind
from rehearsal.model.plan import Fault, Plan
from rehearsal.model.plan_check import check_plan
from rehearsal.model.scene_check import LONGEST_PROOF, requests_of
from tests.rehearsal.model.search_texts import SEARCH, THEIRS

GONE = '[[capacity.surviving]]\nname = "{}"\nkind = "{}"\n'
LINK = '[[links]]\nname = "pay"\nrole = "payment"\nupstream = "127.0.0.1:1"\nlisten = "127.0.0.1:2"\n'
DIMENSION = '[[capacity.dimensions]]\nname = "{}"\nvalues = [{}]\n'
HEAD = SEARCH[: SEARCH.index("[[capacity.surviving]]")]


def checked(text: str) -> Plan:
    """Check a plan with the catalogue's word on each fault."""

    def mistake_of(fault: Fault, ours: bool) -> str:
        return check_fault(fault, mock=ours)

    return check_plan(text, source="p.toml", curves=(), mistake_of=mistake_of)


def refused(text: str) -> str:
    """Return what a plan is refused with."""
    with pytest.raises(PlanError) as caught:
        checked(text)
    return str(caught.value)


@pytest.mark.parametrize("kind", sorted(set(FaultKind) - UNSTEADY - {FaultKind.TOXIC, FaultKind.COMMAND}))
def test_each_steady_fault_of_the_catalogue_can_be_gone_in_the_mock_shop(kind: FaultKind) -> None:
    """All that the harness brings about by itself and that stays as it is."""
    plan = checked(HEAD + GONE.format("it", kind))

    assert plan.capacity is not None
    assert plan.capacity.surviving[0].kind is kind


def test_the_unsteady_ones_are_those_that_move() -> None:
    """The table here says of each fault what its definition in `chaos` does while it holds."""
    moves = {
        kind for kind, row in DEFINITIONS.items() if any(isinstance(b, Flap | Later) for b in row.breaks)
    }
    pairs = {kind for kind, parts in PAIRS.items() if moves & set(parts)}

    assert moves | pairs == UNSTEADY


@pytest.mark.parametrize(
    ("target", "gone", "says"),
    [
        pytest.param(
            "[traffic]", GONE.format("x", "toxic"), "is toxic, which needs keys of its own", id="toxic"
        ),
        pytest.param(
            "[traffic]", GONE.format("x", "command"), "is command, which needs keys", id="a command"
        ),
        pytest.param(
            "[traffic]",
            GONE.format("x", "payment_flapping"),
            "surviving[0].kind: is payment_flapping, which comes and goes while it holds",
            id="flapping",
        ),
        pytest.param(
            "[traffic]",
            GONE.format("x", "bots") + GONE.format("x", "disk_full"),
            "capacity.surviving[1].name: is used twice: 'x'",
            id="two of one name",
        ),
        pytest.param(
            THEIRS,
            GONE.format("x", "region_killed"),
            "is region_killed, which needs a shop that the harness started, or [[links]]",
            id="another shop without links",
        ),
        pytest.param(
            f"{LINK}{THEIRS}",
            GONE.format("x", "region_killed"),
            "is region_killed, which needs more than a broken link; on links there are payment_unreachable",
            id="more than a link",
        ),
        pytest.param(
            f"{LINK}{THEIRS}",
            GONE.format("x", "database_down"),
            "surviving[0].kind: strikes links of the role database",
            id="no link of its role",
        ),
        pytest.param(
            f"{LINK}{THEIRS}",
            f'{GONE.format("x", "payment_unreachable")}region = "b"\n',
            "surviving[0].kind: has a region, and links know of none",
            id="a region of a link",
        ),
    ],
)
def test_what_cannot_be_gone(target: str, gone: str, says: str) -> None:
    """It is refused with the reason, before anything starts."""
    assert says in refused((HEAD + gone).replace("[traffic]", target))


def test_a_link_can_be_gone() -> None:
    """Of somebody's own shop what a broken link is enough for."""
    plan = checked((HEAD + GONE.format("x", "payment_unreachable")).replace("[traffic]", f"{LINK}{THEIRS}"))

    assert plan.capacity is not None
    assert plan.capacity.surviving[0].name == "x"


@pytest.mark.parametrize(
    ("name", "values", "says"),
    [
        pytest.param("rules", "0, 1.5", "must be whole numbers from 0 to 100, not 1.5", id="half a rule"),
        pytest.param("rules", "0, 101", "must be whole numbers from 0 to 100, not 101", id="too many rules"),
        pytest.param("cart_lines", "0, 1", "must be whole numbers from 1 to 100, not 0", id="an empty cart"),
        pytest.param("flash_share", "0.5, 1.5", "must be shares from 0 to 1, not 1.5", id="no share"),
        pytest.param("rules", "1, 1", "dimensions[0].values: has 1 twice", id="a value twice"),
        pytest.param("rules", "1", "dimensions[0].values: needs at least 2 entry", id="one value"),
    ],
)
def test_values_of_a_dimension(name: str, values: str, says: str) -> None:
    """What a cart or a mix cannot have is refused."""
    assert says in refused(SEARCH + DIMENSION.format(name, values))


def test_each_dimension_once() -> None:
    """Two tables of one name would be one table."""
    twice = DIMENSION.format("rules", "0, 5") * 2

    assert "capacity.dimensions[1].name: is used twice: 'rules'" in refused(SEARCH + twice)


MIX = "browse = 0.5, cart = 0.3, flash_sale = 0.2"
SALE = '[sale]\nstock = 100000\nopens_with = "warm-up"\n'


@pytest.mark.parametrize(
    ("name", "mix", "sale", "says"),
    [
        pytest.param(
            "rules",
            "browse = 0.8, cart = 0.0, flash_sale = 0.2",
            SALE,
            "is rules, and no visit",
            id="no order",
        ),
        pytest.param(
            "cart_lines",
            "browse = 1.0, cart = 0.0, flash_sale = 0.0",
            "",
            "is cart_lines, and no",
            id="no cart",
        ),
        pytest.param(
            "flash_share",
            "browse = 0.7, cart = 0.3, flash_sale = 0.0",
            "",
            "the plan has no [sale]",
            id="no sale",
        ),
        pytest.param(
            "flash_share",
            "browse = 0.0, cart = 0.0, flash_sale = 1.0",
            SALE,
            "no other visits",
            id="nobody else",
        ),
        pytest.param("flash_share", MIX, SALE, "", id="as it should be"),
    ],
)
def test_what_visits_do_not_depend_on(name: str, mix: str, sale: str, says: str) -> None:
    """A dimension that nobody meets would fill a table with one number."""
    values = "1, 2" if name != "flash_share" else "0.1, 0.5"
    text = SEARCH.replace(MIX, mix).replace(SALE, sale) + DIMENSION.format(name, values)
    if says:
        assert says in refused(text)
    else:
        assert checked(text).has_sale


def test_a_load_without_a_mix() -> None:
    """What a locustfile lacks is told once, and not for each dimension."""
    load = 'locustfile = "f.py"\nusers = 3\nmultiplier'
    text = SEARCH.replace(f"mix = {{ {MIX} }}\n", "").replace("multiplier", load)

    assert "capacity.dimensions" not in refused(text + DIMENSION.format("rules", "1, 2"))


def test_all_that_a_run_may_ask_for() -> None:
    """Searches by each SLO set, with what is gone, at each value; and proofs as long as they may take."""
    plan = checked(SEARCH + DIMENSION.format("rules", "0, 5, 10"))

    assert plan.capacity is not None
    assert LONGEST_PROOF == LONGEST
    assert requests_of(plan.capacity) == 45_000 * (2 + 1 + 3) + 16 * 10_000 * (1 + 1)
