"""access log → traffic.json, sessions.parquet, curve.csv, replay.svg, plan.toml: what a log's replay is."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import msgspec
import numpy as np
import polars as pl

from rehearsal.model.errors import RehearsalError
from rehearsal.rundir import folder
from reports.figure_replay import ReplayFigure, draw_replay
from scenarios.replay import amplify, log, schedule_file, support
from scenarios.replay.fidelity import Fidelity, fidelity, mix_counts
from scenarios.replay.log import Log, Wanted
from scenarios.replay.paths import load_mapping
from scenarios.replay.plan_text import kinds_of, plan_text
from scenarios.replay.sessions import GAP_S, Sessions, sessionise
from scenarios.replay.steps import Floats, Steps
from scenarios.replay.traffic import Traffic, paths_of, traffic_of

TRAFFIC, SESSIONS, FIDELITY = "traffic.json", "sessions.parquet", "fidelity.json"
CURVE, PICTURE, PLAN = "curve.csv", "replay.svg", "plan.toml"

_SHOWN_PATHS = 8
_SHOWN_POINTS = 400
_NS = 1_000_000_000


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """What is asked for. With `speed_up` the clock is run faster instead of sessions cloned, to compare."""

    logs: tuple[Path, ...]
    out: Path
    wanted: Wanted = Wanted()
    mapping: Path | None = None
    gap_s: float = GAP_S
    multiplier: float = 8.0
    speed_up: float | None = None
    seed: int = 1
    begin: str = ""
    length_s: float | None = None

    @property
    def factor(self) -> float:
        """Return by how much there is more traffic."""
        return self.multiplier if self.speed_up is None else self.speed_up

    @property
    def words(self) -> str:
        """Return how."""
        return (
            f"{self.factor:g} × the sessions" if self.speed_up is None else f"clock sped up {self.factor:g} ×"
        )


class Learned(NamedTuple):
    """A log and its sessions; `refused` says what it does not support, `unknown` what stays unknown."""

    log: Log
    sessions: Sessions
    refused: tuple[str, ...]
    unknown: tuple[str, ...]


class Built(NamedTuple):
    """A replay: its log's steps and its own, the model, the score, and the table to play."""

    traffic: Traffic
    fidelity: Fidelity
    steps: Steps
    table: pl.DataFrame
    peak_per_s: float


def learn(order: Order, watch: Callable[[int], None] = lambda _: None) -> Learned:
    """Read the logs and cut them into sessions. RehearsalError if they cannot be read or hold nothing."""
    mapping = load_mapping(order.mapping)
    read = log.read(order.logs, order.wanted, watch)
    sessions = sessionise(read.requests, mapping, order.gap_s)
    resolution_ns = read.facts.resolution_ns
    return Learned(
        read,
        sessions,
        support.refusals(sessions.steps, resolution_ns),
        support.limits(sessions.steps, resolution_ns),
    )


def write_paths(order: Order, learned: Learned) -> Traffic:
    """Write the model of what every log supports, the mix and the transitions; return it."""
    traffic = paths_of(learned.sessions.steps, learned.log.facts, order.gap_s)
    traffic = msgspec.structs.replace(traffic, refused=learned.refused, unknown=learned.unknown)
    folder.write_json(order.out / TRAFFIC, traffic)
    return traffic


def build(order: Order, learned: Learned) -> Built:
    """Learn the model, amplify, score and write; RehearsalError if the log does not support it."""
    if learned.refused:
        raise RehearsalError(refusal(order.logs, learned.refused))
    random = np.random.default_rng(order.seed)
    resolution_ns = learned.log.facts.resolution_ns
    whole = learned.sessions.steps
    traffic = traffic_of(whole, learned.log.facts, order.gap_s)
    traffic = msgspec.structs.replace(traffic, unknown=learned.unknown)
    part = amplify.unround(window(whole, order.begin, order.length_s), resolution_ns, random)
    steps = _amplified(order, part, resolution_ns, random)
    score = fidelity(part, steps, multiplier=order.factor, resolution_ns=resolution_ns)
    table = schedule_file.table_of(steps, learned.sessions.asked, seed=order.seed)
    normal_per_s = traffic.normal.per_s if traffic.normal else 0.0
    built = Built(traffic, score, steps, table, normal_per_s * order.factor)
    _write(order, learned, built, part)
    return built


def refusal(logs: Sequence[Path], refused: Sequence[str]) -> str:
    """Return why a log is refused, and what it is still good for."""
    names = ", ".join(str(path) for path in logs)
    return (
        f"{names} does not support a replay. {' '.join(refused)} "
        "The mix of its paths and its transitions stand: --mix-only writes these."
    )


