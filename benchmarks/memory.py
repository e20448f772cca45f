"""Resident memory (RSS): for each 1,000 pooled users, and how it grows with time.

Memory does not depend on being undisturbed as speed does, so all tools run at once: ours on one core, the
peers and all targets on the other.
"""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import msgspec

from benchmarks import rig
from benchmarks.commands.catalogue import MEMORY, OURS
from benchmarks.commands.peer import Job, Kind, Peer
from benchmarks.figures import middle, slope
from benchmarks.settings import Bench

#: Requests a second of the long run: ours at the rate of the goal, the peers at one they hold for long
#: while they share a core.
RATES = {"ours": 5000, "k6": 1500, "fasthttpuser": 1500}
_SIZES = (100, 1100)
#: A slow server at a gentle rate: every pooled user has a request in flight, few requests are recorded.
_DELAY_S, _RATE_PER_S, _AFTER_S, _UNTIL_S = 6.0, 250, 4.8, 5.8
_MB = 1e6
_T = TypeVar("_T")


class Users(msgspec.Struct, frozen=True, kw_only=True):
    """Memory with few and many users, all with a request in flight, in MB."""

    mb_by_users: dict[str, float] = {}
    mb_per_1000: float | None = None
    failed: str = ""


class Soak(msgspec.Struct, frozen=True, kw_only=True):
    """Memory over time: `samples` are (seconds since the first request, MB)."""

    rate_per_s: int = 0
    arrived_per_s: float | None = None
    samples: list[tuple[float, float]] = []
    mb_per_min: float | None = None
    mb_per_million_requests: float | None = None
    end_mb: float | None = None
    failed: str = ""


class Memory(msgspec.Struct, frozen=True, kw_only=True):
    """Both measurements of every tool."""

    users: dict[str, Users]
    soak: dict[str, Soak]


def run(bench: Bench) -> Memory:
    """Measure ours and the peers."""
    users = _all_at_once(lambda peer: _users(bench, peer))
    bench.say("memory: " + ", ".join(f"{name} {_mb(done.mb_per_1000)}" for name, done in users.items()))
    soak = _all_at_once(lambda peer: _soak(bench, peer))
    return Memory(users=users, soak=soak)


def growth(samples: list[tuple[float, float]], settle_s: float, rate_per_s: float) -> Soak:
    """Return the slope of samples past `settle_s`, a minute and a million requests."""
    settled = [(at_s / 60.0, mb) for at_s, mb in samples if at_s >= settle_s]
    per_min = slope(settled)
    if per_min is None:
        return Soak(samples=samples, failed="too few samples for a slope")
    return Soak(
        samples=samples,
        arrived_per_s=round(rate_per_s, 1),
        mb_per_min=round(per_min, 3),
        mb_per_million_requests=round(per_min / (rate_per_s * 60.0) * 1e6, 2) if rate_per_s else None,
        end_mb=round(samples[-1][1], 2),
    )


def _all_at_once(measure: Callable[[Peer], _T]) -> dict[str, _T]:
    peers = (OURS, *MEMORY)
    with ThreadPoolExecutor(len(peers)) as pool:
        return {peer.name: done for peer, done in zip(peers, pool.map(measure, peers), strict=True)}


def _core(peer: Peer) -> int:
    return rig.cores()[0 if peer is OURS else 1]


def _users(bench: Bench, peer: Peer) -> Users:
    try:
        found = {str(size): round(_with_users(bench, peer, size), 2) for size in _SIZES}
    except rig.Failed as failure:
        return Users(failed=str(failure))
    few, many = found.values()
    return Users(mb_by_users=found, mb_per_1000=round((many - few) * 1000 / (_SIZES[1] - _SIZES[0]), 2))


def _with_users(bench: Bench, peer: Peer, size: int) -> float:
    with rig.target("--delay", f"{_DELAY_S:g}") as server:
        job = Job(
            kind=Kind.SOAK,
            url=server.url,
            users=size,
            seconds=60.0,
            rate_per_s=_RATE_PER_S,
            output=bench.folder / f"users-{peer.name}-{size}.json",
        )
        with rig.generator(peer, job, _core(peer)) as tool:
            tool.await_first(server)
            time.sleep(_AFTER_S)
            found = middle([mb for _, mb in _sample(tool, _UNTIL_S - _AFTER_S, 0.25)])
            if not found:
                raise rig.Failed(f"{peer.title} ended too early")
            return found


def _soak(bench: Bench, peer: Peer) -> Soak:
    settings, rate = bench.settings, RATES[peer.name]
    try:
        with rig.target() as server:
            job = Job(
                kind=Kind.SOAK,
                url=server.url,
                users=settings.clean_users,
                seconds=settings.memory_seconds + 60.0,
                rate_per_s=rate,
                output=bench.folder / f"soak-{peer.name}.json",
            )
            with rig.generator(peer, job, _core(peer)) as tool:
                tool.await_first(server)
                samples = _sample(tool, settings.memory_seconds, settings.memory_every_s)
                count = server.count()
    except rig.Failed as failure:
        return Soak(rate_per_s=rate, failed=str(failure))
    arrived_per_s = count.requests * 1e9 / (count.now_ns - count.first_ns)
    done = msgspec.structs.replace(growth(samples, settings.memory_settle_s, arrived_per_s), rate_per_s=rate)
    bench.say(f"memory over time: {peer.title} at {arrived_per_s:,.0f}/s {_mb(done.mb_per_min)} a minute")
    return done


def _sample(tool: rig.Generator, for_s: float, every_s: float) -> list[tuple[float, float]]:
    start = time.monotonic()
    samples: list[tuple[float, float]] = []
    while (at_s := time.monotonic() - start) < for_s and not tool.over:
        samples.append((round(at_s, 2), round(tool.rss_bytes() / _MB, 3)))
        time.sleep(every_s)
    return samples


def _mb(value: float | None) -> str:
    return "no figure" if value is None else f"{value:,.2f} MB"
