"""The signed statement: shapes of in-toto, names of tests, and what is never claimed."""

import json

import msgspec
import pytest

from rehearsal.model.errors import RunDirError
from rehearsal.model.verdict import Finding, Status, Verdict
from rehearsal.rundir import folder
from reports.statement import CONFIGURATION, named_tests, result_of, statement_of
from tests.reports.run_factory import SHOP_DIGEST

DIGESTS = {name: f"{number:064x}" for number, name in enumerate(CONFIGURATION)}


def finding(status: Status, check: str = "slo.goodput", subject: str = "burst") -> Finding:
    """Return a finding."""
    return Finding(check=check, status=status, summary="", subject=subject)


def test_statement_has_the_shape_of_the_specification() -> None:
    """Type, subject, predicate type and the plan first among the configuration, in their JSON names."""
    statement = statement_of(
        shop_digest=SHOP_DIGEST,
        findings=(finding(Status.PASS),),
        verdict=Verdict.GO,
        digests=DIGESTS,
        facts={"verdict": "GO"},
    )
    table = json.loads(msgspec.json.encode(statement))

    assert table["_type"] == "https://in-toto.io/Statement/v1"
    assert table["predicateType"] == "https://in-toto.io/attestation/test-result/v0.1"
    assert table["subject"] == [{"name": "shop", "digest": {"sha256": SHOP_DIGEST}}]
    assert table["predicate"]["configuration"][0] == {
        "name": "plan.json",
        "digest": {"sha256": DIGESTS["plan.json"]},
        "mediaType": "application/json",
    }
    assert table["predicate"]["passedTests"] == ["slo.goodput[burst]"]
    assert table["predicate"]["warnedTests"] == []
    assert table["predicate"]["failedTests"] == []


def test_facts_annotate_the_report_alone() -> None:
    """The report's descriptor carries the verdict and the headroom; no other does."""
    statement = statement_of(
        shop_digest=SHOP_DIGEST,
        findings=(),
        verdict=Verdict.NO_GO,
        digests=DIGESTS,
        facts={"verdict": "NO_GO"},
    )
    annotated = {resource.name: resource.annotations for resource in statement.predicate.configuration}

    assert annotated.pop(folder.REPORT) == {"verdict": "NO_GO"}
    assert set(map(str, annotated.values())) == {"{}"}


def test_every_signed_file_is_covered() -> None:
    """What the run folder calls signed and what the statement covers are the same."""
    assert sorted(folder.SIGNED) == sorted(CONFIGURATION)


@pytest.mark.parametrize(
    ("verdict", "result"),
    [
        (Verdict.GO, "PASSED"),
        (Verdict.NO_GO, "FAILED"),
        (Verdict.INVALID, "FAILED"),
        (Verdict.INCONCLUSIVE, "FAILED"),
    ],
)
def test_only_go_is_passed(verdict: Verdict, result: str) -> None:
    """Whatever is not a GO is FAILED; nothing is ever WARNED."""
    assert result == result_of(verdict)


@pytest.mark.parametrize(
    ("status", "name"),
    [
        pytest.param(Status.FAIL, "slo.goodput[burst]", id="a failed check by its name"),
        pytest.param(Status.INCONCLUSIVE, "inconclusive:slo.goodput[burst]", id="not known"),
        pytest.param(Status.INVALID, "invalid:slo.goodput[burst]", id="the harness at fault"),
    ],
)
def test_what_did_not_pass_is_among_the_failed(status: Status, name: str) -> None:
    """The name says why."""
    assert ((), (name,)) == named_tests([finding(status)])


def test_a_check_without_a_subject_is_named_bare() -> None:
    """No empty brackets."""
    assert named_tests([finding(Status.PASS, "ledger.balance", "")]) == (("ledger.balance",), ())


@pytest.mark.parametrize("digest", ["", "5d", "5D" * 32, SHOP_DIGEST + "\n"])
def test_nothing_is_signed_about_an_unknown_shop(digest: str) -> None:
    """A statement without a subject would be about nothing."""
    with pytest.raises(RunDirError, match="nothing to sign about"):
        statement_of(shop_digest=digest, findings=(), verdict=Verdict.GO, digests=DIGESTS, facts={})
