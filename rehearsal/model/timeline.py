"""Where the phases and faults of a plan lie on the run's clock. Pure."""

from bisect import bisect_right
from dataclasses import dataclass

from rehearsal.model.clock import nanoseconds
from rehearsal.model.plan import Fault, Phase, Plan


@dataclass(frozen=True, slots=True)
class Window:
    """A half-open stretch of the run's clock, [start_ns, end_ns)."""

    start_ns: int
    end_ns: int

    def __contains__(self, instant_ns: int) -> bool:
        """Tell whether an instant lies in the window."""
        return self.start_ns <= instant_ns < self.end_ns

    @property
    def duration_s(self) -> float:
        """Return the window's length in seconds."""
        return (self.end_ns - self.start_ns) / 1e9


@dataclass(frozen=True, slots=True)
class PlacedFault:
    """A fault and the window in which the plan holds it."""

    fault: Fault
    window: Window


@dataclass(frozen=True, slots=True)
class Timeline:
    """The plan's phases and faults, placed. `phases` and `windows` run in parallel."""

    phases: tuple[Phase, ...]
    windows: tuple[Window, ...]
    faults: tuple[PlacedFault, ...]

    @property
    def end_ns(self) -> int:
        """Return the instant at which the last phase ends."""
        return self.windows[-1].end_ns

    def phase_at(self, instant_ns: int) -> Phase:
        """Return the phase an instant falls in; the first before the start, the last after the end."""
        index = bisect_right([window.start_ns for window in self.windows], instant_ns) - 1
        return self.phases[max(0, index)]

    def window_of(self, phase_name: str) -> Window:
        """Return a phase's window; KeyError if the plan has no such phase."""
        for phase, window in zip(self.phases, self.windows, strict=True):
            if phase.name == phase_name:
                return window
        raise KeyError(phase_name)


def timeline_of(plan: Plan) -> Timeline:
    """Place a checked plan's phases one after another from 0, and its faults inside them."""
    windows: list[Window] = []
    start_ns = 0
    for phase in plan.phases:
        end_ns = start_ns + nanoseconds(phase.duration_s)
        windows.append(Window(start_ns, end_ns))
        start_ns = end_ns
    bare = Timeline(plan.phases, tuple(windows), ())
    placed = tuple(PlacedFault(fault, _fault_window(bare, fault)) for fault in plan.faults)
    return Timeline(plan.phases, tuple(windows), placed)


def starts_of(timeline: Timeline) -> tuple[tuple[str, int], ...]:
    """Return the phases' names and starts (ns since the origin), in order."""
    placed = zip(timeline.phases, timeline.windows, strict=True)
    return tuple((phase.name, window.start_ns) for phase, window in placed)


def _fault_window(timeline: Timeline, fault: Fault) -> Window:
    start_ns = timeline.window_of(fault.phase).start_ns + nanoseconds(fault.after_s)
    return Window(start_ns, start_ns + nanoseconds(fault.hold_s))
