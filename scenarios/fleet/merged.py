"""The progress of several load processes as that of one. Pure."""

from collections.abc import Sequence

from rehearsal.model.clock import NS_PER_MS
from scenarios.fleet.member import Member
from scenarios.load_order import Progress

#: Workers speak each quarter second; one that is silent for longer may be late by as much as it is silent.
_HUSH_MS = 1000.0


def merged(members: Sequence[Member], *, state: str, at_s: float, now_ns: int, note: str = "") -> Progress:
    """Return sums over all members, and of shares and times what the living ones say.

    A percentile of percentiles is none: those given are the worst of the workers', upper bounds.
    """
    living = [member for member in members if not member.lost]
    said = [member.progress for member in living]
    rate = sum(progress.requests_per_s for progress in said)
    good = sum(progress.requests_per_s * progress.good_share for progress in said)
    return Progress(
        state=state,
        at_s=at_s,
        started=sum(member.progress.started for member in members),
        dropped=sum(member.progress.dropped for member in members),
        in_flight=sum(progress.in_flight for progress in said),
        requests_per_s=rate,
        good_share=good / rate if rate else 1.0,
        p95_ms=max((progress.p95_ms for progress in said), default=0.0),
        p99_ms=max((progress.p99_ms for progress in said), default=0.0),
        service_p95_ms=max((progress.service_p95_ms for progress in said), default=0.0),
        lag_ms=max((_lag_ms(member, now_ns) for member in living), default=0.0),
        workers=len(members),
        alive=len(living),
        # Shares of all their requests: exact, where a percentile of percentiles would not be.
        watched=sum(progress.watched for progress in said),
        watched_bad=sum(progress.watched_bad for progress in said),
        watched_slow=sum(progress.watched_slow for progress in said),
        note=note,
    )


def _lag_ms(member: Member, now_ns: int) -> float:
    silent_ms = (now_ns - member.heard_ns) / NS_PER_MS
    return max(member.progress.lag_ms, silent_ms if silent_ms > _HUSH_MS and not member.done else 0.0)
