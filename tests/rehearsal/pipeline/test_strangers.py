import hashlib
import subprocess
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from rehearsal.model.errors import RehearsalError
from rehearsal.model.plan import Plan
from rehearsal.pipeline import strangers
from rehearsal.pipeline.plans import load_plan
from rehearsal.pipeline.strangers import check_locustfile, sha256_of, with_locustfile
from scenarios.load_order import LoadOrder
from scenarios.storefront import Endpoints
from scenarios.visit import Basis

ORDER = LoadOrder(
    adapter="a:B",
    endpoints=Endpoints(url="http://127.0.0.1:1"),
    basis=Basis(sale_sku="flash", limit_per_shopper=2, think_s=0.0),
    seed=1,
    pool=3,
)
PLAN = """
name = "theirs"
[traffic]
locustfile = "files/theirs.py"
users = 20
multiplier = 5.0
[[phases]]
name = "warm"
kind = "warmup"
duration_s = 4.0
rate = 5.0
[slo.normal]
p95_ms = 1.0
p99_ms = 1.0
goodput = 0.9
"""


@pytest.fixture
def closed(tmp_path: Path) -> Plan:
    """Return a plan that names an existing locustfile, as loaded from its file."""
    (tmp_path / "files").mkdir()
    (tmp_path / "files" / "theirs.py").write_text("# theirs")
    (tmp_path / "plan.toml").write_text(PLAN)
    return load_plan(tmp_path / "plan.toml")


@pytest.fixture
def printed(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Let the process that imports the file print `text`, or raise `error`."""
    said: dict[str, Any] = {"text": b"", "error": None, "argv": []}

    def run(argv: list[str], **_: Any) -> SimpleNamespace:
        said["argv"] = argv
        if said["error"]:
            raise said["error"]
        return SimpleNamespace(stdout=said["text"])

    monkeypatch.setattr(subprocess, "run", run)
    return said


def test_the_file_is_looked_for_beside_the_plan(closed: Plan, tmp_path: Path) -> None:
    """Wherever the command is given."""
    assert str(tmp_path / "files" / "theirs.py") == closed.traffic.locustfile


def test_the_order_names_the_file_and_what_is_in_it(closed: Plan) -> None:
    """A worker elsewhere must not run another file of the same name."""
    order = with_locustfile(ORDER, closed)

    assert (closed.traffic.locustfile, hashlib.sha256(b"# theirs").hexdigest()) == (
        order.locustfile,
        order.locustfile_sha256,
    )


def test_a_plan_of_our_own_shoppers_is_left_alone(
    make_plan: Callable[..., Plan], printed: dict[str, Any]
) -> None:
    """Nothing is looked at, and the order stays as it is."""
    check_locustfile(make_plan())

    assert (with_locustfile(ORDER, make_plan()), printed["argv"]) == (ORDER, [])


def test_a_file_with_users_passes(closed: Plan, printed: dict[str, Any]) -> None:
    """Whatever it prints while it is imported; the hosts it may reach are handed on."""
    printed["text"] = b'hello {}\n{"classes":["Buyer"]}\n'
    target = closed.target.model_copy(update={"allow": ("shop.example",)})
    check_locustfile(closed.model_copy(update={"target": target}))

    assert [closed.traffic.locustfile, "shop.example"] == printed["argv"][-2:]


TOLD = [
    ("it says why", b'\n{"error":"It has no users."}\n', None, "It has no users"),
    ("it says nothing", b"", None, "ended the process that imported it"),
    ("it says something else", b"\nSegmentation fault\n", None, "ended the process that imported it"),
    ("it never ends", b"", subprocess.TimeoutExpired("x", 60.0), "still being imported after 60 s"),
]


@pytest.mark.parametrize(("what", "text", "error", "told"), TOLD, ids=[row[0] for row in TOLD])
def test_a_file_that_cannot_serve_is_refused(
    closed: Plan, printed: dict[str, Any], what: str, text: bytes, error: Exception | None, told: str
) -> None:
    """In a sentence, before anything is started."""
    printed.update(text=text, error=error)
    with pytest.raises(RehearsalError, match=told):
        check_locustfile(closed)
    assert what


def test_a_missing_file_is_told_with_its_path(closed: Plan, tmp_path: Path) -> None:
    """And that it is looked for beside the plan; a folder is no file either."""
    Path(closed.traffic.locustfile).unlink()
    with pytest.raises(RehearsalError, match=r"There is no locustfile .*theirs\.py; .* beside the plan"):
        check_locustfile(closed)
    with pytest.raises(RehearsalError, match="cannot be read: Is a directory"):
        sha256_of(str(tmp_path))
    assert strangers.Looked().error == ""
