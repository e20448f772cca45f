"""A region's faults, R1 to R11: a row each."""

from typing import Any

from chaos import toxics
from chaos.faults.canaries import Led, Write
from chaos.faults.composed import Definition
from chaos.faults.links import Disable, Flap, Poison
from chaos.faults.modes import Mode
from chaos.faults.processes import Kill, led_to
from chaos.faults.site import Site
from rehearsal.model.faults import FaultKind

_EDGE, _CALLBACK = "edge_{region}", "callback_{region}"
_STALE_SHARE = 0.2
_LOST = (Disable((_EDGE, _CALLBACK)), Kill("region"))


def _stale(site: Site) -> dict[str, Any]:
    return {"share": _STALE_SHARE, "region": site.fault.region}


REGION_DEFINITIONS: dict[FaultKind, Definition] = {
    FaultKind.REGION_KILLED: Definition(_LOST),
    FaultKind.REGION_PARTITIONED: Definition(
        (Poison((_EDGE, _CALLBACK, "sync_*"), (toxics.requests_lost(),)),), healed=led_to
    ),
    FaultKind.REPLICATION_CUT: Definition((Poison(("sync_*",), (toxics.requests_lost(),)),)),
    FaultKind.ROUTING_STALE: Definition((*_LOST, Mode("director", "stale", _stale)), canary=Led(1, 20)),
    # Nobody but the other region is left: a canary waits for the director to have noticed.
    FaultKind.SURVIVOR_OVERLOADED: Definition(_LOST, canary=Led(0, 0)),
    FaultKind.REGION_SLOW: Definition(
        (Poison((_EDGE,), (toxics.answers_late(800, jitter_ms=200),)),), healed=led_to
    ),
    FaultKind.REGION_FLAPPING: Definition((Flap((_EDGE,)),), healed=led_to),
    FaultKind.REGION_FAILBACK: Definition(_LOST, canary=Led(0, 0), healed=Led(1, 40)),
    FaultKind.REGION_CUTOVER: Definition(
        (
            Mode("region", "write_ban", {"share": 0.25}),
            Poison(("sync_*",), (toxics.requests_late(5000),)),
        ),
        canary=Write("write_ban", (503,)),
    ),
    FaultKind.REGION_DEPENDENCY_LOST: Definition((Disable((_CALLBACK, "sync_{region}")),)),
    FaultKind.ZONE_LOST: Definition((Mode("region", "zone_lost", {"share": 0.34}),)),
}
