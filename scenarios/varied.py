"""What orders have on them and in them at each time of a run: promotion rules stacked, different products."""

from bisect import bisect_right
from collections.abc import Iterable

from rehearsal.model.plan import Phase
from rehearsal.model.timeline import Timeline

#: A phase's start (ns since the origin), the rules on an order, the products in a cart.
Stage = tuple[int, int, int]

#: What every order has where a plan says nothing of it: no rule, one product.
USUAL = (0, 1)


class Varied:
    """The stages of a run, in order; while a search goes on more are added at its end."""

    def __init__(self, stages: Iterable[Stage] = ()) -> None:
        """Take the stages that are known; before the first every order is as usual."""
        self._stages: list[Stage] = []
        self.extend(stages)

    def extend(self, stages: Iterable[Stage]) -> None:
        """Take more stages, each no earlier than the last; ValueError if one is."""
        for stage in stages:
            if self._stages and stage[0] < self._stages[-1][0]:
                raise ValueError(f"a stage of {stage[0]} ns comes after one of {self._stages[-1][0]} ns")
            self._stages.append(stage)

    def at(self, due_ns: int) -> tuple[int, int]:
        """Return the rules on an order of a visit that is due at an instant, and the products in its cart."""
        index = bisect_right(self._stages, due_ns, key=_start)
        return self._stages[index - 1][1:] if index else USUAL


def stage_of(start_ns: int, phase: Phase) -> Stage:
    """Return a phase that begins at an instant as a stage."""
    rules, lines = USUAL
    return (
        start_ns,
        rules if phase.rules is None else phase.rules,
        lines if phase.cart_lines is None else phase.cart_lines,
    )


def varied_of(timeline: Timeline) -> tuple[Stage, ...]:
    """Return the stages of a plan's phases; none if every order is as usual."""
    placed = zip(timeline.windows, timeline.phases, strict=True)
    stages = tuple(stage_of(window.start_ns, phase) for window, phase in placed)
    return () if all(stage[1:] == USUAL for stage in stages) else stages


def _start(stage: Stage) -> int:
    return stage[0]
