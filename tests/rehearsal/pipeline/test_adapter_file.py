"""Where an adapter is imported from: beside its plan, wherever the command is started."""

import sys
from pathlib import Path

import pytest

from rehearsal.model.errors import RehearsalError
from rehearsal.pipeline.adapter_file import offer_beside
from scenarios.storefront import load_adapter

ADAPTER = "from scenarios.storefront import Storefront\nclass Mine(Storefront):\n    kept = {kept!r}\n"


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder a command is started in; what it imports is forgotten afterwards."""
    folder = tmp_path / "here"
    folder.mkdir()
    monkeypatch.chdir(folder)
    monkeypatch.setattr(sys, "path", [*sys.path])
    monkeypatch.setattr(sys, "path_importer_cache", {})
    for name in ("own_shop", "shops", "shops.mine"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    return folder


def written(file: Path, kept: str) -> Path:
    """Return a plan's path, having written an adapter there."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(ADAPTER.format(kept=kept))
    return file.parent / "plan.toml"


@pytest.mark.parametrize(
    "both", [False, True], ids=["alone", "and the same one where the command is started"]
)
def test_it_is_found_beside_its_plan(here: Path, tmp_path: Path, both: bool) -> None:
    """The folder a person happens to be in does not matter."""
    plan = written(tmp_path / "sale" / "own_shop.py", "beside")
    if both:
        written(here / "own_shop.py", "beside")
    offer_beside(Path("../sale") / plan.name, "own_shop:Mine")
    offer_beside(plan, "own_shop:Mine")

    assert vars(load_adapter("own_shop:Mine"))["kept"] == "beside"
    assert sys.path.count(str(plan.parent)) == 1


def test_in_a_package_of_its_own(here: Path, tmp_path: Path) -> None:
    """A module's name is a path below the plan's folder."""
    written(tmp_path / "shops" / "mine" / "__init__.py", "packed")
    offer_beside(tmp_path / "plan.toml", "shops.mine:Mine")

    assert vars(load_adapter("shops.mine:Mine"))["kept"] == "packed"


def test_two_that_differ_are_refused(here: Path, tmp_path: Path) -> None:
    """One of them would be taken silently, and the wrong one half of the time."""
    plan = written(tmp_path / "sale" / "own_shop.py", "beside")
    written(here / "own_shop.py", "another")

    with pytest.raises(RehearsalError, match=r"two adapters of the name own_shop, .*sale/own_shop\.py.*here"):
        offer_beside(plan, "own_shop:Mine")


def test_where_none_lies_beside_it_nothing_changes(here: Path, tmp_path: Path) -> None:
    """Most plans name an installed one, or lie where the command is started."""
    before = [*sys.path]
    written(here / "own_shop.py", "here")
    offer_beside(tmp_path / "plan.toml", "own_shop:Mine")

    assert sys.path == before
    assert vars(load_adapter("own_shop:Mine"))["kept"] == "here"
