"""Artillery and autocannon, for the freeze test only."""

import json
from pathlib import Path
from typing import Any

import msgspec

from benchmarks.commands.peer import Command, Job, Kind, Peer, Said
from benchmarks.tools import ROOT

_SCENARIO = ROOT / "benchmarks" / "peers" / "artillery.yml"
_FREEZE_ONLY = dict.fromkeys((Kind.CLOSED, Kind.CLEAN, Kind.SOAK), "compared in the freeze test only")
_CONNECTIONS = 50


class _Aggregate(msgspec.Struct):
    counters: dict[str, int]
    summaries: dict[str, dict[str, float]]


class _Report(msgspec.Struct):
    aggregate: _Aggregate


def parse_artillery(text: str) -> Said:
    """Read the report of `artillery run --output`: milliseconds from the actual start."""
    aggregate = msgspec.json.decode(text, type=_Report).aggregate
    latency = aggregate.summaries.get("http.response_time", {})
    return Said(
        requests=aggregate.counters.get("http.requests", 0),
        dropped=aggregate.counters.get("vusers.skipped", 0),
        percentiles_ms={name: latency[name] for name in ("p50", "p95", "p99") if name in latency},
    )


def parse_autocannon(text: str) -> Said:
    """Read the last JSON line: corrected milliseconds; it has p90 and p97.5 but no p95."""
    last: dict[str, Any] = json.loads(text.strip().splitlines()[-1])
    names = {"p50": "p50", "p90": "p90", "p97_5": "p97_5", "p99": "p99"}
    latency = last["latency"]
    return Said(
        requests=int(last["requests"]["sent"]),
        percentiles_ms={ours: float(latency[theirs]) for ours, theirs in names.items() if theirs in latency},
    )


def _artillery(tool: Path, job: Job) -> Command:
    phase = {"duration": max(1, round(job.seconds)), "arrivalRate": job.rate_per_s}
    overrides = json.dumps({"config": {"target": job.url, "phases": [phase]}})
    return (
        str(tool),
        "run",
        "--quiet",
        "--output",
        str(job.output),
        "--overrides",
        overrides,
        str(_SCENARIO),
    )


def _autocannon(tool: Path, job: Job) -> Command:
    rate, seconds = str(job.rate_per_s), str(max(1, round(job.seconds)))
    head = (str(tool), "--json", "-R", rate, "-c", str(_CONNECTIONS), "-d", seconds)
    return (*head, f"{job.url}/products/p0007")


ARTILLERY = Peer(
    name="artillery",
    tool="artillery",
    title="Artillery",
    commands={Kind.FREEZE: _artillery},
    cannot=_FREEZE_ONLY,
    parse=parse_artillery,
)
AUTOCANNON = Peer(
    name="autocannon",
    tool="autocannon",
    title="autocannon",
    commands={Kind.FREEZE: _autocannon},
    cannot=_FREEZE_ONLY,
    parse=parse_autocannon,
    note="tells p90 and p97.5 but no p95",
)
