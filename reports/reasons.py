"""Why the verdict is what it is, in sentences. Pure."""

from collections.abc import Sequence

from rehearsal.model.verdict import Finding, Status, Verdict
from reports.fault_story import FaultStory
from reports.headroom import Headroom

_NO_CHECKS = "No check was made, and an empty set of checks never passes."


def reasons_of(
    verdict: Verdict, findings: Sequence[Finding], headroom: Headroom, faults: Sequence[FaultStory]
) -> tuple[str, ...]:
    """Return what speaks against a GO (`findings` come worst first), or the few facts that carry it."""
    if not findings:
        return (_NO_CHECKS,)
    if verdict is not Verdict.GO:
        return tuple(finding.summary for finding in findings if finding.status is not Status.PASS)
    facts = [_headroom(headroom), *(_survived(story) for story in faults), _books(findings)]
    return (*(fact for fact in facts if fact), f"All {len(findings)} checks passed.")


def _headroom(headroom: Headroom) -> str:
    if headroom.held_per_s is None or headroom.ratio is None:
        return ""
    return (
        f"It held {headroom.held_per_s:.1f} visits a second, {headroom.ratio:.2f} times the forecast peak "
        f"of {headroom.forecast_per_s:g}; {headroom.factor:g} times is asked for."
    )


def _survived(story: FaultStory) -> str:
    recovery = next(
        (f for f in story.findings if f.check.startswith("recovery") and f.measured is not None), None
    )
    if recovery is None:
        return ""
    return (
        f"{story.title.capitalize()}: survived, and back to normal {recovery.measured:.1f} s after healing "
        f"({story.fault.recover_within_s:g} s allowed)."
    )


def _books(findings: Sequence[Finding]) -> str:
    names = [
        f.check.split(".")[-1].replace("_", " ")
        for f in findings
        if f.check.split(".")[0] in {"invariant", "ledger"}
    ]
    return f"The books balance: {', '.join(dict.fromkeys(names))}." if names else ""
