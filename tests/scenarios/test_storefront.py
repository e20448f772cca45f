import sys
from pathlib import Path

import pytest

from rehearsal.model.errors import RehearsalError
from scenarios.mock_storefront import MockStorefront
from scenarios.storefront import load_adapter


def test_an_adapter_lies_in_the_folder_a_person_works_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`rehearse` is a script, whose own folder leads sys.path: the current one must be looked at too."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [*sys.path])
    (tmp_path / "shop_of_mine.py").write_text(
        "from scenarios.storefront import Storefront\nclass Mine(Storefront): pass\n"
    )

    assert load_adapter("shop_of_mine:Mine").__name__ == "Mine"
    assert load_adapter("shop_of_mine:Mine").__module__ == "shop_of_mine"
    assert sys.path[-1] == str(tmp_path)


def test_an_adapter_that_breaks_when_it_is_imported_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Importing an adapter runs a stranger's code; whatever that raises is one sentence."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [*sys.path])
    (tmp_path / "shop_that_breaks.py").write_text("1 / 0\n")

    with pytest.raises(RehearsalError, match="shop_that_breaks:Mine cannot be loaded"):
        load_adapter("shop_that_breaks:Mine")


def test_the_mock_shops_adapter_is_loaded_by_name() -> None:
    """The plan's default names it."""
    assert load_adapter("scenarios.mock_storefront:MockStorefront") is MockStorefront
