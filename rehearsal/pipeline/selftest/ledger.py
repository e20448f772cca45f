"""What a selftest has done so far: a line of JSON a case, so that a second call goes on where one ended."""

import hashlib
import importlib.util
from collections.abc import Iterable, Iterator
from pathlib import Path

import msgspec

from rehearsal.pipeline.selftest.case import Case, Result
from rehearsal.rundir import folder

LEDGER = "cases.ndjson"

#: What a result depends on besides its plan. Reports and the command line show it, and change nothing.
_PACKAGES = ("rehearsal", "scenarios", "chaos", "capacity", "mock_store")
_APART = ("rehearsal/cli", "rehearsal/pipeline/selftest")


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """A result and the key under which it holds."""

    key: str
    result: Result


class Ledger:
    """The results in a folder. A line that was cut short, its writer killed, counts as not written."""

    def __init__(self, out: Path, version: str) -> None:
        """Take the folder and the version of harness and shop under which results hold."""
        self._path = out / LEDGER
        self._version = version
        self._done = {line.key: line.result for line in _lines(self._path)}

    def decided(self, case: Case) -> Result | None:
        """Return what was found of a case, None if that is not decided yet."""
        found = self.last_of(case)
        return found if found and found.standing.is_decided else None

    def last_of(self, case: Case) -> Result | None:
        """Return how a case ended last, decided or not."""
        return self._done.get(self.key_of(case))

    def write(self, case: Case, result: Result) -> None:
        """Append a result."""
        line = Line(key=self.key_of(case), result=result)
        self._done[line.key] = result
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with self._path.open("ab") as file:
            # First an end of line: the last one may have been cut.
            file.write(b"\n" + msgspec.json.encode(line) + b"\n")

    def key_of(self, case: Case) -> str:
        """Return what a result holds for: this version, plan, bug and what is expected of it."""
        parts = (self._version, case.name, case.kind, case.defect, *case.expected, case.text)
        return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def version_of_sources(packages: Iterable[str] = _PACKAGES) -> str:
    """Return the SHA-256 over the sources that decide how a drill ends."""
    digest = hashlib.sha256()
    for package in packages:
        spec = importlib.util.find_spec(package)
        for root in map(Path, (spec.submodule_search_locations or ()) if spec else ()):
            for path in sorted(root.rglob("*.py")):
                name = str(path.relative_to(root.parent))
                if not name.startswith(_APART):
                    digest.update(f"{name}\n{folder.sha256_of(path)}\n".encode())
    return digest.hexdigest()


def _lines(path: Path) -> Iterator[Line]:
    if not path.exists():
        return
    for line in path.read_bytes().splitlines():
        try:
            yield msgspec.json.decode(line, type=Line)
        except (msgspec.DecodeError, UnicodeDecodeError):
            continue
