"""Whether an access log was the load that a plan's rates promise."""

from rehearsal.model.checks import sentence
from rehearsal.model.timeline import Timeline
from rehearsal.model.verdict import Finding, Status
from rehearsal.rundir.log_record import LogRecord, PhaseLoad

CHECK = "generator.log"
#: A phase in which less than this part of its visits' requests is due is another load than its rate says.
ENOUGH = 0.9


def judge_log(record: LogRecord | None, timeline: Timeline, judged: frozenset[str]) -> tuple[Finding, ...]:
    """Return generator.log of each phase of the kinds `judged`; nothing if the load was no log.

    Sessions go on for as long as in the log. Where that is longer than a phase, most of what its visits ask
    for comes after it, or after the run: the shop has met the visits, but not their load.
    """
    if record is None:
        return ()
    phases = [phase.name for phase in timeline.phases if phase.kind in judged]
    return tuple(_phase(record, name, record.phases[name]) for name in phases)


def _phase(record: LogRecord, phase: str, load: PhaseLoad) -> Finding:
    share = load.due / load.brought if load.brought else 0.0
    words = f"{phase}: {load.due:,} requests are due in it, and its visits bring {load.brought:,}"
    if share < ENOUGH:
        length_s = record.length_mean_s
        words += f"; sessions of this log last {length_s:.0f} s in the mean: let the phase be much longer"
    return Finding(
        check=CHECK,
        subject=phase,
        status=Status.PASS if share >= ENOUGH else Status.INCONCLUSIVE,
        summary=sentence(words),
        measured=share,
        limit=ENOUGH,
        unit="share",
        evidence={"due": load.due, "brought": load.brought, "session_mean_s": record.length_mean_s},
    )
