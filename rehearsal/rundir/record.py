"""What is written beside the history: the run's identity and circumstances, and its verdict."""

import msgspec

from rehearsal.model.verdict import Finding, Verdict


class RunRecord(msgspec.Struct, frozen=True, kw_only=True):
    """`run.json`: what was run, when, on what. The history counts from the monotonic instant `origin_ns`.

    `unhealed` are the nemesis's sentences on faults it could not heal.
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


class VerdictRecord(msgspec.Struct, frozen=True, kw_only=True):
    """`verdict.json`: the verdict, how many findings stand behind it, and those that decided it."""

    schema: int
    run_id: str
    verdict: Verdict
    counts: dict[str, int]
    deciding: tuple[str, ...]


def verdict_record(
    run_id: str, verdict: Verdict, findings: tuple[Finding, ...], schema: int
) -> VerdictRecord:
    """Return what verdict.json says: `deciding` are the summaries of all findings that did not pass."""
    statuses = [finding.status.value for finding in findings]
    return VerdictRecord(
        schema=schema,
        run_id=run_id,
        verdict=verdict,
        counts={status: statuses.count(status) for status in sorted(set(statuses))},
        deciding=tuple(f.summary for f in findings if f.status.value != "PASS"),
    )
