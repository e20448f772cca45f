"""What `rehearse init` writes is whole: it can be read, loaded and rehearsed as it is."""

import re
import sys
from pathlib import Path

import pytest

from rehearsal.model.errors import RehearsalError
from rehearsal.model.plan import Plan
from rehearsal.pipeline.plans import check_target, load_plan
from rehearsal.pipeline.starter import FILES, text_of, write_starter
from scenarios.schedule import build
from scenarios.starter import storefront

#: A key or a table that stands in the plan to be taken up: a "#" with no blank behind it.
ASLEEP = re.compile(r"^#(?=[\[a-z])", re.MULTILINE)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder of a plan called autumn; what is imported from it is so for one test only."""
    monkeypatch.setattr(sys, "path", [*sys.path])
    return write_starter("autumn", tmp_path)


def test_the_folder_holds_the_three_files_under_the_new_name(folder: Path) -> None:
    """The plan bears the name, the README too, and the adapter needs none."""
    written = {path.name: path.read_text() for path in folder.iterdir()}

    assert set(FILES) == set(written)
    assert [name for name, text in written.items() if "my-sale" in text] == []
    assert written["README.md"].startswith("# autumn\n")
    assert Path(storefront.__file__).read_text() == written["storefront.py"]


def test_the_plan_is_a_drill_of_forty_seconds(folder: Path) -> None:
    """It has no mistakes, visits in it, and holds 1.3 times its forecast."""
    plan = load_plan(folder / "plan.toml")

    assert (plan.name, plan.duration_s) == ("autumn", 40.0)
    assert sum(build(plan).planned.values()) > 500
    assert _proof_per_s(plan) >= 1.3 * plan.peak_per_s


def _proof_per_s(plan: Plan) -> float:
    return next((phase.rate or 0.0) * plan.traffic.normal for phase in plan.phases if phase.kind == "proof")


def test_what_is_commented_out_can_be_taken_up(folder: Path) -> None:
    """Every key and table that the plan shows but does not use is right as it stands."""
    path = folder / "plan.toml"
    path.write_text(ASLEEP.sub("", path.read_text()))
    awake = load_plan(path)

    assert (awake.links[0].name, *awake.secrets, *awake.data) == ("payment", "admin_token", "users")
    assert awake.target.allow
    assert awake.hooks.after
    assert awake.faults


def test_the_adapter_is_found_in_the_folder(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where `rehearse` is started, as the commands say that are printed."""
    monkeypatch.chdir(folder)
    monkeypatch.delitem(sys.modules, "storefront", raising=False)

    check_target(load_plan(Path("plan.toml")))

    assert str(folder / "storefront.py") == sys.modules.pop("storefront").__file__


@pytest.mark.parametrize("there", ["folder", "file"])
def test_nothing_is_overwritten(tmp_path: Path, there: str) -> None:
    """What bears the name stays as it is, whatever it is."""
    mine = tmp_path / "autumn"
    if there == "folder":
        mine.mkdir()
    else:
        mine.write_text("mine")

    with pytest.raises(RehearsalError, match=r"autumn cannot be made \(File exists\); nothing was written"):
        write_starter("autumn", tmp_path)
    assert (list(mine.iterdir()) == []) if there == "folder" else (mine.read_text() == "mine")


@pytest.mark.parametrize("name", ["", "Autumn", "-x", "a b", "../x", "a/b", "x" * 41, "ä", "x\n"])
def test_a_name_that_no_plan_can_bear(tmp_path: Path, name: str) -> None:
    """It is told before anything is written."""
    with pytest.raises(RehearsalError, match="cannot name a plan"):
        write_starter(name, tmp_path / "new")
    assert not (tmp_path / "new").exists()


def test_the_readme_fits_a_screen() -> None:
    """Twenty lines: what to type, and in which order to change what."""
    assert len(text_of("README.md", "x").splitlines()) <= 24
