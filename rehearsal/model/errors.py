"""Every error the harness raises on purpose, and the exit code each one means.

RehearsalError              2  something a person can mend; the message says how
├── PlanError               2  the plan is wrong; carries every mistake, each with its place
├── TargetRefused           2  the target is neither loopback nor named in target.allow
├── Unreachable             2  the shop, the provider or a control API does not answer
├── PrerequisiteMissing     2  a program the drill needs is not on this machine
├── RunDirError             2  a run folder is missing, half written or of another schema
├── BrokenOff               4  a part of the harness died in the middle of a run; the run is INVALID
├── Tripped                 5  a stop condition of the plan was met; everything was healed
└── Stopped                 5  a person or the system stopped the drill; everything was healed
"""

from dataclasses import dataclass

EXIT_OK = 0
EXIT_FAILED = 1
EXIT_USAGE = 2
EXIT_INCONCLUSIVE = 3
EXIT_INVALID = 4
EXIT_STOPPED = 5


class RehearsalError(Exception):
    """Something a person can mend: one clear sentence, then the mend."""

    exit_code = EXIT_USAGE


@dataclass(frozen=True, slots=True, order=True)
class Mistake:
    """One thing wrong in a plan. `line` counts from 1; 0 means the file as a whole."""

    line: int
    place: str
    message: str

    def __str__(self) -> str:
        """Return `line 12, traffic.multiplier: …`, as an editor would show it."""
        where = f"line {self.line}, " if self.line else ""
        return f"{where}{self.place}: {self.message}"


class PlanError(RehearsalError):
    """The plan cannot be rehearsed; `mistakes` holds all of them, in file order."""

    def __init__(self, source: str, mistakes: tuple[Mistake, ...]) -> None:
        """Take the plan's name and its mistakes (at least one)."""
        self.source = source
        self.mistakes = tuple(sorted(mistakes))
        count = len(self.mistakes)
        head = f"{source} has {count} mistake{'s' if count > 1 else ''}:"
        super().__init__("\n".join([head, *(f"  {mistake}" for mistake in self.mistakes)]))


class TargetRefused(RehearsalError):
    """The target's host is neither loopback nor named in the plan's `target.allow`."""


class Unreachable(RehearsalError):
    """A server that the drill needs does not answer."""


class PrerequisiteMissing(RehearsalError):
    """A program or a file that the drill needs is not on this machine."""


class RunDirError(RehearsalError):
    """A run folder is missing, incomplete or written by another schema version."""


class BrokenOff(RehearsalError):
    """A part of the harness died in the middle of a run: its verdict is INVALID."""

    exit_code = EXIT_INVALID


class Stopped(RehearsalError):
    """A drill was stopped before its end; everything it broke has been healed."""

    exit_code = EXIT_STOPPED


class Tripped(RehearsalError):
    """A stop condition of the plan was met: the drill is healed at once, and what it had shown is judged."""

    exit_code = EXIT_STOPPED

    def __init__(self, condition: str, words: str, *, measured: float, limit: float, unit: str) -> None:
        """Take the condition by its key in the plan, what was seen, and the figures."""
        super().__init__(words)
        self.condition = condition
        self.measured = measured
        self.limit = limit
        self.unit = unit
