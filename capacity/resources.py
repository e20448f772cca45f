"""Does the shop lose memory or connections with every request? resources.memory/<label> and .sockets/<label>.

Of each process of the shop that was weighed each second (rss_mb/LABEL, fds/LABEL), while requests came: the
time is cut into four parts of equally many requests, each told by its median. A leak grows in each of the
three steps from one part to the next, by so much a request (`measured` is the least of them), and does not
level off. One jump is none: under a fault many requests wait at once, and an allocator keeps what it was
given. Nor is the warming up of a healthy process, which is over in a part.

memory    each step by 2 MB and by 4 kB a request (of a region its own, else all requests): a process that
          warms up slowly, under few requests, was seen to take 1.6 MB in each
sockets   each step by 5 descriptors and by one in 50 requests; and at the end more than there were at first
          and shoppers may hold: two for each of the most visits that were under way at once, its own and one
          to whom the shop asks for it (connections are kept open for whoever comes next)

Judged is the longest stretch between restarts (a fall by a third), of 10 s and 200 requests at least; of less
nothing is known, and there is no finding: processes that a drill kills do not live long enough to leak.
"""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import polars as pl

from capacity.samples import Floats
from rehearsal.model.clock import NS_PER_S
from rehearsal.model.history import Kind, Step
from rehearsal.model.verdict import Finding, Status

PARTS = 4
LONG_S, MANY = 10, 200
#: A process that weighs so much less than a second before was started anew.
_FALL = 2 / 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What a process may keep: rows `f` in `unit`; a leak is `step` a part and `per_thousand` requests."""

    name: str
    f: str
    unit: str
    step: float
    per_thousand: float
    beyond_shoppers: bool


KEPT = (
    Kept(
        name="memory",
        f="rss_mb",
        unit="MB per 1000 requests",
        step=2.0,
        per_thousand=4.0,
        beyond_shoppers=False,
    ),
    Kept(
        name="sockets",
        f="fds",
        unit="sockets per 1000 requests",
        step=5.0,
        per_thousand=20.0,
        beyond_shoppers=True,
    ),
)
#: What grows so much less in the last step than in the mean of all levels off.
_LEVEL = 0.6
#: Connections of the shop's that a visit may hold.
_OF_A_VISIT = 2


def judge_resources(frame: pl.DataFrame, requests: pl.DataFrame) -> tuple[Finding, ...]:
    """Return a finding for each process and resource that was watched long enough."""
    health = frame.filter((pl.col("kind") == Kind.HEALTH) & pl.col("f").str.contains("/", literal=True))
    most = _most_visits(frame)
    findings: list[Finding] = []
    for kept in KEPT:
        for f in sorted(health["f"].unique()):
            what, _, label = f.partition("/")
            if what == kept.f:
                rows = health.filter(pl.col("f") == f).sort("sent_ns")
                spare = _OF_A_VISIT * most if kept.beyond_shoppers else 0.0
                findings += _judged(kept, label, rows, _sent_s(requests, label), spare=spare)
    return tuple(findings)


def _judged(kept: Kept, label: str, rows: pl.DataFrame, sent_s: Floats, *, spare: float) -> list[Finding]:
    at_s, values = rows["sent_ns"].to_numpy() / NS_PER_S, rows["value"].to_numpy()
    if not sent_s.size:
        return []
    loaded = (at_s >= sent_s[0]) & (at_s <= sent_s[-1])
    at_s, values = _longest(at_s[loaded], values[loaded])
    counts = np.searchsorted(sent_s, at_s).astype(np.float64)
    parts = _parts(counts)
    if not parts or at_s[-1] - at_s[0] < LONG_S - 1:
        return []
    levels, seen = (np.array([np.median(one[part]) for part in parts]) for one in (values, counts))
    grown, asked = np.diff(levels), np.maximum(np.diff(seen), 1.0)
    beyond = not kept.beyond_shoppers or levels[-1] > values[0] + spare
    slowest = max(0.0, float((1000 * grown / asked).min())) if beyond else 0.0
    leaks = bool(
        slowest >= kept.per_thousand and grown.min() >= kept.step and grown[-1] >= _LEVEL * grown.mean()
    )
    verb = f"keeps {'more' if leaks else 'no more'} {kept.name} with every request"
    told = " → ".join(f"{level:.0f}" for level in levels)
    return [
        Finding(
            check=f"resources.{kept.name}/{label}",
            status=Status.FAIL if leaks else Status.PASS,
            summary=f"{label.replace('_', ' ')} {verb}: {kept.f} {told} over {int(counts[-1])} requests",
            measured=slowest,
            limit=kept.per_thousand,
            unit=kept.unit,
            evidence={
                "levels": levels.tolist(),
                "requests": seen.tolist(),
                "watched_s": float(at_s[-1] - at_s[0]),
            },
        )
    ]


def _most_visits(frame: pl.DataFrame) -> int:
    """Return the most visits that were under way at once."""
    visits = frame.filter(pl.col("kind") == Kind.VISIT)
    begun, ended = visits["sent_ns"].to_numpy(), visits["done_ns"].to_numpy()
    change = np.repeat((1, -1), begun.size)[np.argsort(np.concatenate((begun, ended)), kind="stable")]
    return int(np.cumsum(change).max(initial=0))


def _longest(at_s: Floats, values: Floats) -> tuple[Floats, Floats]:
    """Return the longest stretch between restarts."""
    restarts = np.flatnonzero(values[1:] < _FALL * values[:-1]) + 1
    stretches = zip(np.split(at_s, restarts), np.split(values, restarts), strict=True)
    return max(stretches, key=lambda stretch: stretch[0].size)


def _parts(counts: Floats) -> list[slice]:
    """Return the samples of each part, of equally many requests; none if there are too few of either."""
    if counts.size < PARTS or counts[-1] - counts[0] < MANY:
        return []
    edges = np.searchsorted(counts, np.linspace(counts[0], counts[-1], PARTS + 1))
    edges[-1] = counts.size
    parts = [slice(*pair) for pair in pairwise(edges.tolist())]
    return parts if all(part.stop - part.start > 1 for part in parts) else []


def _sent_s(requests: pl.DataFrame, label: str) -> Floats:
    """Return when the requests that a process had a part in were sent (s since the origin), in order."""
    role, _, name = label.partition("_")
    mine = requests
    if role == "region":
        mine = requests.filter((pl.col("region") == name) & (pl.col("f") != Step.ROUTE))
    return np.sort(mine["sent_ns"].to_numpy()) / NS_PER_S
