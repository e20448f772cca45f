from collections.abc import Callable
from pathlib import Path

import pytest

from rehearsal.model.plan import Plan
from rehearsal.model.plan_shop import SecretSource, TestData
from rehearsal.pipeline.beside import beside


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ("users.csv", "sales/users.csv"),
        ("../users.csv", "users.csv"),
        ("/data/users.csv", "/data/users.csv"),
        ("~/users.csv", "~/users.csv"),
        ("", ""),
    ],
    ids=["beside the plan", "above it", "absolute", "at home", "none"],
)
def test_files_are_where_the_plan_says(make_plan: Callable[..., Plan], said: str, found: str) -> None:
    """Seen from where the drill is started: test data, secrets, locustfile, log and authorities."""
    plan = make_plan()
    plan = plan.model_copy(
        update={
            "target": plan.target.model_copy(update={"ca_file": said}),
            "traffic": plan.traffic.model_copy(update={"locustfile": said, "log": said}),
            "data": {"users": TestData(file=said, secret=("pin",))},
            "secrets": {"key": SecretSource(file=said)},
        }
    )
    moved = beside(Path("sales/plan.toml"), plan)

    assert (moved.traffic.locustfile, moved.traffic.log, moved.target.ca_file) == (found, found, found)
    assert (moved.data["users"].file, moved.secrets["key"].file) == (found, found)
    assert moved.data["users"].secret == ("pin",)
