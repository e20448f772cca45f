"""The examples' index: every example is in it, every link leads somewhere, every row of the table is true."""

import re
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parents[2] / "examples"
INDEX = (EXAMPLES / "README.md").read_text(encoding="utf-8")
FOLDERS = sorted(folder.name for folder in EXAMPLES.iterdir() if (folder / "README.md").is_file())


def test_every_example_is_in_the_index() -> None:
    """And nothing else is."""
    linked = re.findall(r"\]\((\w+)/README\.md\)", INDEX)

    assert sorted(linked) == FOLDERS


@pytest.mark.parametrize("name", FOLDERS)
def test_every_example_has_a_plan_that_names_its_adapter(name: str) -> None:
    """What a user copies is whole."""
    plans = [path.read_text(encoding="utf-8") for path in (EXAMPLES / name).glob("*.toml")]

    assert any(re.search(r'^adapter = "[\w.]+:\w+"', plan, re.MULTILINE) for plan in plans)


@pytest.mark.parametrize("name", re.findall(r"`(\w+\.(?:py|toml))`", INDEX))
def test_every_file_that_the_index_names_is_there(name: str) -> None:
    """In one of the examples, or made by `rehearse init`."""
    assert name == "plan.toml" or any((EXAMPLES / folder / name).is_file() for folder in FOLDERS)


@pytest.mark.parametrize("word", ["bearer", "secrets", "cents", "refusals", "unknown", "error_at"])
def test_what_the_index_sends_to_graphql_for_is_there(word: str) -> None:
    """In its adapter."""
    adapter = (EXAMPLES / "graphql" / "graphql_storefront.py").read_text(encoding="utf-8")

    assert word in INDEX
    assert word in adapter
