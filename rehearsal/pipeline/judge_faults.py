"""Faults judged: what the nemesis saw, weighed against the seconds in which the machine starved."""

from collections.abc import Sequence

import polars as pl
from msgspec.structs import replace

from capacity.generator import starved_seconds
from capacity.starvation import Starved
from chaos.effects import fault_findings
from rehearsal.model.checks import sentence
from rehearsal.model.clock import NS_PER_S, nanoseconds
from rehearsal.model.plan import Limits
from rehearsal.model.timeline import Timeline, Window
from rehearsal.model.verdict import Finding, Status

#: A proof that failed all through so many seconds of a sound machine (canaries ask ten times in each) is
#: the shop's failure, however the machine starved besides.
SOUND_S = 2


def judge_faults(
    frame: pl.DataFrame,
    timeline: Timeline,
    limits: Limits,
    unhealed: Sequence[str],
    *,
    by_step: bool = True,
    on_links: bool = False,
) -> tuple[Finding, ...]:
    """Return fault.unhealed for each sentence of the nemesis, then fault.<kind>.effect and .healed.

    A healing that could not be proven while the machine starved is INVALID, not FAIL: a canary of one
    second's patience says nothing there. A healing that itself went wrong stays a FAIL.
    """
    found = fault_findings(frame, timeline, by_step=by_step, on_links=on_links)
    if any(finding.status is Status.FAIL for finding in found):
        starved = Starved(starved_seconds(frame, limits))
        found = tuple(_tempered(finding, starved) for finding in found)
    statuses = {finding.status for finding in found}
    excused = Status.INVALID in statuses and Status.FAIL not in statuses
    status = Status.INVALID if excused else Status.FAIL
    left = (Finding(check="fault.unhealed", status=status, summary=problem) for problem in unhealed)
    return (*left, *found)


def _tempered(finding: Finding, starved: Starved) -> Finding:
    if finding.status is not Status.FAIL or "start_s" not in finding.evidence:
        return finding
    start_ns = nanoseconds(finding.evidence["start_s"])
    end_ns = max(nanoseconds(finding.evidence["end_s"]), start_ns + 1)
    seconds = range(start_ns // NS_PER_S, (end_ns - 1) // NS_PER_S + 1)

    def elsewhere() -> Finding:
        asked = pl.DataFrame({"second": seconds})
        sound = starved.untouched(asked).height
        return finding if sound >= SOUND_S else replace(finding, status=Status.INCONCLUSIVE)

    bare = replace(finding, summary=finding.summary.removesuffix("."))
    tempered = starved.temper(bare, Window(start_ns, end_ns), elsewhere)
    return replace(tempered, summary=sentence(tempered.summary))
