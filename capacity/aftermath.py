"""What shoppers saw of each fault, besides the time to recover: a finding a measure and fault."""

from functools import partial

from capacity.amplification import judge_amplification
from capacity.attacks import judge_attack
from capacity.detect import judge_detection
from capacity.failback import judge_failback
from capacity.fault_windows import Drill
from capacity.metastable import judge_metastability
from capacity.resiliency import cells_of, judge_function, judged_cells, judged_window
from capacity.rpo import judge_lost_orders
from capacity.scene import Scene
from capacity.stale_clients import judge_stale_clients
from rehearsal.model.timeline import Window
from rehearsal.model.verdict import Finding

#: Later than anything in a history.
_FOR_EVER_NS = 2**62


def judge_aftermath(scene: Scene) -> tuple[Finding, ...]:
    """Return for each fault recovery.<fault>.detect, .lost_orders, .failback, .stale_clients and others.

    The measures say themselves what they need; one that a fault does not have is left out. Of a stranger's
    locustfile only metastability is judged: nobody knows its steps.
    """
    findings: list[Finding | None] = []
    for drill in scene.drills:
        if scene.by_step:
            findings += _by_step(scene, drill)
        stays = partial(judge_metastability, drill=drill, due_ns=scene.due_ns, by_step=scene.by_step)
        findings.append(scene.of_requests(stays, drill.window))
    return tuple(finding for finding in findings if finding)


def judge_matrix(scene: Scene) -> tuple[Finding, ...]:
    """Return resilience.<fault>.<function> for each cell of the matrix that says something."""
    if not scene.by_step:
        return ()
    findings = [
        scene.of_asks(
            partial(judge_function, drill=drill, function=cell.function, usual=scene.usual),
            judged_window(drill),
        )
        for drill in scene.drills
        for cell in judged_cells(cells_of(scene.asks, drill, scene.usual))
    ]
    return tuple(finding for finding in findings if finding)


def judge_attacks(scene: Scene) -> tuple[Finding, ...]:
    """Return attack.<kind> for each attack of the plan."""
    if not scene.by_step:
        return ()
    findings = [
        scene.of_asks(partial(judge_attack, drill=drill, usual=scene.usual), drill.held)
        for drill in scene.drills
    ]
    return tuple(finding for finding in findings if finding)


def _by_step(scene: Scene, drill: Drill) -> tuple[Finding | None, ...]:
    calls, orders = scene.readings.calls, scene.readings.orders
    amplification = partial(judge_amplification, drill=drill, drills=scene.drills, calls=calls)
    return (
        scene.of_asks(partial(judge_detection, drill=drill, usual=scene.usual), drill.held),
        judge_lost_orders(scene.requests, drill=drill, acknowledged=_before(scene, drill), orders=orders),
        scene.of_requests(partial(judge_failback, drill=drill), drill.window),
        scene.of_requests(partial(judge_stale_clients, drill=drill), drill.held),
        scene.of_requests(amplification, Window(drill.inject_ns, drill.until_ns)),
    )


def _before(scene: Scene, drill: Drill) -> Window:
    """Return the time from the healing of the fault before to this one's; to the end, of the last."""
    earlier = [other.heal_ns for other in scene.drills if other.heal_ns < drill.heal_ns]
    is_last = drill == scene.drills[-1]
    return Window(max(earlier, default=0), _FOR_EVER_NS if is_last else drill.heal_ns)
