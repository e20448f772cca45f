"""Ours, FastHttpUser and HttpUser: three locustfiles under one Locust."""

from collections.abc import Callable
from pathlib import Path

import msgspec

from benchmarks.commands.peer import Command, Job, Kind, Peer, Said
from benchmarks.figures import percentile_of_counts
from benchmarks.tools import ROOT

_FILES = ROOT / "benchmarks" / "peers"
_WANTED = {"p50": 0.5, "p95": 0.95, "p99": 0.99}


class _Latency(msgspec.Struct):
    p50: float = 0.0
    p95: float = 0.0
    p99: float = 0.0


class _Summary(msgspec.Struct):
    """The part of `--rehearsal-summary` that is read here."""

    requests: int
    dropped: dict[str, int]
    response_ms: _Latency
    send_lag_ms: _Latency


class _PoolSummary(msgspec.Struct):
    planned: int
    dropped: int


class _Entry(msgspec.Struct):
    """The part of an entry of Locust's `--json` that is read here."""

    num_requests: int
    response_times: dict[str, int]


def parse_ours(text: str) -> Said:
    """Read the file of --rehearsal-summary."""
    summary = msgspec.json.decode(text, type=_Summary)
    return Said(
        requests=summary.requests,
        dropped=sum(summary.dropped.values()),
        percentiles_ms=msgspec.structs.asdict(summary.response_ms),
        lag_p99_ms=summary.send_lag_ms.p99,
    )


def parse_locust(text: str) -> Said:
    """Read the pool's own file, or what `locust --json` prints last on standard output."""
    if text.lstrip().startswith("{"):
        pool = msgspec.json.decode(text, type=_PoolSummary)
        return Said(requests=pool.planned - pool.dropped, dropped=pool.dropped)
    entries = msgspec.json.decode(text[text.index("[") :], type=list[_Entry])
    counts: dict[float, int] = {}
    for entry in entries:
        for value, count in entry.response_times.items():
            counts[float(value)] = counts.get(float(value), 0) + count
    return Said(
        requests=sum(entry.num_requests for entry in entries),
        percentiles_ms={name: percentile_of_counts(counts, share) for name, share in _WANTED.items()}
        if counts
        else {},
    )


def _locust(file: str, *more: str, run_time: bool = False) -> Callable[[Path, Job], Command]:
    def command(tool: Path, job: Job) -> Command:
        users = str(job.users)
        argv = (
            str(tool),
            "-f",
            str(_FILES / file),
            "--headless",
            "--host",
            job.url,
            "-u",
            users,
            "-r",
            users,
        )
        # A pool's idle users wait for a turn that never comes again: only other tests end gracefully.
        grace = "5" if run_time else "0"
        quiet = ("--loglevel", "WARNING", "--only-summary", "--stop-timeout", grace)
        ends = ("--run-time", f"{max(1, round(job.seconds))}s") if run_time else ()
        return (*argv, *quiet, *ends, *(word.format(job=job) for word in more))

    return command


def _peer(name: str, title: str) -> Peer:
    file = f"{name}.py"
    pool = _locust(file)
    commands = {Kind.CLOSED: _locust(file, run_time=True), Kind.CLEAN: pool, Kind.SOAK: pool}
    paced = _locust(file, "--json", run_time=True)
    return Peer(
        name=name,
        tool="locust",
        title=title,
        commands={**commands, Kind.FREEZE: paced},
        parse=parse_locust,
    )


FAST = _peer("fasthttpuser", "Locust FastHttpUser")
PLAIN = _peer("httpuser", "Locust HttpUser")
_SUMMARY = ("--rehearsal-summary", "{job.output}")
OURS = Peer(
    name="ours",
    tool="locust",
    title="ours",
    commands={
        Kind.CLOSED: _locust("ours.py", *_SUMMARY, run_time=True),
        Kind.CLEAN: _locust("ours.py", *_SUMMARY),
        Kind.FREEZE: _locust("ours.py", *_SUMMARY),
        Kind.SOAK: _locust("ours.py", *_SUMMARY),
    },
    parse=parse_ours,
)
