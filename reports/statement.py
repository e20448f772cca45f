"""What is signed: an in-toto Statement v1 with a test-result v0.1 predicate.

Sources: https://github.com/in-toto/attestation, spec/v1/statement.md and spec/predicates/test-result.md.
The subject is what was TESTED (the shop); the files of the run are the test's configuration.
"""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from rehearsal.model.errors import RunDirError
from rehearsal.model.verdict import Finding, Status, Verdict
from rehearsal.rundir import folder

STATEMENT_TYPE = "https://in-toto.io/Statement/v1"
PREDICATE_TYPE = "https://in-toto.io/attestation/test-result/v0.1"

#: Consumers take the first as the test's identity, so the plan leads.
CONFIGURATION = (
    folder.PLAN,
    folder.SCHEDULE,
    folder.HISTORY,
    folder.HISTOGRAMS,
    folder.FINAL,
    folder.FINDINGS,
    folder.VERDICT,
    folder.REPORT,
    folder.RUN,
)

_MEDIA_TYPES = {
    ".json": "application/json",
    ".html": "text/html",
    ".parquet": "application/vnd.apache.parquet",
}
_PREFIXES = {Status.INCONCLUSIVE: "inconclusive:", Status.INVALID: "invalid:"}


def configuration_in(run: Path) -> tuple[str, ...]:
    """Return the names of the files that a statement about a run covers, in their order."""
    signed = folder.signed_in(run)
    return (*CONFIGURATION, *(name for name in folder.SIGNED_IF_THERE if name in signed))


class Resource(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """A ResourceDescriptor: a name and the digest of its bytes."""

    name: str
    digest: dict[str, str]
    media_type: str = ""
    annotations: dict[str, Any] = {}


class TestResult(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """The predicate. `result` has no value for "not known": anything but GO is FAILED, never WARNED."""

    __test__ = False  # a name of the specification, not a test class

    result: str
    configuration: tuple[Resource, ...]
    passed_tests: tuple[str, ...]
    warned_tests: tuple[str, ...]
    failed_tests: tuple[str, ...]


class Statement(
    msgspec.Struct, frozen=True, kw_only=True, rename={"type_": "_type", "predicate_type": "predicateType"}
):
    """The statement that is signed."""

    type_: str
    subject: tuple[Resource, ...]
    predicate_type: str
    predicate: TestResult


def statement_of(
    *,
    shop_digest: str,
    findings: Sequence[Finding],
    verdict: Verdict,
    digests: Mapping[str, str],
    facts: Mapping[str, Any],
) -> Statement:
    """Return the statement about one run; `digests` has the SHA-256 of each file of `configuration_in`.

    `facts` become annotations of the report. RunDirError if the tested shop has no SHA-256.
    """
    if not re.fullmatch(r"[0-9a-f]{64}", shop_digest):
        raise RunDirError("run.json holds no SHA-256 of the tested shop, so there is nothing to sign about.")
    passed, failed = named_tests(findings)
    return Statement(
        type_=STATEMENT_TYPE,
        subject=(Resource(name="shop", digest={"sha256": shop_digest}),),
        predicate_type=PREDICATE_TYPE,
        predicate=TestResult(
            result=result_of(verdict),
            configuration=tuple(_described(name, digest, facts) for name, digest in digests.items()),
            passed_tests=passed,
            warned_tests=(),
            failed_tests=failed,
        ),
    )


def result_of(verdict: Verdict) -> str:
    """Return PASSED for GO and FAILED for everything else."""
    return "PASSED" if verdict is Verdict.GO else "FAILED"


def named_tests(findings: Sequence[Finding]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the names of passed and of other checks, as `slo.goodput[burst]` or `invalid:generator.lag`."""
    passed = sorted(_name(f) for f in findings if f.status is Status.PASS)
    others = sorted(_PREFIXES.get(f.status, "") + _name(f) for f in findings if f.status is not Status.PASS)
    return tuple(passed), tuple(others)


def _name(finding: Finding) -> str:
    return f"{finding.check}[{finding.subject}]" if finding.subject else finding.check


def _described(name: str, digest: str, facts: Mapping[str, Any]) -> Resource:
    return Resource(
        name=name,
        digest={"sha256": digest},
        media_type=_MEDIA_TYPES[name[name.rindex(".") :]],
        annotations=dict(facts) if name == folder.REPORT else {},
    )
