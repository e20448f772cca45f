"""Signs a finished run: the statement over the digests of its files, in an envelope beside them."""

from pathlib import Path
from typing import Any

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pydantic import ValidationError

from rehearsal.model.capacity import CapacityRecord
from rehearsal.model.errors import RunDirError
from rehearsal.model.plan import Plan
from rehearsal.model.verdict import Finding
from rehearsal.rundir import folder
from rehearsal.rundir.record import RunRecord, VerdictRecord
from reports import capacity, envelope, keys, statement
from reports.headroom import facts_of, headroom_of


def sign_run(run: Path, key: Ed25519PrivateKey) -> Path:
    """Sign the files of a run: write `harness.pub.pem` and `evidence.dsse.json`, whose path is returned.

    RunDirError if a file is missing or unreadable.
    """
    payload = msgspec.json.encode(_statement(run))
    path = run / folder.EVIDENCE
    folder.write_bytes(run / folder.PUBLIC_KEY, keys.public_pem(key.public_key()))
    folder.write_bytes(path, envelope.encode(envelope.sign(payload, key)))
    return path


def read_plan(run: Path) -> Plan:
    """Read `plan.json`; RunDirError if it is missing or not a plan."""
    try:
        return Plan.model_validate_json((run / folder.PLAN).read_bytes())
    except (OSError, ValidationError) as error:
        raise RunDirError(f"{run / folder.PLAN} cannot be read: {error}") from None


def _statement(run: Path) -> statement.Statement:
    findings = folder.read_json(run / folder.FINDINGS, tuple[Finding, ...])
    verdict = folder.read_json(run / folder.VERDICT, VerdictRecord).verdict
    plan, searched = read_plan(run), run / folder.CAPACITY
    record = folder.read_json(searched, CapacityRecord) if searched.exists() else None
    facts: dict[str, Any] = {
        "verdict": verdict.value,
        **facts_of(headroom_of(plan, findings)),
        **capacity.facts_of(record, plan.forecast.peak_per_s if plan.forecast else None),
    }
    return statement.statement_of(
        shop_digest=folder.read_json(run / folder.RUN, RunRecord).shop_digest,
        findings=findings,
        verdict=verdict,
        digests={name: folder.sha256_of(run / name) for name in statement.configuration_in(run)},
        facts=facts,
    )
