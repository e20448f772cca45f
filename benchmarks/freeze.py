"""200 requests a second for 30 s, the server standing still for 2 s of them: whose percentiles are true."""

import contextlib
from concurrent.futures import ThreadPoolExecutor

import msgspec

from benchmarks import rig
from benchmarks.commands.catalogue import FREEZE, OURS
from benchmarks.commands.peer import Job, Kind, Peer
from benchmarks.figures import error, percentile
from benchmarks.settings import Bench
from benchmarks.truth import NS_PER_MS, even_due_ns, responses_ns

#: What a request behind the freeze costs the target itself: 400 new connections, each with a request waiting,
#: were accepted and answered in 27 to 36 microseconds each. The lower end, so that no generator is flattered.
SERVICE_NS = 25_000
#: Locust and autocannon as their documentation has it: few users, each at a share of the rate.
_FEW = {"fasthttpuser": 100, "autocannon": 50}
#: Shares of requests, and the names they go by.
SHARES = {"p50": 0.5, "p90": 0.9, "p95": 0.95, "p97_5": 0.975, "p99": 0.99}


class Frozen(msgspec.Struct, frozen=True, kw_only=True):
    """One tool's run: `measured_ms` is what it says, `truth_ms` what a perfect client would have said."""

    planned: int = 0
    arrived: int = 0
    measured_ms: dict[str, float] = {}
    truth_ms: dict[str, float] = {}
    frozen_from_s: float | None = None
    frozen_for_s: float | None = None
    failed: str = ""

    def error(self, name: str) -> float | None:
        """Return the error of a percentile as a fraction of the truth, None if the tool does not tell it."""
        return error(self.measured_ms.get(name), self.truth_ms[name]) if self.truth_ms else None


def run(bench: Bench) -> dict[str, Frozen]:
    """Run ours and the peers; in the quick form all at once, each with a target of its own."""
    peers = (OURS, *FREEZE)
    if not bench.settings.freeze_together:
        return {peer.name: _run(bench, peer) for peer in peers}
    with ThreadPoolExecutor(len(peers)) as pool:
        done = pool.map(lambda peer: _run(bench, peer), peers)
        return {peer.name: frozen for peer, frozen in zip(peers, done, strict=True)}


def truth_ms(rate_per_s: int, seconds: float, frozen_ns: tuple[int, int]) -> dict[str, float]:
    """Return a schedule's true percentiles, in milliseconds, under a freeze `frozen_ns` from its start."""
    responses = responses_ns(even_due_ns(rate_per_s, seconds), frozen_ns, SERVICE_NS)
    return {name: round(percentile(responses, share) / NS_PER_MS, 3) for name, share in SHARES.items()}


def _run(bench: Bench, peer: Peer) -> Frozen:
    settings = bench.settings
    rate, seconds = settings.freeze_rate_per_s, settings.freeze_seconds
    # Between two due times, so that it cannot matter on which side of one the freeze falls.
    at_s = settings.freeze_at_s + 0.5 / rate
    options = ("--freeze-at", f"{at_s:.6f}", "--freeze-for", f"{settings.freeze_for_s:g}")
    done = Frozen(planned=round(rate * seconds))
    try:
        with contextlib.ExitStack() as stack:
            server = stack.enter_context(rig.target(*options))
            job = Job(
                kind=Kind.FREEZE,
                url=server.url,
                users=_FEW.get(peer.name, settings.freeze_users),
                seconds=seconds,
                rate_per_s=rate,
                output=bench.folder / f"freeze-{peer.name}.json",
            )
            tool = stack.enter_context(rig.generator(peer, job))
            tool.await_first(server)
            tool.await_end(seconds + 20.0)
            done = _compare(done, server.count(), tool.said().percentiles_ms, settings.freeze_rate_per_s)
    except rig.Failed as failure:
        done = msgspec.structs.replace(done, failed=str(failure))
    bench.say(f"freeze: {peer.title} {_outcome(done)}")
    return done


def _compare(done: Frozen, count: rig.Count, measured_ms: dict[str, float], rate: int) -> Frozen:
    if not count.frozen:
        raise rig.Failed("the server was never frozen: the tool ended too early")
    start_ns, end_ns = (instant - count.first_ns for instant in count.frozen[0])
    return msgspec.structs.replace(
        done,
        arrived=count.requests,
        measured_ms={name: round(value, 3) for name, value in measured_ms.items()},
        truth_ms=truth_ms(rate, done.planned / rate, (start_ns, end_ns)),
        frozen_from_s=round(start_ns / 1e9, 4),
        frozen_for_s=round((end_ns - start_ns) / 1e9, 4),
    )


def _outcome(done: Frozen) -> str:
    if done.failed:
        return done.failed
    said = ", ".join(
        f"{name} {done.measured_ms[name]:,.0f} (true {done.truth_ms[name]:,.0f}) ms"
        for name in SHARES
        if name in done.measured_ms
    )
    return f"{said}; {done.arrived:,} of {done.planned:,} arrived"


def nearest_told(done: Frozen, name: str) -> str:
    """Return why a percentile is missing, with those the tool tells instead."""
    told = ", ".join(done.measured_ms)
    return f"the tool does not tell {name}; it tells {told}" if told else done.failed
