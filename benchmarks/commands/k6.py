"""k6: constant-vus and constant-arrival-rate, one script."""

from pathlib import Path

import msgspec

from benchmarks.commands.peer import Command, Job, Kind, Peer, Said
from benchmarks.tools import ROOT

_SCRIPT = ROOT / "benchmarks" / "peers" / "k6.js"


class _Metric(msgspec.Struct):
    values: dict[str, float]


class _Summary(msgspec.Struct):
    metrics: dict[str, _Metric]

    def value(self, metric: str, name: str) -> float | None:
        """Return one figure, None where k6 kept no such metric."""
        found = self.metrics.get(metric)
        return found.values.get(name) if found else None


def parse(text: str) -> Said:
    """Read what handleSummary wrote: http_req_duration is in milliseconds from the actual start."""
    summary = msgspec.json.decode(text, type=_Summary)
    latency = {f"p{n}": summary.value("http_req_duration", f"p({n})") for n in (50, 95, 99)}
    # k6 leaves a counter out that never counted.
    return Said(
        requests=int(summary.value("http_reqs", "count") or 0),
        dropped=int(summary.value("dropped_iterations", "count") or 0),
        percentiles_ms={name: value for name, value in latency.items() if value is not None},
    )


def _run(tool: Path, job: Job) -> Command:
    del job  # the script reads it from the environment
    return (str(tool), "run", "--quiet", "--no-color", "--no-usage-report", "--address", "", str(_SCRIPT))


PEER = Peer(
    name="k6",
    tool="k6",
    title="k6",
    commands=dict.fromkeys(Kind, _run),
    parse=parse,
    note="GOMAXPROCS=1",
)
