"""Rules of this house that no linter knows."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

TESTS = Path(__file__).parent
SLEEPS = {"time.sleep", "gevent.sleep", "asyncio.sleep"}


@cache
def parsed(path: Path) -> ast.Module:
    """Return a file's syntax tree."""
    return ast.parse(path.read_text())


def functions(path: Path) -> Iterator[ast.FunctionDef]:
    """Yield the test functions of a file."""
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
            yield node


def test_every_test_states_its_claim() -> None:
    """A docstring says what is claimed; a name alone is too short for that."""
    silent = [
        f"{path.relative_to(TESTS)}:{node.lineno} {node.name}"
        for path in sorted(TESTS.rglob("test_*.py"))
        for node in functions(path)
        if not ast.get_docstring(node)
    ]

    assert silent == []


def test_no_unit_test_sleeps() -> None:
    """Nothing outside tests/integration waits for the clock."""
    asleep = [
        f"{path.relative_to(TESTS)}:{node.lineno}"
        for path in sorted(TESTS.rglob("*.py"))
        if "integration" not in path.parts
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.Call) and ast.unparse(node.func) in SLEEPS
    ]

    assert asleep == []


def misplaced(root: Path) -> set[str]:
    """Return the test files that bear the mark elsewhere than in `integration`, or lie there without it."""
    here = {path for path in root.rglob("test_*.py") if path.name != Path(__file__).name}
    marked = {path for path in here if "pytest.mark.integration" in path.read_text()}
    return {path.name for path in marked ^ {path for path in here if path.parent.name == "integration"}}


def test_what_starts_real_processes_is_marked_and_lives_by_itself() -> None:
    """`make test` finds such tests by their folder, a person by the mark: the two are the same files."""
    assert misplaced(TESTS) == set()


def test_a_misplaced_test_is_seen(tmp_path: Path) -> None:
    """Marked elsewhere, or there without the mark."""
    (tmp_path / "integration").mkdir()
    (tmp_path / "integration" / "test_unmarked.py").write_text("")
    (tmp_path / "integration" / "test_right.py").write_text("pytestmark = pytest.mark.integration\n")
    (tmp_path / "test_elsewhere.py").write_text("@pytest.mark.integration\n")
    (tmp_path / "test_unit.py").write_text("")

    assert misplaced(tmp_path) == {"test_unmarked.py", "test_elsewhere.py"}
