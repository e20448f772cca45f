"""`results/latest.json`: ratios and errors where they are looked for, everything raw beneath.

A figure that could not be measured is null and `why` says why: under the same path, with dots. `others_cpu`
is what processes of neither side used, in cores: much above 0.1 and the figures are not to be quoted.
"""

from collections.abc import Iterable, Mapping

import msgspec

from benchmarks.clean_rate import Attempt, Searches
from benchmarks.clean_rate import per_s as clean_per_s
from benchmarks.closed_loop import Round, Rounds, cpu_us
from benchmarks.closed_loop import per_s as closed_per_s
from benchmarks.commands.catalogue import CLEAN_RATE, CLOSED_LOOP, FREEZE, MEMORY, OURS
from benchmarks.commands.peer import Kind, Peer
from benchmarks.figures import middle, ratio
from benchmarks.freeze import Frozen, nearest_told
from benchmarks.memory import Memory, Soak, Users

NOT_RUN = "not run this time"
Figures = dict[str, float | None]


class Raw(msgspec.Struct, frozen=True, kw_only=True):
    """What was measured, round by round. None: that benchmark was not run."""

    closed_loop: Rounds | None = None
    clean_rate: Searches | None = None
    freeze: dict[str, Frozen] | None = None
    memory: Memory | None = None


class Freeze(msgspec.Struct, frozen=True, kw_only=True):
    """Ours, and the peers', as fractions of the truth."""

    p95_error: float | None
    p99_error: float | None
    peers: dict[str, Figures]


class Held(msgspec.Struct, frozen=True, kw_only=True):
    """Memory of one tool, in MB of resident memory."""

    mb_per_1000_users: float | None
    mb_per_min: float | None
    mb_per_million_requests: float | None
    end_mb: float | None
    rate_per_s: int


class Document(msgspec.Struct, frozen=True, kw_only=True):
    """The file. `closed_loop` and `clean_rate`: ours ÷ theirs, and our own rate as `ours_per_s`."""

    schema: int = 1
    date: str
    form: str
    seconds: float
    machine: dict[str, str | int | float]
    versions: dict[str, str | None]
    closed_loop: Figures
    clean_rate: Figures
    freeze: Freeze
    memory: dict[str, Held]
    per_s: dict[str, Figures]
    cpu_us_per_request: Figures
    limits: dict[str, str]
    others_cpu: float | None
    why: dict[str, str]
    notes: dict[str, str]
    raw: Raw


class Circumstances(msgspec.Struct, frozen=True, kw_only=True):
    """When, how and on what it was measured."""

    date: str
    form: str
    seconds: float
    machine: dict[str, str | int | float]
    versions: dict[str, str | None]


def document(raw: Raw, about: Circumstances) -> Document:
    """Work the figures out of what was measured."""
    closed = {name: closed_per_s(rounds) for name, rounds in (raw.closed_loop or {}).items()}
    clean = {name: clean_per_s(found) for name, found in (raw.clean_rate or {}).items()}
    peers = {peer.name: peer for peer in (*CLOSED_LOOP, *FREEZE)}
    return Document(
        **msgspec.structs.asdict(about),
        closed_loop=_ratios(closed, CLOSED_LOOP),
        clean_rate=_ratios(clean, CLEAN_RATE),
        freeze=_freeze(raw.freeze or {}),
        memory=_memory(raw.memory),
        per_s={"closed_loop": dict(closed), "clean_rate": dict(clean)},
        cpu_us_per_request={name: cpu_us(rounds) for name, rounds in (raw.closed_loop or {}).items()},
        limits={name: _limit(rounds) for name, rounds in (raw.closed_loop or {}).items()},
        others_cpu=_others(raw),
        why=_why(raw),
        notes={name: peer.note for name, peer in peers.items() if peer.note},
        raw=raw,
    )


def _ratios(per_s: Mapping[str, float | None], peers: Iterable[Peer]) -> Figures:
    ours = per_s.get(OURS.name)
    return {peer.name: ratio(ours, per_s.get(peer.name)) for peer in peers} | {"ours_per_s": ours}


def _freeze(done: Mapping[str, Frozen]) -> Freeze:
    none = Frozen()
    own = done.get(OURS.name, none)
    peers = {peer.name: done.get(peer.name, none) for peer in FREEZE}
    return Freeze(
        p95_error=own.error("p95"),
        p99_error=own.error("p99"),
        peers={
            name: {"p95_error": frozen.error("p95"), "p99_error": frozen.error("p99")}
            for name, frozen in peers.items()
        },
    )


def _memory(raw: Memory | None) -> dict[str, Held]:
    found: dict[str, Held] = {}
    for name in (peer.name for peer in (OURS, *MEMORY)):
        users = raw.users[name] if raw else Users()
        soak = raw.soak[name] if raw else Soak()
        found[name] = Held(
            mb_per_1000_users=users.mb_per_1000,
            mb_per_min=soak.mb_per_min,
            mb_per_million_requests=soak.mb_per_million_requests,
            end_mb=soak.end_mb,
            rate_per_s=soak.rate_per_s,
        )
    return found


def _limit(rounds: list[Round]) -> str:
    """Return which side was the limit in most rounds that gave a figure."""
    limits = [done.limit for done in rounds if done.per_s is not None]
    return max(sorted(set(limits)), key=limits.count) if limits else "unknown"


def _others(raw: Raw) -> float | None:
    """Return the median of what strangers took from the machine meanwhile, in cores."""
    rounds = [done for found in (raw.closed_loop or {}).values() for done in found]
    searches = [search for found in (raw.clean_rate or {}).values() for search in found]
    seen: list[Round | Attempt] = [*rounds, *(done for search in searches for done in search.attempts)]
    return middle([done.others_cpu for done in seen if done.others_cpu is not None])


def _why(raw: Raw) -> dict[str, str]:
    why: dict[str, str] = {}
    for peer in (OURS, *CLOSED_LOOP):
        rounds = (raw.closed_loop or {}).get(peer.name)
        if not rounds or closed_per_s(rounds) is None:
            why[f"closed_loop.{peer.name}"] = rounds[-1].failed if rounds else NOT_RUN
    for peer in (OURS, *CLEAN_RATE):
        found = (raw.clean_rate or {}).get(peer.name)
        if not found or clean_per_s(found) is None:
            why[f"clean_rate.{peer.name}"] = peer.cannot.get(Kind.CLEAN) or (
                found[-1].failed if found else NOT_RUN
            )
    return why | _why_freeze(raw.freeze or {}) | _why_memory(raw.memory)


def _why_freeze(done: Mapping[str, Frozen]) -> dict[str, str]:
    why: dict[str, str] = {}
    for name in (peer.name for peer in (OURS, *FREEZE)):
        for key in ("p95", "p99"):
            frozen = done.get(name)
            if frozen is None:
                why[f"freeze.{name}.{key}_error"] = NOT_RUN
            elif frozen.error(key) is None:
                why[f"freeze.{name}.{key}_error"] = nearest_told(frozen, key)
    return why


def _why_memory(raw: Memory | None) -> dict[str, str]:
    if raw is None:
        return {f"memory.{peer.name}": NOT_RUN for peer in (OURS, *MEMORY)}
    failed = {name: users.failed or raw.soak[name].failed for name, users in raw.users.items()}
    return {f"memory.{name}": reason for name, reason in failed.items() if reason}
