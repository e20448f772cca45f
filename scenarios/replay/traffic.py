"""`traffic.json`: what a log says about its shoppers, as a model. Pure."""

from collections.abc import Iterator
from datetime import UTC, datetime

import msgspec
import numpy as np

from scenarios.replay.fidelity import mix_counts, transition_counts
from scenarios.replay.log import Facts
from scenarios.replay.steps import NS_PER_S, Floats, Ints, Steps
from scenarios.replay.volume import Normal, normal_volume

SCHEMA = 1

START, END = "(start)", "(end)"

#: Quantiles of every distribution: 0 %, 5 % … 100 %.
QUANTILES = tuple(np.linspace(0, 1, 21).tolist())
#: Transitions seen less often keep their probability; too few think times make no distribution.
_FEWEST_THINKS = 20


class Spread(msgspec.Struct, frozen=True, kw_only=True):
    """A distribution: mean, and the values at QUANTILES."""

    count: int
    mean: float
    quantiles: tuple[float, ...]


class Think(msgspec.Struct, frozen=True, kw_only=True):
    """Think times: the sample in seconds, and a lognormal's fit (mu and sigma of ln)."""

    seconds: Spread
    mu: float
    sigma: float


class Transition(msgspec.Struct, frozen=True, kw_only=True):
    """A step from one template to another, or from the start, or to the end of a session."""

    source: str
    target: str
    count: int
    probability: float
    think: Think | None = None


class Curve(msgspec.Struct, frozen=True, kw_only=True):
    """Sessions begun in each interval from `start` on (ISO 8601)."""

    start: str
    interval_s: int
    sessions: tuple[int, ...]


class Traffic(msgspec.Struct, frozen=True, kw_only=True):
    """The model. `think`, `curve` and `normal` are None where the log does not support them."""

    schema: int
    log: Facts
    sessions: int
    steps: int
    span_s: float
    gap_s: float
    mix: dict[str, float]
    transitions: tuple[Transition, ...]
    length_steps: Spread
    length_s: Spread | None = None
    think: Think | None = None
    curve: Curve | None = None
    normal: Normal | None = None
    refused: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()


def paths_of(steps: Steps, facts: Facts, gap_s: float) -> Traffic:
    """Return what any log supports: the mix of paths, transitions and the number of steps of sessions."""
    counts = mix_counts(steps)
    return Traffic(
        schema=SCHEMA,
        log=facts,
        sessions=steps.sessions,
        steps=len(steps.at_ns),
        span_s=steps.span_s,
        gap_s=gap_s,
        mix={label: int(n) / len(steps.at_ns) for label, n in zip(steps.labels, counts, strict=True)},
        transitions=tuple(_transitions(steps, {})),
        length_steps=spread(steps.length.astype(np.float64)),
    )


def traffic_of(steps: Steps, facts: Facts, gap_s: float) -> Traffic:
    """Return the whole model of a log that supports one."""
    step_s = facts.resolution_ns / NS_PER_S
    return msgspec.structs.replace(
        paths_of(steps, facts, gap_s),
        transitions=tuple(_transitions(steps, _thinks(steps, step_s))),
        length_s=spread(steps.duration_s),
        think=think_of(steps.think_s, step_s),
        curve=curve_of(steps.start_ns, 60),
        normal=normal_volume(steps.start_ns),
    )


def spread(values: Floats) -> Spread:
    """Return the distribution of a sample of one value or more."""
    quantiles = np.quantile(values, QUANTILES)
    return Spread(count=len(values), mean=float(values.mean()), quantiles=tuple(quantiles.tolist()))


def think_of(seconds: Floats, step_s: float) -> Think | None:
    """Return the distribution of think times that a clock of step `step_s` measured; None of too few.

    The lognormal is fitted to the quartiles: mu = ln q50, sigma = ln(q75 / q25) / 1.349. A time that the
    clock calls k may be half a step more or less, so the distribution function is known at k + half a step;
    between these it is taken as straight.
    """
    if int((seconds > 0).sum()) < _FEWEST_THINKS:
        return None
    values, counts = np.unique(seconds, return_counts=True)
    shares = np.concatenate([[0.0], np.cumsum(counts) / len(seconds)])
    edges = np.concatenate([[max(values[0] - step_s / 2, 0.0)], values + step_s / 2])
    quartiles = np.interp((0.25, 0.5, 0.75), shares, edges)
    low, middle, high = np.log(np.maximum(quartiles, step_s / 4))
    return Think(seconds=spread(seconds), mu=float(middle), sigma=float((high - low) / 1.348980))


def curve_of(start_ns: Ints, interval_s: int) -> Curve:
    """Return session starts (sorted, ns since 1970) counted in intervals of the clock."""
    slots = start_ns // (interval_s * 1_000_000_000)
    start = datetime.fromtimestamp(int(slots[0]) * interval_s, UTC)
    counts = np.bincount(slots - slots[0])
    return Curve(start=start.isoformat(), interval_s=interval_s, sessions=tuple(counts.tolist()))


def _transitions(steps: Steps, thinks: dict[int, Think]) -> Iterator[Transition]:
    counts = transition_counts(steps)
    totals = counts.sum(axis=1)
    size = len(counts)
    flat = counts.ravel()
    for cell in np.argsort(-flat, kind="stable")[: int((flat > 0).sum())]:
        source, target = divmod(int(cell), size)
        yield Transition(
            source=START if source == size - 1 else steps.labels[source],
            target=END if target == size - 1 else steps.labels[target],
            count=int(flat[cell]),
            probability=float(flat[cell] / totals[source]),
            think=thinks.get(int(cell)),
        )


def _thinks(steps: Steps, step_s: float) -> dict[int, Think]:
    """Return the think times of each transition that has enough of them, by its cell."""
    later = ~steps.is_first
    size = len(steps.labels) + 1
    cells = steps.template[:-1][later[1:]] * size + steps.template[1:][later[1:]]
    order = np.argsort(cells, kind="stable")
    known, first = np.unique(cells[order], return_index=True)
    ends = np.append(first[1:], len(order))
    thinks = steps.think_s[order]
    found = (
        (int(cell), think_of(thinks[low:high], step_s))
        for cell, low, high in zip(known, first, ends, strict=False)
    )
    return {cell: think for cell, think in found if think}
