import re
from collections.abc import Callable
from pathlib import Path

import pytest

from rehearsal.model.errors import RehearsalError
from rehearsal.model.plan import Plan, VisitKind
from rehearsal.model.plan_shop import TestData
from scenarios.data_tables import require_rows, secret_values, tables_of
from scenarios.schedule import build
from scenarios.test_data import Table

USERS = "email,pin,land\na,geheim1,DE\nb,geheim2,DE\nc,geheim1,FR\n"
WRONG = [
    ("a value twice", USERS + "b,geheim9,DE\n", {}, "line 5: email has the value of line 3"),
    ("a value twice, elsewhere", USERS, {"unique": ("email", "pin")}, "line 4: pin has the value of line 2"),
    ("an unknown unique column", USERS, {"unique": ("mail",)}, "data.users.unique: "),
    ("an unknown secret column", USERS, {"secret": ("mail",)}, "has no column mail; it has email, pin, land"),
    ("a secret too short", USERS + "d,12345,DE\n", {"secret": ("pin",)}, "line 5: pin is secret, and this"),
    ("a secret number", USERS + "d,12345678901,DE\n", {"secret": ("pin",)}, "12 if all are digits"),
]


@pytest.fixture
def with_users(make_plan: Callable[..., Plan], tmp_path: Path) -> Callable[..., Plan]:
    """Return a function that gives the small plan a table of users with this content."""
    plan = make_plan()

    def make(content: str = USERS, **said: object) -> Plan:
        (tmp_path / "users.csv").write_text(content)
        table = TestData(file=str(tmp_path / "users.csv"), **said)  # type: ignore[arg-type]
        return plan.model_copy(update={"data": {"users": table}})

    return make


@pytest.mark.parametrize(
    ("content", "said", "words"), [row[1:] for row in WRONG], ids=[row[0] for row in WRONG]
)
def test_a_wrong_table_is_a_sentence(
    with_users: Callable[..., Plan], content: str, said: dict[str, object], words: str
) -> None:
    """Which names the lines or the columns."""
    with pytest.raises(RehearsalError, match=re.escape(words)):
        tables_of(with_users(content, **said))


def test_a_right_table_is_what_load_processes_are_told(
    with_users: Callable[..., Plan], tmp_path: Path
) -> None:
    """Where its file is, what is in it, and whose it is; no value of it."""
    (table,) = tables_of(with_users(secret=("pin",), kinds=("cart",)))

    assert (table.file, table.rows, table.kinds) == (str(tmp_path / "users.csv"), 3, (VisitKind.CART,))
    assert "geheim" not in repr(table)


def test_columns_that_may_repeat_do(with_users: Callable[..., Plan]) -> None:
    """Unless the plan says otherwise, only the first may not; `unique = []` lets all."""
    assert tables_of(with_users())[0].rows == 3
    assert tables_of(with_users(USERS + "a,geheim3,DE\n", unique=()))[0].rows == 4


def test_templates_need_no_file(make_plan: Callable[..., Plan]) -> None:
    """They have as many rows as there are visits."""
    made = TestData(generate={"email": "u{n}"})
    plan = make_plan().model_copy(update={"data": {"users": made}})
    tables = tables_of(plan)
    require_rows(tables, build(plan))

    assert tables == (Table(name="users", generate={"email": "u{n}"}),)


def test_too_few_rows_are_told_with_how_many_are_missing(with_users: Callable[..., Plan]) -> None:
    """Of the visits that take one; as many rows as visits are enough."""
    plan = with_users(kinds=("cart",))
    tables, schedule = tables_of(plan), build(plan)
    carts = schedule.kind.count(1)
    enough = with_users("email\n" + "".join(f"u{n}\n" for n in range(carts)), kinds=("cart",))
    require_rows(tables_of(enough), schedule)
    words = rf"has 3 rows, and {carts} visits \(cart\) take one each; add {carts - 3} rows"
    with pytest.raises(RehearsalError, match=words):
        require_rows(tables, schedule)


def test_secret_values_are_those_of_secret_columns(with_users: Callable[..., Plan]) -> None:
    """Each once; a table without any is not read."""
    open_one = Table(name="cards", file="/nowhere.csv")

    assert list(secret_values([*tables_of(with_users(secret=("pin",))), open_one])) == ["geheim1", "geheim2"]
