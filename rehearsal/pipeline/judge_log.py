"""Whether an access log was the load that a plan's rates promise."""

import math

from rehearsal.model.checks import sentence
from rehearsal.model.timeline import Timeline
from rehearsal.model.verdict import Finding, Status
from rehearsal.rundir.log_record import LogRecord, PhaseLoad

CHECK = "generator.log"
#: A phase in which less than this part of its visits' requests is due is another load than its rate says.
ENOUGH = 0.9


def judge_log(record: LogRecord | None, timeline: Timeline, judged: frozenset[str]) -> tuple[Finding, ...]:
    """Return generator.log of each phase of the kinds `judged`; nothing if the load was no log.

    Sessions go on for as long as in the log. Where that is long beside a phase, much of what its visits ask
    for comes after it, or after the run: the shop has met the visits, but not their load. If a request comes
    m seconds after its session's first in the mean, a phase of T seconds at one rate, begun with nobody
    there, has the share 1 - m / T of it, or more.
    """
    if record is None:
        return ()
    phases = [phase.name for phase in timeline.phases if phase.kind in judged]
    return tuple(_phase(record, name, record.phases[name]) for name in phases)


def _phase(record: LogRecord, phase: str, load: PhaseLoad) -> Finding:
    share = load.due / load.brought if load.brought else 0.0
    words = f"{phase}: {load.due:,} requests are due in it, and its visits bring {load.brought:,}"
    if share < ENOUGH:
        words += (
            f"; a request of this log comes {record.offset_mean_s:.1f} s after its session's first,"
            f" in the mean: let the phase last {_enough_s(record):,} s or longer"
        )
    return Finding(
        check=CHECK,
        subject=phase,
        status=Status.PASS if share >= ENOUGH else Status.INCONCLUSIVE,
        summary=sentence(words),
        measured=share,
        limit=ENOUGH,
        unit="share",
        evidence={"due": load.due, "brought": load.brought, "offset_mean_s": record.offset_mean_s},
    )


def _enough_s(record: LogRecord) -> int:
    # To tenths first: 4 / (1 - 0.9) is a little more than 40.
    return math.ceil(round(record.offset_mean_s / (1 - ENOUGH), 1))
