"""What a finished drill says of its case. Pure."""

from collections.abc import Mapping
from fnmatch import fnmatchcase

from rehearsal.model.verdict import Status, Verdict
from rehearsal.pipeline.selftest.case import Case, CaseKind, Result, Seen, Standing

_EFFECT = "fault.*.effect"


def result_of(case: Case, seen: Seen, *, seconds: float, attempts: int) -> Result:
    """Return the result of a case whose last attempt left `seen`."""
    return Result(
        name=case.name,
        kind=case.kind,
        fault=case.fault,
        seed=case.seed,
        expected=case.expected,
        found=failed(seen.statuses),
        standing=standing_of(case, seen),
        verdict=seen.verdict,
        seconds=round(seconds, 1),
        attempts=attempts,
        run=seen.run,
        note=note_of(case, seen),
    )


def standing_of(case: Case, seen: Seen) -> Standing:
    """Return what a case is worth.

    A caught bug is caught however the machine starved besides: no invariant fails for want of time. A
    clean run counts only if its fault was felt; an INVALID one never does.
    """
    found = failed(seen.statuses)
    if case.kind is CaseKind.DEFECT and any(answers(check, case.expected) for check in found):
        return Standing.CAUGHT
    if case.kind is CaseKind.CLEAN and found:
        return Standing.ALARM
    if seen.broken or not seen.statuses:
        return Standing.BROKEN
    if Status.INVALID in seen.statuses.values() or seen.verdict == Verdict.INVALID:
        return Standing.STARVED
    if unfelt(seen.statuses):
        return Standing.UNFELT
    return Standing.MISSED if case.kind is CaseKind.DEFECT else Standing.CLEAN


def answers(check: str, expected: tuple[str, ...]) -> bool:
    """Tell whether a check is expected, or below one that is: `a.b` and `a/b` answer `a`, `ab` does not."""
    return any(check == name or check.startswith((f"{name}.", f"{name}/")) for name in expected)


def failed(statuses: Mapping[str, str]) -> tuple[str, ...]:
    """Return the checks that failed, in order of their names."""
    return tuple(sorted(check for check, status in statuses.items() if status == Status.FAIL))


def unfelt(statuses: Mapping[str, str]) -> tuple[str, ...]:
    """Return the effects of faults that were not proven."""
    return tuple(
        sorted(c for c, status in statuses.items() if fnmatchcase(c, _EFFECT) and status != Status.PASS)
    )


def note_of(case: Case, seen: Seen) -> str:
    """Return in words why a case that is not good is not; "" for a good one."""
    standing = standing_of(case, seen)
    if standing.is_good:
        return ""
    found = ", ".join(failed(seen.statuses)) or "nothing"
    words = {
        Standing.MISSED: f"expected {' or '.join(case.expected)}; {found} failed",
        Standing.ALARM: f"{found} failed on the correct shop",
        Standing.STARVED: "the machine starved the run: "
        + ", ".join(sorted(c for c, status in seen.statuses.items() if status == Status.INVALID)),
        Standing.UNFELT: f"not proven: {', '.join(unfelt(seen.statuses))}",
    }
    return words.get(standing, seen.broken or "the drill left no findings")
