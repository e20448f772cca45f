"""The highest scheduled rate on one core that is still clean, one request an arrival.

Clean, for every tool alike: the target saw every scheduled request, refused none, the tool says it dropped
none, and the p99 of the requests' lag at the target (see `lag`) is below 10 ms past the first second, in
which connections are opened.
"""

import time
from collections.abc import Callable

import msgspec

from benchmarks import lag, rig
from benchmarks.commands.catalogue import CLEAN_RATE, OURS
from benchmarks.commands.peer import Job, Kind, Peer
from benchmarks.figures import middle
from benchmarks.search import highest
from benchmarks.settings import Bench

LAG_P99_MS = 10.0
_SKIP_S = 1.0
#: k6 counts its rate over the duration and may leave out the arrival that falls on its end.
_ON_THE_EDGE = 1
#: No goal speaks of it and it is far behind: one search will do.
_ONCE = {"httpuser"}
#: Where a first search starts, in requests a second: at a rate each tool is known to hold.
_FIRST = {"ours": 14_000, "k6": 2_000, "fasthttpuser": 3_000, "httpuser": 600}


class Attempt(msgspec.Struct, frozen=True, kw_only=True):
    """One run at one rate, as the target saw it; `own_lag_p99_ms` and `said_dropped` are the tool's words."""

    rate_per_s: int
    seconds: float
    planned: int
    arrived: int = 0
    refused: int = 0
    said_dropped: int | None = None
    lag_p99_ms: float | None = None
    own_lag_p99_ms: float | None = None
    others_cpu: float | None = None
    failed: str = ""

    @property
    def clean(self) -> bool:
        """Tell whether the rate was held."""
        complete = self.arrived >= self.planned - _ON_THE_EDGE and not self.said_dropped and not self.refused
        return complete and self.lag_p99_ms is not None and self.lag_p99_ms < LAG_P99_MS


class Search(msgspec.Struct, frozen=True, kw_only=True):
    """One search for one tool. `confirmed`: the rate held for the full time, not only in short probes."""

    rate_per_s: int | None = None
    confirmed: bool = False
    attempts: list[Attempt] = []
    failed: str = ""


Searches = dict[str, list[Search]]


def run(bench: Bench) -> Searches:
    """Search for each tool that can keep a schedule, in interleaved rounds, within the time budget."""
    peers = [OURS, *(peer for peer in CLEAN_RATE if Kind.CLEAN in peer.commands)]
    found: Searches = {peer.name: [] for peer in peers}
    rounds = range(bench.settings.clean_rounds)
    turns = [(number, peer) for number in rounds for peer in peers if not number or peer.name not in _ONCE]
    end = time.monotonic() + bench.settings.clean_budget_s
    for done, (number, peer) in enumerate(turns):
        # An equal share of what is left, so that a slow search cannot take another's time.
        share_s = (end - time.monotonic()) / (len(turns) - done)
        search = _search(bench, peer, per_s(found[peer.name]), share_s)
        found[peer.name].append(search)
        figure = f"{search.rate_per_s:,}/s" if search.rate_per_s else search.failed or "none"
        bench.say(f"clean rate, round {number + 1}: {peer.title} {figure}")
    return found


def per_s(searches: list[Search]) -> float | None:
    """Return the median of the rates found."""
    return middle([search.rate_per_s for search in searches if search.rate_per_s is not None])


def _search(bench: Bench, peer: Peer, known: float | None, share_s: float) -> Search:
    if reason := rig.why_not(peer, Kind.CLEAN):
        return Search(failed=reason)
    settings = bench.settings
    end = time.monotonic() + share_s
    attempts: list[Attempt] = []

    def probe_for(seconds: float) -> Callable[[int], bool]:
        def probe(rate: int) -> bool:
            attempts.append(attempt(bench, peer, rate, seconds))
            return attempts[-1].clean

        return probe

    limits = settings.clean_limits
    if known:
        limits = msgspec.structs.replace(limits, grow=1.0 + 2 * limits.tolerance)
    rate = highest(
        probe_for(settings.clean_probe_s),
        probe_for(settings.clean_confirm_s),
        round(known or _FIRST[peer.name]),
        limits,
        over=lambda: time.monotonic() > end,
    )
    confirmed = any(
        done.clean and done.rate_per_s == rate and done.seconds == settings.clean_confirm_s
        for done in attempts
    )
    failed = "" if rate else (attempts[-1].failed if attempts else "") or "no rate was clean"
    return Search(rate_per_s=rate, confirmed=confirmed, attempts=attempts, failed=failed)


def attempt(bench: Bench, peer: Peer, rate: int, seconds: float) -> Attempt:
    """Run one tool at one rate and hold what arrived against the schedule."""
    planned = round(rate * seconds)
    done = Attempt(rate_per_s=rate, seconds=seconds, planned=planned)
    try:
        with rig.target("--arrivals") as server:
            job = Job(
                kind=Kind.CLEAN,
                url=server.url,
                users=bench.settings.clean_users,
                seconds=seconds,
                rate_per_s=rate,
                output=bench.folder / f"clean-{peer.name}.json",
            )
            with rig.generator(peer, job) as tool:
                tool.await_first(server)
                others_cpu = _others(server, tool, seconds / 2)
                tool.await_end(2 * seconds + 15.0)
                said = tool.said()
            arrivals = server.arrivals_ns()
            lag_ms = lag.p99_ms(arrivals, rate, skip_s=_SKIP_S)
            done = msgspec.structs.replace(
                done,
                arrived=len(arrivals),
                refused=server.count().refused,
                said_dropped=said.dropped,
                lag_p99_ms=None if lag_ms is None else round(lag_ms, 3),
                own_lag_p99_ms=said.lag_p99_ms,
                others_cpu=others_cpu,
            )
    except rig.Failed as failure:
        done = msgspec.structs.replace(done, failed=str(failure))
    bench.say(f"  {peer.title} {rate:,}/s for {seconds:g} s: {_outcome(done)}")
    return done


def _others(server: rig.Target, tool: rig.Generator, for_s: float) -> float:
    """Return what neither side used while both were at work, in cores: how disturbed the machine was."""
    start, before = time.monotonic(), rig.busy_s() - tool.cpu_s() - server.cpu_s()
    time.sleep(for_s)
    used_s = rig.busy_s() - tool.cpu_s() - server.cpu_s() - before
    return round(max(0.0, used_s / (time.monotonic() - start)), 3)


def _outcome(done: Attempt) -> str:
    if done.failed:
        return done.failed
    missing = done.planned - done.arrived
    return f"{'clean' if done.clean else 'not clean'}, lag p99 {done.lag_p99_ms} ms, {missing} missing"
