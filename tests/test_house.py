"""Rules of this house that no linter knows."""

import ast
from collections.abc import Iterator
from pathlib import Path

TESTS = Path(__file__).parent
SLEEPS = {"time.sleep", "gevent.sleep", "asyncio.sleep"}


def functions(path: Path) -> Iterator[ast.FunctionDef]:
    """Yield the test functions of a file."""
    for node in ast.walk(ast.parse(path.read_text())):
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
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call) and ast.unparse(node.func) in SLEEPS
    ]

    assert asleep == []