def window(steps: Steps, begin: str, length_s: float | None) -> Steps:
    """Return the sessions that begin in a window: from `begin` (ISO 8601, or empty) for `length_s`."""
    if not begin and length_s is None:
        return steps
    low_ns = _instant_ns(begin) if begin else int(steps.start_ns[0])
    high_ns = low_ns + int(length_s * _NS) if length_s is not None else int(steps.start_ns[-1]) + 1
    chosen = np.flatnonzero((steps.start_ns >= low_ns) & (steps.start_ns < high_ns)).astype(np.int64)
    if len(chosen) < support.FEWEST_SESSIONS:
        first, last = (datetime.fromtimestamp(int(at) / _NS, UTC) for at in steps.start_ns[[0, -1]])
        raise RehearsalError(
            f"Only {len(chosen)} sessions begin in that part of the log; {support.FEWEST_SESSIONS} are the "
            f"fewest. It runs from {first:%Y-%m-%dT%H:%M:%S} to {last:%Y-%m-%dT%H:%M:%S} UTC."
        )
    return steps.pick(chosen)


def _amplified(order: Order, part: Steps, resolution_ns: int, random: np.random.Generator) -> Steps:
    if order.speed_up is not None:
        return amplify.speed_up(part, order.speed_up)
    interval_ns = amplify.arrival_interval_ns(part.start_ns, resolution_ns)
    return amplify.amplify(part, order.multiplier, interval_ns, random)


def _write(order: Order, learned: Learned, built: Built, part: Steps) -> None:
    out, traffic = order.out, built.traffic
    out.mkdir(parents=True, exist_ok=True)
    folder.write_json(out / TRAFFIC, traffic)
    folder.write_json(out / FIDELITY, built.fidelity)
    schedule_file.write(built.table, out / SESSIONS)
    folder.write_bytes(out / CURVE, _curve(built.steps).encode())
    folder.write_bytes(out / PICTURE, draw_replay(_figure(order, built, part)).encode())
    text = plan_text(
        traffic,
        name="replay",
        multiplier=order.factor,
        seed=order.seed,
        kinds=kinds_of(learned.sessions.steps, learned.sessions.asked),
    )
    folder.write_bytes(out / PLAN, text.encode())


def _curve(steps: Steps) -> str:
    minutes = np.bincount((steps.start_ns - steps.start_ns[0]) // (60 * _NS))
    return "minute,count\n" + "".join(f"{minute},{count}\n" for minute, count in enumerate(minutes))


def _figure(order: Order, built: Built, part: Steps) -> ReplayFigure:
    span_s = float(part.start_ns[-1] - part.start_ns[0]) / _NS
    step_s = next((step for step in (1, 10, 60, 600, 3600) if span_s / step <= _SHOWN_POINTS), 86400)
    before, after = mix_counts(part), mix_counts(built.steps)
    shares = zip(part.labels, before / before.sum(), after / after.sum(), strict=True)
    return ReplayFigure(
        what=order.words,
        step_s=step_s,
        log_per_s=_rates(part, part, step_s),
        replay_per_s=_rates(built.steps, part, step_s),
        normal_per_s=built.peak_per_s / order.factor,
        mix=[(label, float(log_share), float(share)) for label, log_share, share in shares][:_SHOWN_PATHS],
        log_think=_distribution(part.think_s),
        replay_think=_distribution(built.steps.think_s),
    )


def _rates(steps: Steps, log_steps: Steps, step_s: float) -> list[float]:
    slots = (steps.start_ns - log_steps.start_ns[0]) // int(step_s * _NS)
    # The last step is seldom a whole one and would look like a fall.
    size = max(int((log_steps.start_ns[-1] - log_steps.start_ns[0]) // int(step_s * _NS)), 1)
    return [float(rate) for rate in np.bincount(slots, minlength=size)[:size] / step_s]


def _distribution(seconds: Floats) -> list[tuple[float, float]]:
    shares = np.linspace(0, 1, 201)
    values = np.quantile(seconds, shares) if len(seconds) else np.zeros(len(shares))
    return [(float(at), float(share)) for at, share in zip(values, shares, strict=True)]


def _instant_ns(text: str) -> int:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise RehearsalError(
            f"{text!r} is no time: write one as 2026-11-10T20:00 (UTC) or with its zone."
        ) from None
    return int((at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp()) * _NS
