"""What is written beside the history: the run's identity and circumstances, and its verdict."""

import msgspec

from rehearsal.model.verdict import VIOLATIONS, WORST_FIRST, Finding, Status, Verdict
from rehearsal.rundir.log_record import LogRecord
from rehearsal.rundir.sweep import Swept
from rehearsal.rundir.worker_record import WorkerRecord

#: So many ids of a finding stand in verdict.json; findings.json has more.
NAMED = 5


class StopRecord(msgspec.Struct, frozen=True, kw_only=True):
    """Which of the plan's stop conditions was met, `at_s` after the origin: `measured` was beyond `limit`."""

    condition: str
    at_s: float
    summary: str
    measured: float
    limit: float
    unit: str


class RunRecord(msgspec.Struct, frozen=True, kw_only=True):
    """`run.json`: what was run, when, on what. The history counts from the monotonic instant `origin_ns`.

    `unhealed` are the nemesis's sentences on faults it could not heal. `workers` are the load processes.
    `tripped`: a stop condition of the plan ended it early, and what had been shown by then is judged.
    `offers` are the methods that the adapter has; None: not known, or no adapter's load.
    `secrets` is what the search for them in this folder came to; None if the plan has none.
    `log` is what the load was, if it was an access log.
    """

    schema: int
    run_id: str
    harness_version: str
    started_at: str
    origin_ns: int
    seed: int
    defects: tuple[str, ...]
    versions: dict[str, str]
    machine: dict[str, str]
    shop_digest: str
    stopped: str = ""
    unhealed: tuple[str, ...] = ()
    workers: tuple[WorkerRecord, ...] = ()
    tripped: StopRecord | None = None
    offers: tuple[str, ...] | None = None
    secrets: Swept | None = None
    log: LogRecord | None = None


class Deciding(msgspec.Struct, frozen=True, kw_only=True):
    """A finding that did not pass, in short: `ids` are its first few, `more_ids` counts the rest."""

    check: str
    status: Status
    subject: str
    summary: str
    ids: tuple[str, ...] = ()
    more_ids: int = 0


class VerdictRecord(msgspec.Struct, frozen=True, kw_only=True):
    """`verdict.json`: the verdict, how many findings stand behind it, and those that decided it."""

    schema: int
    run_id: str
    verdict: Verdict
    counts: dict[str, int]
    deciding: tuple[Deciding, ...]


def verdict_record(
    run_id: str, verdict: Verdict, findings: tuple[Finding, ...], schema: int
) -> VerdictRecord:
    """Return what verdict.json says: `deciding` are all findings that did not pass, worst first."""
    statuses = [finding.status for finding in findings]
    ordered = sorted(findings, key=lambda finding: WORST_FIRST.index(finding.status))
    return VerdictRecord(
        schema=schema,
        run_id=run_id,
        verdict=verdict,
        counts={status.value: statuses.count(status) for status in sorted(set(statuses))},
        deciding=tuple(_in_short(finding) for finding in ordered if finding.status is not Status.PASS),
    )


def _in_short(finding: Finding) -> Deciding:
    # A finding names some of its offenders only; where it counts violations, `measured` knows all of them.
    counted = int(finding.measured or 0) if finding.unit == VIOLATIONS else 0
    return Deciding(
        check=finding.check,
        status=finding.status,
        subject=finding.subject,
        summary=finding.summary,
        ids=finding.ids[:NAMED],
        more_ids=max(counted, len(finding.ids)) - len(finding.ids[:NAMED]),
    )
