"""What was broken, each violation with the smallest set of operations that proves it. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from rehearsal.model.verdict import Finding, Status

_FAMILY = "invariant."


@dataclass(frozen=True, slots=True, kw_only=True)
class ProofStep:
    """One operation, ledger entry or book of a proof; `at_s` is None for what was read after the run."""

    number: int
    at_s: float | None
    who: str
    what: str
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Violation:
    """An invariant that does not hold: its number and name, what was found, and the proof in time order."""

    slug: str
    title: str
    summary: str
    steps: tuple[ProofStep, ...]

    @property
    def lanes(self) -> tuple[str, ...]:
        """Return who appears in the proof, in the order of their first appearance."""
        return tuple(dict.fromkeys(step.who for step in self.steps))


class _Entry(msgspec.Struct, frozen=True):
    """One entry of a finding's evidence `proof`."""

    who: str
    what: str
    kind: str = ""
    at_s: float | None = None


def violations_of(findings: Sequence[Finding]) -> tuple[Violation, ...]:
    """Return the broken invariants that carry a proof, in the order of the findings."""
    broken = (one for one in findings if one.status is Status.FAIL and one.check.startswith(_FAMILY))
    return tuple(_violation(finding) for finding in broken if finding.evidence.get("proof"))


def _violation(finding: Finding) -> Violation:
    number, _, name = finding.check.removeprefix(_FAMILY).partition(".")
    slug = "-".join(part for part in (number.lower(), finding.subject.replace(" ", "-")) if part)
    return Violation(
        slug=slug,
        title=f"{number}, {name.replace('_', ' ')}",
        summary=finding.summary,
        steps=_steps(finding.evidence["proof"]),
    )


def _steps(proof: Any) -> tuple[ProofStep, ...]:
    entries = sorted(msgspec.convert(proof, list[_Entry]), key=_when)
    return tuple(
        ProofStep(number=number, at_s=entry.at_s, who=entry.who, what=entry.what, kind=entry.kind)
        for number, entry in enumerate(entries, start=1)
    )


def _when(entry: _Entry) -> float:
    return float("inf") if entry.at_s is None else entry.at_s
