"""The shapes every peer fills in: a job, the command for it, and what the tool said afterwards."""

from collections.abc import Callable, Mapping
from enum import StrEnum
from pathlib import Path

import msgspec

Command = tuple[str, ...]


class Kind(StrEnum):
    """What a tool is asked to do.

    CLOSED: visits back to back. CLEAN: one request an arrival, as fast as it can on time.
    FREEZE: a rate while the server stalls. SOAK: one request an arrival, for long, as in a nightly run.
    """

    CLOSED = "closed"
    CLEAN = "clean"
    FREEZE = "freeze"
    SOAK = "soak"


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """One run of one tool. `output` is where its own account of the run is to be found afterwards."""

    kind: Kind
    url: str
    users: int
    seconds: float
    rate_per_s: int = 0
    output: Path

    def environment(self) -> dict[str, str]:
        """Return the job as scripts that run inside a tool read it."""
        return {
            "BENCH_TEST": self.kind.value,
            "BENCH_URL": self.url,
            "BENCH_USERS": str(self.users),
            "BENCH_SECONDS": f"{self.seconds:g}",
            "BENCH_RATE": str(self.rate_per_s),
            "BENCH_OUTPUT": str(self.output),
        }


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """A tool's own account of a run. None: it does not tell."""

    requests: int | None = None
    dropped: int | None = None
    percentiles_ms: dict[str, float] = {}
    lag_p99_ms: float | None = None


class Peer(msgspec.Struct, frozen=True, kw_only=True):
    """A tool under measurement.

    `tool` is its name in `benchmarks.tools`; `commands` has what it can do, `cannot` why not for the rest;
    `parse` reads its account: the job's output file if it wrote one, else its standard output.
    """

    name: str
    tool: str
    title: str
    commands: Mapping[Kind, Callable[[Path, Job], Command]]
    cannot: Mapping[Kind, str] = {}
    parse: Callable[[str], Said]
    note: str = ""
