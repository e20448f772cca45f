"""Locustfiles nobody wrote for us, taken up as Locust itself would."""

import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import locust
import msgspec
import pytest
from locust.env import Environment

from rehearsal.model.errors import RehearsalError
from scenarios.strangers import adopt
from scenarios.strangers.adopt import Looked, user_classes_of

ORDINARY = """
from locust import LoadTestShape, User, events, task

SAID = []

@events.init_command_line_parser.add_listener
def add(parser):
    parser.add_argument("--colour", default="blue")

@events.init.add_listener
def begin(environment, **_):
    SAID.append(environment.parsed_options.colour)

class Base(User):
    abstract = True

class Buyer(Base):
    host = "http://theirs.example"

    @task
    def buy(self):
        pass

class Never(Base):
    weight = 0

class One(Base):
    weight = 0
    fixed_count = 1

class Shape(LoadTestShape):
    def tick(self):
        return None
"""


@pytest.fixture(autouse=True)
def put_back(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let Locust's global listeners, the path and the modules be as they were."""
    events: Any = locust.events
    for hook in (events.init_command_line_parser, events.init):
        monkeypatch.setattr(hook, "_handlers", list(hook._handlers))
    monkeypatch.setattr(sys, "path", list(sys.path))
    known = set(sys.modules)
    yield
    for name in set(sys.modules) - known:
        del sys.modules[name]


def written(folder: Path, source: str) -> Path:
    """Return the path of a locustfile."""
    path = folder / "theirs_to_adopt.py"
    path.write_text(source)
    return path


def test_runnable_classes_are_found(tmp_path: Path) -> None:
    """Abstract classes and those without weight are not run; a fixed count needs no weight."""
    assert {"Buyer", "One"} == {user.__name__ for user in user_classes_of(written(tmp_path, ORDINARY))}


BROKEN = [
    ("a syntax error", "class", "cannot be imported: SyntaxError"),
    ("a missing module", "import not_to_be_found", "cannot be imported: ModuleNotFoundError"),
    ("an end", "import sys\nsys.exit(3)", "cannot be imported: SystemExit: 3"),
    ("no users", "import locust", "has no user class that Locust could run"),
    (
        "only abstract ones",
        "from locust import User\nclass B(User):\n    abstract = True",
        "has no user class",
    ),
]


@pytest.mark.parametrize(("what", "source", "told"), BROKEN, ids=[row[0] for row in BROKEN])
def test_a_file_that_cannot_serve_is_told_in_a_sentence(
    tmp_path: Path, what: str, source: str, told: str
) -> None:
    """One sentence that names the file and what Python said."""
    with pytest.raises(RehearsalError, match=told):
        user_classes_of(written(tmp_path, source))
    assert what


def test_listeners_and_options_work_as_in_locust(tmp_path: Path) -> None:
    """Its own options have their defaults, its init listener is called once, the host is the shop's."""
    environment = Environment(events=locust.events, host="http://127.0.0.1:1")
    environment.parsed_options = SimpleNamespace(loglevel="DEBUG")
    adopt.adopt(written(tmp_path, ORDINARY), environment, {})
    options: Any = environment.parsed_options

    assert sys.modules["theirs_to_adopt"].SAID == ["blue"]
    assert (options.colour, options.loglevel) == ("blue", "DEBUG")
    assert {"http://127.0.0.1:1"} == {user.host for user in environment.user_classes}
    assert environment.shape_class is None


@pytest.mark.parametrize(
    ("source", "classes", "error"), [(ORDINARY, ("Buyer", "One"), False), ("raise KeyError('x')", (), True)]
)
def test_looking_at_a_file_prints_one_line(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    source: str,
    classes: tuple[str, ...],
    error: bool,
) -> None:
    """The last line is the answer, whatever the file itself prints; its sockets are held before."""
    held: list[list[str]] = []
    monkeypatch.setattr(adopt, "hold_to", held.append)
    path = written(tmp_path, f"print('hello')\n{source}")
    code = adopt.main([str(path), "shop.example"])
    looked = msgspec.json.decode(capsys.readouterr().out.strip().rpartition("\n")[2], type=Looked)

    assert (code, held, looked.classes, bool(looked.error)) == (0, [["shop.example"]], classes, error)
