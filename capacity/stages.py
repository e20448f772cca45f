"""The phases and plans of a drill that have a judge of their own: limits, overload, contingency plans."""

from functools import partial

import polars as pl

from capacity.contingencies import judge_contingency
from capacity.limit import judge_limit
from capacity.scene import Scene
from capacity.shed import judge_shedding
from rehearsal.model.history import Kind
from rehearsal.model.plan import Phase, PhaseKind
from rehearsal.model.timeline import Window
from rehearsal.model.verdict import Finding


def judge_limits(scene: Scene) -> tuple[Finding, ...]:
    """Return limit.<phase> for each phase of kind limit."""
    slo = scene.plan.slo.get(PhaseKind.LIMIT)
    return tuple(
        judge_limit(scene.requests, scene.due_ns, placed=placed, slo=slo, starved=scene.starved)
        for placed in _phases(scene, PhaseKind.LIMIT)
    )


def judge_sheds(scene: Scene) -> tuple[Finding, ...]:
    """Return shed.<phase> for each phase of kind shed."""
    slo = scene.plan.slo.get(PhaseKind.SHED)
    findings = [
        scene.of_requests(partial(judge_shedding, phase=phase.name, slo=slo), window)
        for phase, window in _phases(scene, PhaseKind.SHED)
    ]
    return tuple(finding for finding in findings if finding)


def judge_contingencies(scene: Scene) -> tuple[Finding, ...]:
    """Return contingency.<name> for each contingency plan."""
    steps = scene.frame.filter(pl.col("kind") == Kind.PLAN_B)
    findings = [
        scene.of_requests(
            partial(
                judge_contingency,
                contingency=contingency,
                steps=steps,
                drills=scene.drills,
                timeline=scene.timeline,
            ),
            scene.timeline.window_of(contingency.phase),
        )
        for contingency in scene.plan.contingencies
    ]
    return tuple(finding for finding in findings if finding)


def _phases(scene: Scene, kind: PhaseKind) -> list[tuple[Phase, Window]]:
    placed = zip(scene.timeline.phases, scene.timeline.windows, strict=True)
    return [(phase, window) for phase, window in placed if phase.kind is kind]
