from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rehearsal.model.errors import RehearsalError
from rehearsal.model.plan import VisitKind
from rehearsal.model.secrets import Secrets
from scenarios import data_file
from scenarios.means import Means, Row
from scenarios.schedule import KINDS, Schedule, stripe
from scenarios.test_data import Handout, Table

GENERATED = Table(name="users", generate={"email": "u{n}@{mail_domain}", "run": "{run}"})


def scheduled(kinds: list[int]) -> Schedule:
    """Return a schedule of visits of these kinds."""
    due_ns = tuple(range(len(kinds)))
    return Schedule(schema=1, seed=1, sha256="", planned={}, due_ns=due_ns, kind=tuple(kinds))


def given_to(table: Table, schedule: Schedule, workers: int) -> dict[int, Row]:
    """Return the row of each visit that takes one, whichever of the workers makes it."""
    rows: dict[int, Row] = {}
    for worker in range(workers):
        handout = Handout([table], schedule, worker=worker, workers=workers)
        for arrival in stripe(schedule, worker, workers):
            data: Mapping[str, Row] = handout.means_of(arrival).data
            rows |= {arrival.index: data[table.name]} if data else {}
    return rows


@pytest.fixture
def users(tmp_path: Path) -> Table:
    """Return a table of twelve users for carts and the sale, whose passwords are secret."""
    path = tmp_path / "users.csv"
    path.write_text("email,password\n" + "".join(f"u{n},geheim-{n:02}\n" for n in range(12)))
    _, sha256 = data_file.load(path)
    kinds = (VisitKind.CART, VisitKind.FLASH_SALE)
    return Table(name="users", file=str(path), sha256=sha256, rows=12, kinds=kinds, secret=("password",))


@given(
    kinds=st.lists(st.integers(0, len(KINDS) - 1), max_size=60),
    workers=st.integers(1, 5),
    takers=st.sets(st.sampled_from(KINDS)),
)
def test_each_taker_has_a_row_of_its_own(kinds: list[int], workers: int, takers: set[VisitKind]) -> None:
    """Row i goes to the i-th visit that takes one, on any number of workers; none is left out or repeated."""
    table = Table(name="users", generate={"number": "{n}"}, kinds=tuple(takers))
    wanted = [index for index, kind in enumerate(kinds) if not takers or KINDS[kind] in takers]
    rows = given_to(table, scheduled(kinds), workers)

    assert {index: row["number"] for index, row in rows.items()} == {
        index: str(number) for number, index in enumerate(wanted, start=1)
    }


@pytest.mark.parametrize("workers", [1, 2, 3])
def test_rows_of_a_file_come_in_its_order(users: Table, workers: int) -> None:
    """As made ones do; who only looks gets none."""
    rows = given_to(users, scheduled([1, 0, 2, 2, 0, 1, 1]), workers)

    assert {index: row["email"] for index, row in sorted(rows.items())} == {
        0: "u0",
        2: "u1",
        3: "u2",
        5: "u3",
        6: "u4",
    }


def test_templates_are_filled_in() -> None:
    """With the row's number, the run's name and the mail domain of the marks."""
    schedule = scheduled([0])
    basis = Means(secrets=Secrets({"key": "geheim"}), mail_domain="shop.invalid", run="r1")
    means = Handout([GENERATED], schedule, basis=basis).means_of(stripe(schedule, 0, 1)[0])

    assert means.data == {"users": {"email": "u1@shop.invalid", "run": "r1"}}
    assert (means.secrets["key"], means.mail_domain, means.run) == ("geheim", "shop.invalid", "r1")


def test_a_column_that_is_not_there_is_a_sentence(users: Table) -> None:
    """Which names those that are."""
    schedule = scheduled([1])
    row = Handout([users], schedule).means_of(stripe(schedule, 0, 1)[0]).data["users"]
    with pytest.raises(RehearsalError, match=r"data\.users has no column 'mail'; it has email, password"):
        row["mail"]


def test_a_visit_s_own_secrets_are_masked(users: Table) -> None:
    """With the plan's; those of other visits are not known to it."""
    schedule = scheduled([1, 0, 1])
    handout = Handout([users], schedule, basis=Means(secrets=Secrets({"key": "schlüssel"})))
    said = "geheim-00 geheim-01 schlüssel"

    assert [handout.masker_of(arrival)(said) for arrival in stripe(schedule, 0, 1)] == [
        "*** geheim-01 ***",
        "geheim-00 geheim-01 ***",
        "geheim-00 *** ***",
    ]


def test_without_secrets_there_is_nothing_to_mask(users: Table) -> None:
    """So it costs nothing."""
    schedule = scheduled([0])

    nothing = Handout([], schedule)

    assert (nothing.is_secret, nothing.means_of(stripe(schedule, 0, 1)[0])) == (False, Means())
    assert Handout([GENERATED], schedule).is_secret is False
    assert Handout([users], schedule).is_secret is True


def test_another_file_than_the_drill_s_is_refused(users: Table) -> None:
    """On a machine elsewhere, say: rows would go to other visits than where the drill was started."""
    Path(users.file).write_text("email,password\nu9,geheim-99\n")
    with pytest.raises(RehearsalError, match="is not here what it is where the drill was started; copy it"):
        Handout([users], scheduled([1]))


def test_a_file_with_too_few_rows_ends_the_process_at_once(users: Table) -> None:
    """Rather than a visit in the midst of the run."""
    with pytest.raises(RehearsalError, match="has no row for each visit that takes one"):
        Handout([users], scheduled([1] * 13))
