"""The faults of storage, caches and processes, and of crowds, O1 to O14: a row each."""

from chaos import toxics
from chaos.faults.canaries import Write, refused_by_database
from chaos.faults.composed import Definition
from chaos.faults.links import Drop, Poison
from chaos.faults.modes import Mode
from chaos.faults.processes import WORKER, Attack, Kill, Pause
from chaos.faults.site import Site
from rehearsal.model.faults import FaultKind

_SKEW_S = 5.0


def _skew(site: Site) -> dict[str, float]:
    """Let the run's seed say whether the clock is ahead or behind."""
    return {"s": site.random.choice((-_SKEW_S, _SKEW_S))}


OTHER_DEFINITIONS: dict[FaultKind, Definition] = {
    FaultKind.DATABASE_DOWN: Definition((Mode("regions", "database_down", {}),), canary=refused_by_database),
    FaultKind.DATABASE_SLOW: Definition((Mode("regions", "database_slow", {"ms": 300}),)),
    FaultKind.COMMIT_ANSWER_LOST: Definition(
        (Mode("regions", "commit_answer_lost", {"share": 0.3}),),
        canary=Write("commit_answer_lost", (500,), kept=True),
    ),
    FaultKind.CACHE_COLD: Definition(
        (Mode("regions", "cache_flush", {}), Mode("regions", "cache_off", {})),
    ),
    FaultKind.CACHE_STALE: Definition(
        (Mode("regions", "cache_frozen", {}), Poison(("sync_*",), (toxics.requests_frozen(),))),
    ),
    FaultKind.RESERVE_ANSWER_LOST: Definition((Mode("regions", "reserve_answer_lost", {"share": 0.3}),)),
    FaultKind.REGION_PAUSED: Definition((Pause("region"),)),
    FaultKind.RETRY_STORM: Definition(
        (
            Poison(("pay_authorize*", "pay_capture*"), (toxics.answers_late(3000, jitter_ms=1000),)),
            Mode("regions", "database_slow", {"ms": 300}),
        ),
    ),
    FaultKind.SLOW_CLIENTS: Definition((Attack("slow_clients"),)),
    FaultKind.BOTS: Definition((Attack("bots"),)),
    FaultKind.TOKEN_REPLAY: Definition((Attack("token_replay"),)),
    FaultKind.RECONNECT_STORM: Definition((Drop(("edge_*",)), Attack("reconnect_storm"))),
    FaultKind.CLOCK_SKEWED: Definition((Mode("region", "clock_offset", _skew),)),
    FaultKind.WORKER_KILLED: Definition((Kill(WORKER),)),
    FaultKind.DISK_FULL: Definition(
        (Mode("regions", "disk_full", {}),), canary=Write("disk_full", (503, 507), kept=False)
    ),
}
