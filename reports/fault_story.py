"""What happened under each fault: injected when, its effect proven how, healed when. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from string import ascii_uppercase

import polars as pl

from rehearsal.model.clock import NS_PER_S, seconds
from rehearsal.model.fault_facts import FACTS
from rehearsal.model.history import Kind
from rehearsal.model.plan import Fault
from rehearsal.model.timeline import PlacedFault, Timeline
from rehearsal.model.verdict import Finding

_FAMILIES = {"fault", "recovery"}
_STEP_COLUMNS = ("sent_ns", "done_ns", "note", "outcome")


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultStep:
    """One step of the nemesis (inject, effect, heal, healed): when, and what was seen."""

    name: str
    sent_s: float
    done_s: float
    saw: str
    outcome: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultStory:
    """A planned fault and what became of it. Instants are None for what the history does not show.

    It was in force from `injected_s` to `mended_s`, from where the time to recover counts.
    """

    letter: str
    title: str
    fault: Fault
    injected_s: float | None
    mended_s: float | None
    steps: tuple[FaultStep, ...]
    findings: tuple[Finding, ...]

    @property
    def recovery(self) -> Finding | None:
        """Return the finding about the time to recover."""
        check = f"recovery.{self.fault.kind}"
        return next((finding for finding in self.findings if finding.check == check), None)


def stories_of(
    frame: pl.DataFrame, timeline: Timeline, findings: Sequence[Finding], *, has_regions: bool = True
) -> tuple[FaultStory, ...]:
    """Return the plan's faults in the order of their windows, with the rows and findings of each.

    Not `has_regions`: of another shop's regions nothing is known, and none is named.
    """
    placed = sorted(timeline.faults, key=lambda item: item.window.start_ns)
    rows = frame.filter(pl.col("kind") == Kind.FAULT).sort("sent_ns", maintain_order=True)
    titles = [title_of(item.fault, has_regions=has_regions) for item in placed]
    return tuple(
        _story(letter, title, item, _steps(rows, item, placed), findings)
        for letter, title, item in zip(ascii_uppercase, titles, placed, strict=False)
    )


def title_of(fault: Fault, *, has_regions: bool = True) -> str:
    """Return a fault's name in words, with the region it struck."""
    facts = FACTS[fault.kind]
    if not (facts.in_region and has_regions):
        return facts.title
    named = f"region {fault.region.upper()}"
    return facts.title.replace("region", named, 1) if "region" in facts.title else f"{facts.title}, {named}"


def _steps(rows: pl.DataFrame, item: PlacedFault, placed: Sequence[PlacedFault]) -> tuple[FaultStep, ...]:
    """Return the steps of one fault: from a second before its window to a second before its kind's next."""
    starts_ns = [other.window.start_ns for other in placed if other.fault.kind == item.fault.kind]
    later = [start_ns for start_ns in starts_ns if start_ns > item.window.start_ns]
    own = (pl.col("f") == item.fault.kind) & (pl.col("sent_ns") >= item.window.start_ns - NS_PER_S)
    if later:
        own &= pl.col("sent_ns") < later[0] - NS_PER_S
    return tuple(_step(*row) for row in rows.filter(own).select(_STEP_COLUMNS).iter_rows())


def _step(sent_ns: int, done_ns: int, note: str, outcome: str) -> FaultStep:
    name, _, saw = note.partition(": ")
    return FaultStep(name=name, sent_s=seconds(sent_ns), done_s=seconds(done_ns), saw=saw, outcome=outcome)


def _story(
    letter: str, title: str, item: PlacedFault, steps: tuple[FaultStep, ...], findings: Sequence[Finding]
) -> FaultStory:
    return FaultStory(
        letter=letter,
        title=title,
        fault=item.fault,
        injected_s=next((step.sent_s for step in steps if step.name == "inject"), None),
        mended_s=next((step.done_s for step in steps if step.name == "heal" and step.outcome == "ok"), None),
        steps=steps,
        findings=tuple(finding for finding in findings if _concerns(finding, item.fault)),
    )


def _concerns(finding: Finding, fault: Fault) -> bool:
    family, _, rest = finding.check.partition(".")
    return family in _FAMILIES and rest.split(".")[0] == fault.kind and finding.subject == fault.phase
