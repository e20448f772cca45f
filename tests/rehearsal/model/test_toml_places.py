import pytest

from rehearsal.model.toml_places import Places, dotted

TEXT = '''# a comment
seed = 1
[traffic]
mix = { browse = 1.0 }
"quoted" = 2
text = """
[not.a.table]
key = 3
"""
after = 4
[[phases]]
name = "one"
[[phases]]
name = "two"
[phases.mix]
browse = 1
[slo . normal]
p95_ms = 1
a.b = 2
'''


@pytest.mark.parametrize(
    ("path", "line"),
    [
        pytest.param(("seed",), 2, id="a key of the root"),
        pytest.param(("traffic",), 3, id="a table"),
        pytest.param(("traffic", "mix", "browse"), 4, id="inside an inline table: the nearest line"),
        pytest.param(("traffic", "quoted"), 5, id="a quoted key"),
        pytest.param(("traffic", "after"), 10, id="a key after a multi-line string"),
        pytest.param(("not", "a", "table"), 0, id="text inside a string is no table"),
        pytest.param(("phases", 0, "name"), 12, id="the first of an array"),
        pytest.param(("phases", 1, "name"), 14, id="the second of an array"),
        pytest.param(("phases", 1, "mix", "browse"), 16, id="a table inside an array's last entry"),
        pytest.param(("phases", 1, "missing"), 13, id="a missing key: its table"),
        pytest.param(("slo", "normal", "p95_ms"), 18, id="spaces inside a header"),
        pytest.param(("slo", "normal", "a", "b"), 19, id="a dotted key"),
        pytest.param(("elsewhere",), 0, id="nothing near it"),
        pytest.param((), 0, id="the plan itself"),
    ],
)
def test_places_are_found(path: tuple[str | int, ...], line: int) -> None:
    """A path leads to the line where a person would look for it."""
    assert Places(TEXT).line_of(path) == line


@pytest.mark.parametrize(
    ("path", "text"),
    [((), "the plan"), (("a", "b"), "a.b"), (("phases", 2, "name"), "phases[2].name")],
)
def test_paths_are_written_as_people_write_them(path: tuple[str | int, ...], text: str) -> None:
    """Indexes stand in brackets."""
    assert dotted(path) == text
