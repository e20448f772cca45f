"""Rules of this house that no linter knows."""

import ast
from collections.abc import Iterator
from pathlib import Path

TESTS = Path(__file__).parent
#: Waiting in a test of its own clock or of other processes is no sleep of the test's.
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
    """Nothing outside tests/integration waits for the clock; a turn of the loop (sleep of 0) is no wait."""
    asleep = [
        f"{path.relative_to(TESTS)}:{node.lineno}"
        for path in sorted(TESTS.rglob("*.py"))
        if "integration" not in path.parts
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call) and ast.unparse(node.func) in SLEEPS and not _is_a_turn(node)
    ]

    assert asleep == []


def _is_a_turn(call: ast.Call) -> bool:
    return not call.args or (isinstance(call.args[0], ast.Constant) and call.args[0].value == 0)
