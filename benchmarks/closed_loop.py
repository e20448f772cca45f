"""Requests a second on one core with visits back to back, as the target counted them in a steady window."""

import time

import msgspec

from benchmarks import rig
from benchmarks.commands.catalogue import CLOSED_LOOP, OURS
from benchmarks.commands.peer import Job, Kind, Peer
from benchmarks.figures import middle
from benchmarks.settings import Bench

#: A core counts as used up from this share of it on.
BUSY = 0.93


class Round(msgspec.Struct, frozen=True, kw_only=True):
    """One tool in one round. CPU is in cores, `others_cpu` what neither side used; `failed` says why not."""

    per_s: float | None = None
    generator_cpu: float | None = None
    target_cpu: float | None = None
    others_cpu: float | None = None
    refused: int = 0
    failed: str = ""

    @property
    def cpu_us(self) -> float | None:
        """Return the generator's processor time for a request, in microseconds.

        A neighbour who takes the core away costs requests a second; it hardly moves this.
        """
        return self.generator_cpu / self.per_s * 1e6 if self.generator_cpu and self.per_s else None

    @property
    def limit(self) -> str:
        """Return which side used its core up: `generator`, `target`, `both` or `neither`."""
        generator, target = (cpu is not None and cpu >= BUSY for cpu in (self.generator_cpu, self.target_cpu))
        if generator and target:
            return "both"
        return "generator" if generator else "target" if target else "neither"


Rounds = dict[str, list[Round]]


def run(bench: Bench) -> Rounds:
    """Measure all tools, ours first, in interleaved rounds."""
    peers = (OURS, *CLOSED_LOOP)
    rounds: Rounds = {peer.name: [] for peer in peers}
    for number in range(bench.settings.closed_rounds):
        for peer in peers:
            done = _round(bench, peer)
            rounds[peer.name].append(done)
            figure = f"{done.per_s:,.0f}/s" if done.per_s else done.failed
            bench.say(f"closed loop, round {number + 1}: {peer.title} {figure}")
    return rounds


def per_s(rounds: list[Round]) -> float | None:
    """Return the median rate of the rounds that gave one."""
    found = middle([done.per_s for done in rounds if done.per_s is not None])
    return None if found is None else round(found, 1)


def cpu_us(rounds: list[Round]) -> float | None:
    """Return the median processor time for a request, in microseconds to one digit."""
    found = middle([done.cpu_us for done in rounds if done.cpu_us is not None])
    return None if found is None else round(found, 1)


def _round(bench: Bench, peer: Peer) -> Round:
    settings = bench.settings
    seconds = settings.closed_warm_s + settings.closed_window_s + 60.0
    try:
        with rig.target() as server:
            job = Job(
                kind=Kind.CLOSED,
                url=server.url,
                users=settings.closed_users,
                seconds=seconds,
                output=bench.folder / f"closed-{peer.name}.json",
            )
            with rig.generator(peer, job) as tool:
                tool.await_first(server)
                time.sleep(settings.closed_warm_s)
                return _window(server, tool, settings.closed_window_s)
    except rig.Failed as failure:
        return Round(failed=str(failure))


def _window(server: rig.Target, tool: rig.Generator, window_s: float) -> Round:
    before, used = server.count(), _used(server, tool)
    time.sleep(window_s)
    after, now_used = server.count(), _used(server, tool)
    passed_s = (after.now_ns - before.now_ns) / 1e9
    generator, target, everybody = ((now - then) / passed_s for now, then in zip(now_used, used, strict=True))
    return Round(
        per_s=round((after.requests - before.requests) / passed_s, 1),
        generator_cpu=round(generator, 3),
        target_cpu=round(target, 3),
        others_cpu=round(max(0.0, everybody - generator - target), 3),
        refused=after.refused,
        failed="" if not after.refused else f"the target refused {after.refused} requests",
    )


def _used(server: rig.Target, tool: rig.Generator) -> tuple[float, float, float]:
    return tool.cpu_s(), server.cpu_s(), rig.busy_s()
