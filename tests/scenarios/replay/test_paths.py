from pathlib import Path

import polars as pl
import pytest

from rehearsal.model.errors import RehearsalError
from scenarios.replay.paths import Mapping, Rule, load_mapping, templates_of

UUID = "0189e3b2-7a44-7c51-9f0e-2f6c5c1d2e3f"


NO_RULES = Mapping()


def templates(target: str, mapping: Mapping = NO_RULES, method: str = "GET") -> tuple[str, str, str]:
    """Return label, step and what is sent for one request."""
    row = templates_of(pl.DataFrame({"method": [method], "target": [target]}), mapping).row(0)
    return row[0], row[1], row[2]


@pytest.mark.parametrize(
    ("target", "template"),
    [
        ("/", "/"),
        ("/products/4711", "/products/{n}"),
        ("/products/4711?ref=7#top", "/products/{n}"),
        ("/1/2/3", "/{n}/{n}/{n}"),
        ("/1/2/3/", "/{n}/{n}/{n}/"),
        ("/a/12.html", "/a/{n}.html"),
        ("/a/12-red-shirt", "/a/12-red-shirt"),
        (f"/carts/{UUID}/items", "/carts/{uuid}/items"),
        (f"/carts/{UUID.upper()}/{UUID}", "/carts/{uuid}/{uuid}"),
        ("/blobs/deadbeef01/x", "/blobs/{hex}/x"),
        ("/blobs/1234567f", "/blobs/{hex}"),
        ("/facade/decade", "/facade/decade"),
        ("//a///b", "/a/b"),
        ("*", "*"),
    ],
)
def test_paths_collapse_by_default(target: str, template: str) -> None:
    """What names one thing among many becomes its kind; words stay."""
    assert templates(target) == (f"GET {template}", "", target)


def test_a_mapping_comes_first_and_its_first_match_stands() -> None:
    """Template, step and what is sent follow from the rule; the rest collapses by default."""
    mapping = Mapping(
        path=(
            Rule(pattern="^/p/[^/]+$", template="/p/{sku}", step="product"),
            Rule(
                pattern="^/carts/[^/]+/items(.*)$",
                template="/carts/{cart}/items",
                send="/carts/{buyer}/items$1",
            ),
            Rule(pattern="^/p/", template="/never"),
        )
    )

    assert templates("/p/red", mapping) == ("GET /p/{sku}", "product", "/p/red")
    assert templates("/carts/7/items?x=1", mapping, "POST") == (
        "POST /carts/{cart}/items",
        "",
        "/carts/{buyer}/items?x=1",
    )
    assert templates("/o/7", mapping) == ("GET /o/{n}", "", "/o/7")


def test_a_mapping_is_read_from_toml(tmp_path: Path) -> None:
    """Without a file there are no rules."""
    path = tmp_path / "map.toml"
    path.write_text("[[path]]\npattern = '^/p/'\ntemplate = '/p'\nstep = 'product'\n")

    assert load_mapping(path).path == (Rule(pattern="^/p/", template="/p", step="product"),)
    assert load_mapping(None) == Mapping()


@pytest.mark.parametrize(
    ("text", "says"),
    [
        pytest.param("[[path]\n", "cannot be used", id="no TOML"),
        pytest.param("[[path]]\npattern = '^/'\n", "missing required field `template`", id="no template"),
        pytest.param("[[path]]\npattern = '('\ntemplate = '/'\n", r"wrong pattern '\('", id="no pattern"),
        pytest.param(
            "[[path]]\npattern = '/'\ntemplate = '/'\nstep = 'dance'\n",
            "the steps are .*product",
            id="no step",
        ),
        pytest.param("[[paths]]\npattern = '/'\n", "unknown field `paths`", id="a key it does not know"),
        pytest.param("path = 5\n", "cannot be used", id="of another type"),
    ],
)
def test_a_wrong_mapping_is_one_sentence(tmp_path: Path, text: str, says: str) -> None:
    """It names the file and the mistake."""
    path = tmp_path / "map.toml"
    path.write_text(text)

    with pytest.raises(RehearsalError, match=says):
        load_mapping(path)


def test_a_mapping_that_is_not_there_is_one_sentence(tmp_path: Path) -> None:
    """Missing, or not in UTF-8."""
    (tmp_path / "latin").write_bytes(b"\xff")

    for name in ("none", "latin"):
        with pytest.raises(RehearsalError):
            load_mapping(tmp_path / name)
